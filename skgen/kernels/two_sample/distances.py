"""Distances between rows, and the two lengths at which a data set has structure."""

import numpy as np

N_ROWS = 2000  # rows that stand for a larger set
N_NEIGHBORS = 10


def squared_distances(X, Y):
    """Squared Euclidean distances of the rows of X (n, d) and Y (m, d), shape (n, m), float64."""
    # Centered first: a common offset would cost digits in the expansion of the square.
    center = X.mean(axis=0, dtype=np.float64)
    X, Y = X - center, Y - center
    squares = (X**2).sum(axis=1)[:, None] + (Y**2).sum(axis=1) - 2 * (X @ Y.T)
    return np.maximum(squares, 0.0, out=squares)


def length_scales(X, n_neighbors=N_NEIGHBORS):
    """Two lengths of the rows of X (n, d), fine and coarse, both positive.

    Coarse is the median distance of two rows. Fine is the median distance from a row to its
    neighbor number ``n_neighbors``: of 2000 rows half a percent lie nearer, so that it measures
    the width of clusters, where there are any, and not the gaps between rows. Where that is
    zero, since rows have many copies, both are the coarse one.
    """
    if len(X) < 2:
        return 1.0, 1.0
    distances = np.sqrt(squared_distances(X, X))
    k = min(n_neighbors, len(X) - 1)
    coarse = np.median(distances[np.triu_indices(len(X), 1)])
    fine = np.median(np.partition(distances, k, axis=1)[:, k])
    shortest = resolution(X)
    coarse = coarse if coarse > shortest else 1.0
    return float(min(fine, coarse) if fine > shortest else coarse), float(coarse)


def resolution(X):
    """Length up to which the distance of two rows of X may be a rounding error."""
    squares = ((X - X.mean(axis=0, dtype=np.float64)) ** 2).sum(axis=1)
    return 4 * np.sqrt(np.finfo(float).eps * squares.max())


def evenly_spaced(X, n_rows=N_ROWS):
    """At most ``n_rows`` rows of X, evenly spaced."""
    return X[:: -(-X.shape[0] // n_rows)]
