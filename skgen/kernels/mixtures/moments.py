"""Moments of the rows of each cluster, and products with their covariances."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.moments import row_blocks

# Responsibilities below this one are lost in the rounding of any sum that they would enter.
NO_SHARE = 1e-15
# Features up to which eigenvectors, and products of all pairs of columns, cost little.
SMALL = 16
# Features from which eigenvectors are too dear even once.
LARGE = 128
# Features a factor, from which a covariance costs more than what is asked of it.
FEATURES_A_FACTOR = 8


class ClusterMoments(NamedTuple):
    """Total weights (m,), means (m, d) and covariances (m, d, d) of the rows of each cluster."""

    weight: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


class Covariances(NamedTuple):
    """Covariances of m clusters by what they do, which needs no matrix of all features."""

    variances: np.ndarray  # (m, d)
    times: object  # from rows B (m, k, d) to B S
    matrices: np.ndarray | None = None  # (m, d, d), where they are known

    def shrunk(self, trust, expected):
        """``trust`` (m,) of these, the rest of the expected ones."""
        share, matrices = trust[:, None], None
        if self.matrices is not None:
            matrices = share[:, :, None] * self.matrices
            matrices += (1 - share[:, :, None]) * expected.matrices()
            return explicit(matrices)

        def times(B):
            return share[:, :, None] * self.times(B) + (1 - share[:, :, None]) * expected.times(B)

        return Covariances(share * self.variances + (1 - share) * expected.scale**2, times)


def explicit(S):
    """Covariances that are matrices S (m, d, d)."""
    return Covariances(np.diagonal(S, axis1=1, axis2=2), lambda B: B @ S, S)


def is_wide(d, k):
    """Whether products of k factors with rows cost less than the covariance of d features."""
    return d > LARGE and d > FEATURES_A_FACTOR * k


def shares(R):
    """Total weights (m,) and what each row gives of the mean of each cluster, (n, m)."""
    total = R.sum(axis=0)
    return total, R / np.where(total > 0, total, 1.0)


def weighted_variances(Y, R):
    """Total weights (m,), means and variances (m, d) from rows (n, d) and their parts R (n, m)."""
    total, share = shares(R)
    mean, square = share.T @ Y, np.zeros((share.shape[1], Y.shape[1]))
    for rows in row_blocks(*Y.shape, itemsize=64):
        square += share[rows].T @ Y[rows] ** 2
    return total, mean, np.maximum(square - mean**2, 0.0)


def weighted_moments(Y, R):
    """Moments of the clusters from rows (n, d) and what each gives to each cluster, (n, m)."""
    total, share = shares(R)
    moments = _by_products if Y.shape[1] <= SMALL else _by_clusters
    return ClusterMoments(total, *moments(Y, share))


def _by_products(Y, share):
    """Means and covariances by one product of the shares with all products of two columns."""
    d = Y.shape[1]
    i, j = mg.upper_pairs(d)
    mean, second = share.T @ Y, np.zeros((len(i), share.shape[1]))
    for rows in row_blocks(len(Y), len(i), itemsize=64):
        columns = np.ascontiguousarray(Y[rows].T)
        second += (columns[i] * columns[j]) @ share[rows]
    return mean, mg.unpack_symmetric(second.T, d) - mean[:, :, None] * mean[:, None, :]


def _by_clusters(Y, share):
    """The same by a product for each cluster with the rows that belong to it."""
    m, d = share.shape[1], Y.shape[1]
    mean, covariance = share.T @ Y, np.zeros((m, d, d))
    for c in np.flatnonzero(share.any(axis=0)):
        for rows, weight in _own(Y, share[:, c]):
            centered = (rows - mean[c]) * np.sqrt(weight)[:, None]
            covariance[c] += centered.T @ centered
    return mean, covariance


def _own(Y, share):
    """Blocks of the rows that give a share, and their shares."""
    own = np.flatnonzero(share > NO_SHARE / len(Y))
    rows, weight = (Y, share) if len(own) == len(Y) else (Y[own], share[own])
    for block in row_blocks(*rows.shape, itemsize=64):
        yield rows[block], weight[block]


def of_rows(Y, R):
    """Total weights (m,), means (m, d) and ``Covariances``, of many features.

    Each product reads the rows of each cluster once.
    """
    total, mean, variances = weighted_variances(Y, R)
    _, share = shares(R)

    def times(B):
        out = np.zeros(B.shape)
        for c in np.flatnonzero(total > 0):
            for rows, weight in _own(Y, share[:, c]):
                centered = rows - mean[c]
                out[c] += ((B[c] @ centered.T) * weight) @ centered
        return out

    return total, mean, Covariances(variances, times)


def merged(a, b):
    """Moments of the union of two sets of rows (Chan, Golub & LeVeque 1983)."""
    weight = a.weight + b.weight
    fraction = (b.weight / np.maximum(weight, np.finfo(float).tiny))[:, None]
    gap, matrix = b.mean - a.mean, fraction[:, :, None]
    covariance = (1 - matrix) * a.covariance + matrix * b.covariance
    covariance += matrix * (1 - matrix) * gap[:, :, None] * gap[:, None, :]
    return ClusterMoments(weight, a.mean + fraction * gap, covariance)
