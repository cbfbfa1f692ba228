"""Rows of the other domain: checked, their names, and the scales in which networks see them."""

import numpy as np
from sklearn.utils import check_array, check_consistent_length

from skgen.base.data_range import robust_scales
from skgen.base.wording import counted, naming
from skgen.training.columns import Columns


@naming("y")
def checked_domain(X, y, dtypes, paired):
    """Rows y as a float array, (m,) or (m, n_outputs); with pairs it has a row for each of X."""
    if y is None:
        raise ValueError(
            "fit requires y to be passed, but the target y is None; give the rows that those of X "
            "are to become, or with paired=False rows of the other domain."
        )
    with np.errstate(invalid="ignore"):
        y = check_array(y, ensure_2d=False, dtype=dtypes, input_name="y")
    if y.ndim > 2:
        raise ValueError(f"y has {y.ndim} dimensions; give rows, as of X.")
    if paired:
        check_consistent_length(X, y)
    return y


def check_n_outputs(estimator, rows, name):
    """Refuse rows (m, n_outputs) of other columns than those of y in ``fit``."""
    if rows.shape[1] != estimator.n_outputs_:
        raise ValueError(
            f"{name} has {counted(rows.shape[1], 'column')}, but y had {estimator.n_outputs_} in "
            "fit."
        )


def column_names(y):
    """Names of the columns of a frame as an array of str, or None where they are no text."""
    names = list(getattr(y, "columns", ()))
    return np.array(names, dtype=object) if names and _all_text(names) else None


def _all_text(names):
    return all(isinstance(name, str) for name in names)


def domain_scales(columns, of_images):
    """Center and scale of rows: of each column, or of images one for all of their pixels."""
    if not of_images:
        return robust_scales(columns)
    # Convolutions see neighbors, which must keep their differences.
    mean, variance = columns.moments()
    spread = np.sqrt(variance.mean() + mean.var())
    rounding = 10 * columns.digits * np.abs(mean).max()
    return mean.mean(), spread if spread > rounding else 1.0


def scales_of_targets(y, weight, of_images):
    """The same of rows (m, n_outputs) of the other domain; refuses what leaves float64."""
    with np.errstate(over="ignore"):
        center, scale = domain_scales(Columns(y, weight), of_images)
    if not (np.isfinite(center).all() and np.isfinite(scale).all()):
        raise ValueError("The variance of a column of y is not finite; scale y.")
    return center, scale
