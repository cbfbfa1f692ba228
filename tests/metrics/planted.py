"""Pairs of samples with a known difference."""

import numpy as np


def shifted(rng, n):
    """A shift of 0.3 standard deviations in one of 20 columns."""
    X, Y = rng.standard_normal((2, n, 20))
    Y[:, 3] += 0.3
    return X, Y


def lost_mode(rng, n):
    """Eight modes on a ring, one of which the draws lack."""
    angles = np.arange(8) * np.pi / 4
    centers = 3 * np.column_stack([np.cos(angles), np.sin(angles)])
    X, Y = (centers[rng.integers(k, size=n)] + 0.3 * rng.standard_normal((n, 2)) for k in (8, 7))
    return X, Y


def wrong_correlation(rng, n):
    """A correlation of 0.6 that the draws lack; all columns by themselves are right."""
    X, Y = rng.standard_normal((2, n, 4))
    X[:, 1] = 0.6 * X[:, 0] + 0.8 * X[:, 1]
    return X, Y


DIFFERENCES = [shifted, lost_mode, wrong_correlation]
