"""Rows of data in the container that ``set_output`` asks for, as the training data were."""

import numpy as np

from skgen.base.sklearn_compat import output_container


def column_types(X):
    """Types of the columns of training data, None where they are those of a list or of floats."""
    if hasattr(X, "dtypes") and hasattr(X, "columns"):
        return list(X.dtypes)
    dtype = getattr(X, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "iub" and len(X.shape) == 2:
        return [dtype] * X.shape[1]
    return None


def in_container(estimator, rows, types, names=None, index=None):
    """Rows as ``set_output`` of an estimator asks for: an array, or a frame.

    Columns that held integers or booleans in the training data hold them again, rounded; other
    columns of frames have the types that they had, where values allow it. An array stays as it is.
    """
    container = output_container(estimator)
    if container == "default":
        return rows
    d = rows.shape[1]
    names = [f"x{j}" for j in range(d)] if names is None else [str(name) for name in names]
    types = [None] * d if types is None else types
    columns = [_of_type(column, kind) for column, kind in zip(rows.T, types)]
    build = _polars_frame if container == "polars" else _pandas_frame
    return build(columns, names, types, index)


def index_of(X):
    """Row labels of a pandas frame, None of anything else."""
    return X.index if hasattr(X, "iloc") else None


def _is_whole(kind):
    """Whether a type, of whatever library, holds integers."""
    if isinstance(kind, np.dtype):
        return kind.kind in "iu"
    is_integer = getattr(kind, "is_integer", None)  # polars
    if callable(is_integer):
        return bool(is_integer())
    return getattr(kind, "kind", "") in ("i", "u")  # pandas


def _is_boolean(kind):
    return getattr(kind, "kind", "") == "b" or str(kind).lower() == "boolean"


def _numbers_of(kind):
    """The categories of a categorical type of pandas where they are numbers, else None."""
    categories = getattr(kind, "categories", None)
    of_numbers = getattr(getattr(categories, "dtype", None), "kind", "") in ("i", "u", "f")
    return categories.to_numpy() if of_numbers and len(categories) else None


def _of_type(column, kind):
    """Values of a column as near to those of its type as they come.

    They are rounded where it is of integers, booleans or categories that are numbers.
    """
    if column.dtype == object and all(isinstance(value, float) for value in column):
        column = column.astype(np.float64)
    if _is_whole(kind) or _is_boolean(kind):
        return _rounded(column, kind)
    if column.dtype == object:
        return column
    numbers = _numbers_of(kind)
    if numbers is not None:
        return _nearest(column, numbers)
    if isinstance(kind, np.dtype) and kind.kind == "f":
        return _narrowed(column, kind)
    return column


def _rounded(column, kind):
    """Values as integers or booleans; as they are where some are missing."""
    values = np.asarray(column, dtype=np.float64)
    if not np.isfinite(values).all():
        return values
    if _is_boolean(kind):
        return values >= 0.5
    limits = np.iinfo(kind if isinstance(kind, np.dtype) else np.int64)
    whole = np.clip(np.rint(values), limits.min, limits.max)
    return whole.astype(kind if isinstance(kind, np.dtype) else np.int64)


def _nearest(column, numbers):
    """The number of several that is nearest to each value; what is missing stays so."""
    missing = np.isnan(column)
    distances = np.abs(np.where(missing, 0, column)[:, None] - numbers)
    nearest = numbers[distances.argmin(axis=1)]
    return np.where(missing, np.nan, nearest) if missing.any() else nearest


def _narrowed(column, kind):
    """Values as floats of a type, unless some would be infinite there."""
    with np.errstate(over="ignore"):
        narrow = column.astype(kind, copy=False)
    return column if (np.isinf(narrow) & ~np.isinf(column)).any() else narrow


def _pandas_frame(columns, names, types, index):
    import pandas as pd

    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    for j, kind in enumerate(types):
        if isinstance(kind, pd.api.extensions.ExtensionDtype):
            frame[j] = frame[j].astype(kind)
    frame.columns = names
    return frame


def _polars_frame(columns, names, types, index):
    import polars as pl

    series = []
    for name, column, kind in zip(names, columns, types):
        values = column.tolist() if column.dtype == object else column
        one = pl.Series(name, values)
        series.append(one.cast(kind) if isinstance(kind, pl.DataType) else one)
    return pl.DataFrame(series)
