"""The spike-and-Laplace prior of sparse codes: moments, estimates and draws."""

from typing import NamedTuple

import numpy as np


class CodeSums(NamedTuple):
    """Weighted sums over coded rows; all additive, so batches and decay need no more."""

    weight: float
    active: np.ndarray
    positive: np.ndarray
    magnitude: np.ndarray
    squared_error: float


def code_sums(codes, squared_errors, weight):
    """Sums over codes (n, K), squared residual lengths (n,) and row weights (n,)."""
    w = np.asarray(weight, dtype=np.float64)
    return CodeSums(
        float(w.sum()),
        w @ (codes != 0),
        w @ (codes > 0),
        w @ np.abs(codes).astype(np.float64, copy=False),
        float(w @ squared_errors),
    )


def merged(older, newer, decay=1.0):
    """``decay`` times the older sums plus the newer."""
    return CodeSums(*(decay * a + b for a, b in zip(older, newer)))


def estimates(sums, n_features):
    """Maximum-likelihood prior: activation probability, fraction of positive signs, scale, noise.

    The scale is the mean magnitude of an active coefficient (the Laplace scale); it is zero, and
    the fraction one half, for atoms that are never active.
    """
    weight = max(sums.weight, np.finfo(np.float64).tiny)
    often = np.where(sums.active > 0, sums.active, 1.0)
    positive_fraction = np.where(sums.active > 0, sums.positive / often, 0.5)
    return (
        sums.active / weight,
        positive_fraction,
        sums.magnitude / often,
        sums.squared_error / (weight * n_features),
    )


def draw(n, probability, positive_fraction, scale, rng):
    """Codes (n, K): each atom is active with its probability and then Laplace with its scale."""
    shape = (n, len(scale))
    active = rng.random_sample(shape) < probability
    sign = np.where(rng.random_sample(shape) < positive_fraction, 1.0, -1.0)
    return active * sign * scale * rng.standard_exponential(shape)
