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
    return str(kind).lower() in ("bool", "boolean")


def _of_type(column, kind):
    """Values of a column, rounded where its type is an integer or a boolean."""
    if kind is None or not (_is_whole(kind) or _is_boolean(kind)):
        if column.dtype == object and isinstance(kind, np.dtype) and kind.kind == "f":
            return column.astype(kind)
        return column
    values = np.asarray(column, dtype=np.float64)
    if not np.isfinite(values).all():
        return values
    if _is_boolean(kind):
        return values >= 0.5
    limits = np.iinfo(kind if isinstance(kind, np.dtype) else np.int64)
    whole = np.clip(np.rint(values), limits.min, limits.max)
    return whole.astype(kind if isinstance(kind, np.dtype) else np.int64)


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
