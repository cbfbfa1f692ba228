"""How much of a data set the draws of a model cover."""

import numpy as np

from skgen.kernels.two_sample.distances import squared_distances

N_NEIGHBORS = 5


def coverage(X, Y, n_neighbors=N_NEIGHBORS):
    """Fraction of the rows X (n, d) near which a draw Y (m, d) fell (Naeem et al. 2020).

    A row is covered when a draw lies no farther than its neighbor number ``n_neighbors``
    among the other rows of X.
    """
    k = min(n_neighbors, len(X) - 1)
    radii = np.partition(squared_distances(X, X), k, axis=1)[:, k]
    return float(np.mean(squared_distances(X, Y).min(axis=1) <= radii))


def perfect_coverage(n, m, n_neighbors=N_NEIGHBORS):
    """Expected coverage of n rows by m draws from the same distribution."""
    i = np.arange(1, min(n_neighbors, n - 1) + 1)
    return float(1 - np.prod((n - i) / (m + n - i)))
