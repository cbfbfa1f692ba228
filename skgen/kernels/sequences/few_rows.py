"""Slow quadratic functions by way of the rows, where these are fewer than the products."""

import numpy as np
from scipy.linalg import eigh

from skgen.kernels.moments import row_blocks
from skgen.kernels.sequences.slow_directions import RANK_TOLERANCE, first_signs, quadratic
from skgen.kernels.sequences.steps import speeds_of


def centered_gram(Y):
    """Inner products (n, n) of the centered rows of ``quadratic(Y)``, which is not made.

    The products of two rows y and z add up to half of ``(y . z)^2 + sum (y_i z_i)^2``.
    """
    P, squares = Y @ Y.T, Y * Y
    K = P + 0.5 * (P * P + squares @ squares.T)
    K -= K.mean(axis=0)
    return K - K.mean(axis=1, keepdims=True)


def slow_rows(Y, starts, elapsed, lag, k=None):
    """Slow directions of ``quadratic(Y)``, the same as those of its moments.

    With the Gram matrix K of centered rows, a direction is a sum of rows: a vector of length n.

    Parameters
    ----------
    Y : ndarray of shape (n, d)
        Rows in time order.
    starts, elapsed : ndarray of shape (n,)
        Which rows begin a sequence, and the time from the row before.
    lag : int
        Rows between the ends of a step.
    k : int or None
        How many are wanted, the slowest; None is all of them.

    Returns
    -------
    delta : ndarray of shape (r,)
        Mean squared speed of each direction, the slowest first.
    directions : ndarray of shape (d + d (d + 1) / 2, r)
        Columns of unit variance, uncorrelated.
    features : ndarray of shape (n, r)
        Centered values of the rows.
    mean : ndarray of shape (d + d (d + 1) / 2,)
        Mean of ``quadratic(Y)``.
    """
    n = len(Y)
    scatter, U = eigh(centered_gram(Y))
    varies = scatter > RANK_TOLERANCE * max(scatter[-1], 0.0)
    varies[:1] = False  # centered rows add up to zero
    scatter, white = scatter[varies], np.sqrt(n) * U[:, varies]
    # What rounding leaves of a mean would be divided by the scatter.
    white -= white.mean(axis=0)
    speeds = speeds_of(white, starts, elapsed, lag)
    wanted = None if k is None or k >= len(scatter) else (0, k - 1)
    delta, turn = eigh(speeds.T @ speeds / len(speeds), subset_by_index=wanted)
    features, of_rows = white @ turn, (white / scatter) @ turn
    total, directions = 0.0, 0.0
    for rows in row_blocks(n, Y.shape[1] ** 2, 8):
        Z = quadratic(Y[rows])
        total, directions = total + Z.sum(axis=0), directions + Z.T @ of_rows[rows]
    signs = first_signs(directions)
    return np.maximum(delta, 0.0), directions * signs, features * signs, total / n
