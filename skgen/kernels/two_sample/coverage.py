"""How much of a data set the draws of a model cover."""

import numpy as np

from skgen.kernels.two_sample.distances import resolution, squared_distances

N_NEIGHBORS = 5


def coverage(X, Y, n_neighbors=N_NEIGHBORS):
    """Fraction of the rows X (n, d) near which a draw Y (m, d) fell (Naeem et al. 2020).

    A row is covered when a draw lies no farther than its neighbor number ``n_neighbors`` among
    the other rows of X. Where that neighbor is a copy of the row, a draw must lie no farther
    than halfway to the nearest row that differs: it then belongs to this row and no other. NaN
    where all rows are the same, since nothing then says what is near.
    """
    rows, counts = np.unique(X, axis=0, return_counts=True)
    if len(rows) == 1:
        return float("nan")
    radii = squared_radii(rows, counts, min(n_neighbors, len(X) - 1))
    # Discrete rows and draws are often equally far: rounding must not decide.
    covered = squared_distances(rows, Y).min(axis=1) <= radii + resolution(rows) ** 2
    return float(np.average(covered, weights=counts))


def squared_radii(rows, counts, k):
    """Squares of the distances up to which draws cover distinct rows that occur so often."""
    squares = squared_distances(rows, rows)
    np.fill_diagonal(squares, 0.0)
    order = np.argsort(squares, axis=1, kind="stable")
    return radii_with_copies(np.take_along_axis(squares, order, axis=1), counts[order], k)[0]


def radii_with_copies(squares, counts, k):
    """Squared radii of distinct rows (n,), and n times the mass that each is expected to hold.

    That is the number of other rows within, and of the row itself where only its copies are.

    ``squares`` (n, K) are squared distances of each row from itself and its nearest distinct
    neighbors, rising, and ``counts`` (n, K) how often these occur; K is k + 1 or more, or all rows.
    """
    # The row and its copies come first; k more rows reach to neighbor number k.
    total = np.cumsum(counts, axis=1)
    reach = np.argmax(total > k, axis=1)[:, None]
    radii = np.take_along_axis(squares, reach, axis=1)[:, 0]
    within = np.take_along_axis(total, reach, axis=1)[:, 0]
    among_others = reach[:, 0] > 0
    return np.where(among_others, radii, squares[:, 1] / 4), within - among_others


def perfect_coverage(n, m, n_neighbors=N_NEIGHBORS):
    """Expected coverage of n rows by m draws from the same distribution."""
    i = np.arange(1, min(n_neighbors, n - 1) + 1)
    return float(1 - np.prod((n - i) / (m + n - i)))
