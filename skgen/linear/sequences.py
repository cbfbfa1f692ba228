"""What fits of rows in time order check and measure, and the threads that they are worth."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d

from skgen.base.blocks import fit_of_blocks
from skgen.base.sklearn_compat import fit_method
from skgen.base.wording import counted, naming
from skgen.kernels.blas_threads import threads_by
from skgen.kernels.moments import column_variance, varies
from skgen.kernels.sequences.few_rows import slow_rows
from skgen.kernels.sequences.slow_directions import quadratic, slow_directions
from skgen.kernels.sequences.steps import counted_lengths, step_ends
from skgen.linear.linear_gaussian import LARGEST_VALUE, check_range

DATES = "mM"  # kinds of dtype: durations and dates


def _operations(self, X, *_, **__):
    """Operations of the covariance of the expansion of X."""
    shape = getattr(X, "shape", ())
    # Lists of lists hold little.
    n, d = shape if len(shape) == 2 else (0, 0)
    return 2.0 * n * (d if self.expansion is None else d * (d + 3) / 2) ** 2


def fit_by_size(method):
    """``fit_method``, with as many threads of BLAS as the products of the rows are worth."""
    return fit_method(fit_of_blocks(threads_by(_operations)(method)))


def in_time(X, groups, times):
    """Groups and times as arrays of as many entries as X has rows, or None."""
    if groups is not None:
        with naming("groups"):
            check_consistent_length(X, groups)
            groups = column_or_1d(groups)
    if times is not None:
        with naming("times"):
            check_consistent_length(X, times)
            times = _as_times(times)
    return groups, times


def _as_times(times):
    """Times as numbers, dates or durations, none of them missing."""
    values = np.asarray(times)
    if values.dtype.kind not in DATES:
        try:
            if np.iscomplexobj(values):
                raise TypeError("A complex number is no time.")
            values = values.astype(np.float64)
        except (TypeError, ValueError) as error:
            kind = type(values.flat[0]).__name__
            raise ValueError(
                f"times holds {kind} objects, of which no time can be taken; give numbers, or "
                "datetime64 without a time zone."
            ) from error
    values = column_or_1d(values)
    if not np.isfinite(values).all():
        raise ValueError("times holds NaN or infinity; give each row a time, or leave it out.")
    return values


def standards(X, names, rounding):
    """Mean and standard deviation (d,) of each column; 1 where it does not vary."""
    center = X.mean(axis=0)
    with np.errstate(over="ignore"):
        variance = column_variance(X, center)
    check_range(X, variance, names)
    moving = varies(variance, center, rounding)
    if not moving.any():
        raise ValueError(
            "X does not vary: all rows are the same, and no feature can have variance 1; drop "
            "constant columns and give rows that differ."
        )
    return center, np.where(moving, np.sqrt(variance), 1.0)


def check_n_components(k, most):
    """Refuse more features than there are columns to make them of."""
    if k is not None and k > most:
        raise ValueError(
            f"n_components={k} exceeds {counted(most, 'column')}, of which features are made; "
            'lower it, or use expansion="quadratic".'
        )


def check_steps(n_steps, lag, n_rows):
    """Refuse rows without a step."""
    if not n_steps:
        raise ValueError(
            f"No two rows of a sequence are lag={lag} apart in {counted(n_rows, 'row')}; lower "
            "lag, or give longer sequences in X, groups and times."
        )


def check_products(Y, X, linear):
    """Refuse later rows X, in units of the first ones Y, whose sums of products overflow."""
    if np.abs(Y).max() > (LARGEST_VALUE if linear else np.sqrt(LARGEST_VALUE)):
        raise ValueError(
            f"X has values up to {np.abs(X).max():.3g}, of which products leave the range of "
            "float64 in units of the first rows; leave them out, or fit anew."
        )


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
    last, own = estimator._tail[2], given["times"]
    if own is not None and (own.dtype.kind in DATES) != (last.dtype.kind in DATES):
        raise ValueError("times are dates in some calls and numbers in others; give one of them.")


class SlowDirections(NamedTuple):
    """Slow functions of standardized columns, or of their products as well."""

    delta: np.ndarray  # (r,) mean squared speeds
    weights: np.ndarray  # (D, r)
    mean: np.ndarray  # (D,) of what the weights are for
    loadings: np.ndarray  # (r, d) covariances with the columns
    still: np.ndarray  # (D, D - r) in which rows vary no more than rounding; None where unknown
    lengths: Counter  # of steps
    duration: float


def by_moments(moments, columns, k, *, linear):
    """The k slowest directions, or all, of rows of which the moments are known."""
    d = len(columns[0])
    spread = _spreads(moments.covariance.diagonal()[:d], moments.mean[:d], *columns)
    spread = spread if linear else quadratic(spread[None])[0]
    pairs = np.outer(spread, spread)
    delta, directions, constant, floor = slow_directions(
        moments.covariance / pairs, moments.mean_speeds / pairs, moments.n_rows - 1, k
    )
    weights = directions / spread[:, None]
    still = constant / np.sqrt(floor) / spread[:, None]
    loadings = (moments.covariance[:d] @ weights).T
    span = moments.lengths, moments.duration
    return SlowDirections(delta, weights, moments.mean, loadings, still, *span)


def by_rows(X, columns, starts, elapsed, lag, k):
    """The k slowest quadratic functions, or all, of rows that are fewer than products."""
    center, scale, _ = columns
    _, length = step_ends(starts, elapsed, lag)
    check_steps(len(length), lag, len(X))
    Y = (X - center) / scale
    spread = _spreads(Y.var(axis=0), Y.mean(axis=0), *columns)
    delta, directions, features, mean = slow_rows(Y / spread, starts, elapsed, lag, k)
    each = quadratic(spread[None])[0]
    weights, loadings = directions / each[:, None], features.T @ (Y - Y.mean(axis=0)) / len(Y)
    span = counted_lengths(length), float(elapsed.sum())
    return SlowDirections(delta, weights, mean * each, loadings, None, *span)


def _spreads(variance, mean, center, scale, rounding):
    """Standard deviation (d,) of each column in all rows, where that of the first call is 1.

    A column that does not vary has 1.
    """
    spread = np.sqrt(variance)
    known = varies((spread * scale) ** 2, center + mean * scale, rounding)
    return np.where(known, spread, 1.0)


def median_length(lengths):
    """Median of the lengths of steps that are counted."""
    values = np.array(sorted(lengths))
    counts = np.cumsum([lengths[value] for value in values])
    return values[np.searchsorted(counts, counts[-1] / 2)]
