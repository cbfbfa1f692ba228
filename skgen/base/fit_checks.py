"""Whether a fit can go on with other rows, and whether what it ends with can be used."""

import numpy as np

from skgen.base.data_range import FAR, widened_range
from skgen.base.mixins import SampleMixin
from skgen.base.warn import warn
from skgen.exceptions import DataRangeWarning, DivergenceError

N_DRAWS = 10
FARTHEST_DRAW = 1000.0  # standard deviations
SMALLEST_SPREAD = 1e-140  # the square of a smaller one has few digits, or none


def check_goes_on(estimator, columns):
    """Refuse to go on with networks that were built for something else."""
    before = estimator._built_for["n_features"]
    if columns.n_features != before:
        raise ValueError(
            f"X has {columns.n_features} features, but the earlier fit had {before}; "
            "use warm_start=False or a new estimator."
        )
    for name in estimator._architecture:
        now, before = getattr(estimator, name), estimator._built_for["params"][name]
        if not _same(now, before):
            raise ValueError(
                f"{name}={now!r}, but the networks of the earlier fit were built with "
                f"{name}={before!r}; set it back, or start anew by fit with warm_start=False."
            )
    if estimator._value_range is not None:
        estimator._value_range = widened_range(columns, estimator._value_range, *estimator._of_bits)


def _same(now, before):
    # Lists of unlike entries are no arrays, nor are modules of modules.
    if all(isinstance(value, (list, tuple)) for value in (now, before)):
        return list(now) == list(before)
    return now is before or np.array_equal(now, before)


def is_outgrown(estimator, columns):
    """Whether rows lie so far from the earlier ones that their scales are of no use."""
    center, scale = estimator._center, estimator._scale
    if "moments" not in columns.earlier or (np.ndim(center) == 0 and np.all(scale == 1)):
        return False
    mean, variance = columns.own_moments()
    before, spread = columns.earlier["moments"]
    if not (spread > (10 * columns.digits * before) ** 2).any():
        # Rows that are all alike have no scale, and nothing was learned from them.
        return bool((variance > 0).any() or (mean != before).any())
    far = np.maximum(np.abs(mean - center), np.sqrt(variance)) > FAR * scale
    if far.any():
        warn(
            f"X is more than {FAR:g} standard deviations away from all earlier rows in "
            f"column {np.flatnonzero(far)[0]}, so that the networks start anew; give the first "
            "call of partial_fit rows that are like those to come.",
            DataRangeWarning,
        )
    return bool(far.any())


def check_scales(columns, center, scale):
    """Refuse rows so large or so small that their moments leave the range of float64."""
    if not (np.isfinite(center).all() and np.isfinite(scale).all()):
        raise ValueError(
            "The variance of a column of X is not finite: its values are too large; scale X."
        )
    if "moments" not in columns.measures:
        return
    low, high = columns.extremes()
    _, variance = columns.moments()
    # One that has a mean is constant up to rounding, which is no fault.
    varies = high - low > 1e-12 * np.maximum(np.abs(low), np.abs(high))
    lost = np.flatnonzero(varies & (variance < SMALLEST_SPREAD**2))
    if len(lost):
        raise ValueError(
            f"X varies by less than {SMALLEST_SPREAD:.0e} in column {lost[0]}, and its variance "
            "leaves the range of float64; multiply such columns."
        )


def check_draws(estimator):
    """Refuse a fit whose draws are not finite, or far from all rows, though its losses were."""
    if not isinstance(estimator, SampleMixin) or getattr(estimator, "measure_", "") == "counting":
        return  # bits are bits
    with np.errstate(all="ignore"):
        draws = estimator._sample(N_DRAWS, np.random.RandomState(0))
    if not np.isfinite(draws).all():
        raise DivergenceError(
            f"The draws of the fit are not finite after epoch {estimator.n_iter_}. "
            "Lower learning_rate, or scale X."
        )
    distance = np.abs((draws - estimator._center) / estimator._scale).max()
    if distance > FARTHEST_DRAW:
        raise DivergenceError(
            f"The draws of the fit lie up to {distance:.1e} standard deviations from the rows. "
            "Lower learning_rate, or scale X."
        )
