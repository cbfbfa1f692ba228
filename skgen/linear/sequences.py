"""What verbs are told of rows in time order, and the threads that their products are worth."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d

from skgen.base.sklearn_compat import fit_method
from skgen.kernels.blas_threads import threads_by


def _operations(self, X, *_, **__):
    """Operations of the covariance of the expansion of X."""
    shape = getattr(X, "shape", ())
    # Lists of lists hold little.
    n, d = shape if len(shape) == 2 else (0, 0)
    return 2.0 * n * (d if self.expansion is None else d * (d + 3) / 2) ** 2


def fit_by_size(method):
    """``fit_method``, with as many threads of BLAS as the products of the rows are worth."""
    return fit_method(threads_by(_operations)(method))


def in_time(X, groups, times):
    """Groups and times as arrays of as many entries as X has rows, or None."""
    check_consistent_length(X, groups, times)
    groups = None if groups is None else column_or_1d(groups)
    if times is not None:
        times = column_or_1d(times, dtype=np.float64)
        if not np.isfinite(times).all():
            raise ValueError("times holds NaN or infinity; give each row a time, or leave it out.")
    return groups, times


def median_length(lengths):
    """Median of the lengths of steps that are counted."""
    values = np.array(sorted(lengths))
    counts = np.cumsum([lengths[value] for value in values])
    return values[np.searchsorted(counts, counts[-1] / 2)]
