"""Maximum mean discrepancy between two sets of rows."""

import numpy as np

from skgen.kernels.two_sample.distances import squared_distances

BLOCK = 2048
N_BANDWIDTHS = 5


def bandwidths_between(fine, coarse):
    """Five bandwidths, log-spaced from the fine to the coarse length of the data."""
    return np.geomspace(fine, coarse, N_BANDWIDTHS)


def kernel_mean(squares, bandwidths):
    """Mean over bandwidths b of exp(-squares / (2 b^2)), of the shape of ``squares``."""
    total = np.zeros_like(squares)
    for bandwidth in bandwidths:
        total += np.exp(squares * (-0.5 / bandwidth**2))
    return total / len(bandwidths)


def unbiased_mmd2(X, Y, bandwidths):
    """Unbiased MMD^2 of the rows X (n, d) and Y (m, d) (Gretton et al. 2012, eq. 3).

    The kernel is the mean of Gaussian kernels with the given bandwidths. Pairs of a row with
    itself are left out, so the value may be below zero. Needs n >= 2 and m >= 2.
    """
    n, m = len(X), len(Y)
    within_x = kernel_mean(squared_distances(X, X), bandwidths).sum() - n
    within_y = kernel_mean(squared_distances(Y, Y), bandwidths).sum() - m
    between = kernel_mean(squared_distances(X, Y), bandwidths).mean()
    return float(within_x / (n * (n - 1)) + within_y / (m * (m - 1)) - 2 * between)


def block_mmd2(X, Y, bandwidths, block=BLOCK):
    """Mean of ``unbiased_mmd2`` over blocks of as many rows of X and Y, weighted by their rows.

    Unbiased too, and linear in n instead of quadratic (Zaremba et al. 2013).
    """
    # Blocks of nearly equal size: a last one of a single row has no pair.
    parts = np.array_split(np.arange(len(X)), max(1, -(-len(X) // block)))
    values = [unbiased_mmd2(X[part], Y[part], bandwidths) for part in parts]
    return float(np.average(values, weights=[len(part) for part in parts]))


def weighted_mmd2(Z, A, B, bandwidths, block_rows):
    """Unbiased MMD^2 between pairs of weightings of the same rows Z (N, d), shape (c,).

    The columns of A and B (N, c) are weights that add up to one. A row that has weight in neither
    column or in both is legal; pairs of a row with itself are left out of both own terms. With
    weights 1 / n on the first n rows and 1 / m on the others this is ``unbiased_mmd2``. Memory is
    that of ``block_rows`` rows of the kernel matrix.
    """
    own_a, own_b, between = np.zeros((3, A.shape[1]))
    for start in range(0, len(Z), block_rows):
        rows = slice(start, start + block_rows)
        K = kernel_mean(squared_distances(Z[rows], Z), bandwidths)
        means_a, means_b = K @ A, K @ B
        own_a += (A[rows] * means_a).sum(axis=0)
        own_b += (B[rows] * means_b).sum(axis=0)
        between += (A[rows] * means_b).sum(axis=0)
    same_a, same_b = (A**2).sum(axis=0), (B**2).sum(axis=0)
    return (own_a - same_a) / (1 - same_a) + (own_b - same_b) / (1 - same_b) - 2 * between
