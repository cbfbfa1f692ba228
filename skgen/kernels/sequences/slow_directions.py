"""Directions of unit variance that vary most slowly, and the quadratic expansion of rows."""

import numpy as np
from scipy.linalg import eigh

# Variances below this share of the largest are rounding: columns add up to each other.
RANK_TOLERANCE = 1e-12


def n_quadratic(d):
    """Number of d columns and all their products."""
    return d + d * (d + 1) // 2


def quadratic(Y):
    """Columns of Y and all their products, (n, d + d (d + 1) / 2)."""
    n, d = Y.shape
    out = np.empty((n, n_quadratic(d)))
    out[:, :d] = Y
    start = d
    for j in range(d):
        np.multiply(Y[:, j : j + 1], Y[:, j:], out=out[:, start : start + d - j])
        start += d - j
    return out


def slow_directions(covariance, speeds, most, k=None):
    """Solve ``speeds w = delta covariance w`` within the rank of the covariance.

    Parameters
    ----------
    covariance, speeds : ndarray of shape (d, d)
        Second moments of rows and of their steps.
    most : int
        Directions at most, whatever the rounding says: one less than the number of rows.
    k : int or None
        How many are wanted, the slowest; None is all of them.

    Returns
    -------
    delta : ndarray of shape (r,)
        Mean squared speed of each direction, the slowest first.
    directions : ndarray of shape (d, r)
        Columns w, for which ``w' covariance w`` is 1 and each pair is uncorrelated.
    constant : ndarray of shape (d, d - r)
        Orthonormal directions in which rows do not vary.
    floor : float
        Variance that counts as none.
    """
    variance, axes = eigh(covariance)
    floor = RANK_TOLERANCE * max(variance[-1], 0.0)
    varies = variance > floor
    varies[: max(len(variance) - most, 0)] = False
    whitening = axes[:, varies] / np.sqrt(variance[varies])
    r = whitening.shape[1]
    wanted = None if k is None or k >= r else (0, k - 1)
    delta, turn = eigh(whitening.T @ speeds @ whitening, subset_by_index=wanted)
    directions = whitening @ turn
    directions *= first_signs(directions)
    return np.maximum(delta, 0.0), directions, axes[:, ~varies], floor


def first_signs(directions):
    """Signs (r,) that make the largest entry of each direction positive: they are free."""
    largest = np.abs(directions).argmax(axis=0)
    return np.sign(directions[largest, np.arange(directions.shape[1])])
