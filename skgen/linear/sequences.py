"""What fits of rows in time order check and measure, and the threads that they are worth."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d

from skgen.base.sklearn_compat import fit_method
from skgen.kernels.blas_threads import threads_by
from skgen.kernels.moments import varies


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


def check_goes_on(estimator, **given):
    """Refuse parameters, or groups and times, that earlier calls of ``partial_fit`` had not."""
    for name, before in estimator._built_for.items():
        if getattr(estimator, name) != before:
            raise ValueError(
                f"{name}={getattr(estimator, name)!r}, but earlier calls had {name}={before!r}; "
                "use that, or a new estimator."
            )
    for (name, own), last in zip(given.items(), estimator._tail[1:]):
        if (own is None) != (last is None):
            raise ValueError(
                f"{name} {'are' if last is None else 'are not'} given, unlike in earlier calls; "
                "give them in all calls, or in none."
            )


def spreads(moments, center, scale, rounding):
    """Standard deviation (d,) of each column in all rows, where that of the first call is 1.

    A column that does not vary has 1.
    """
    d = len(center)
    spread = np.sqrt(moments.covariance.diagonal()[:d])
    mean = center + moments.mean[:d] * scale
    return np.where(varies((spread * scale) ** 2, mean, rounding), spread, 1.0)


def median_length(lengths):
    """Median of the lengths of steps that are counted."""
    values = np.array(sorted(lengths))
    counts = np.cumsum([lengths[value] for value in values])
    return values[np.searchsorted(counts, counts[-1] / 2)]
