"""Whether a fitted model can go on with other rows, and from where."""

import numpy as np

from skgen.base.data_range import FAR, widened_range
from skgen.base.warn import warn
from skgen.exceptions import DataRangeWarning
from skgen.training import column_moments


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
        if not np.array_equal(now, before):
            raise ValueError(
                f"{name}={now!r}, but the networks of the earlier fit were built with "
                f"{name}={before!r}; set it back, or start anew by fit with warm_start=False."
            )
    if estimator._value_range is not None:
        estimator._value_range = widened_range(columns, estimator._value_range, *estimator._of_bits)


def is_outgrown(estimator, columns):
    """Whether rows lie so far from the earlier ones that their scales are of no use."""
    center, scale = estimator._center, estimator._scale
    if "moments" not in columns.earlier or (np.ndim(center) == 0 and np.all(scale == 1)):
        return False
    mean, variance = column_moments(columns.X, columns.weight)
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
