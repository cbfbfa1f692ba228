"""Two sets of rows as numbers in the same columns."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array

from skgen.base.wording import counted

# Two categories that differ are then at distance one.
CATEGORY_SIZE = np.sqrt(0.5)


class Samples(NamedTuple):
    """Rows of data X (n, p) and of draws Y (m, p), and the columns that stand for each feature."""

    X: np.ndarray
    Y: np.ndarray
    groups: list
    feature_names: np.ndarray | None


def two_samples(X, Y, *, standardize=False, center=True, least=2, names=("X", "Y")):
    """Rows of X and Y in float64, with columns of zeros and sqrt(1/2) for each category.

    Both are centered by the mean of X, since distances lose digits to a common offset, and with
    ``standardize`` numbers are divided by their standard deviation in X. Raises a ValueError where
    an array has fewer than ``least`` rows, NaN, or other columns.
    """
    feature_names = _names(X)
    Y = _same_order(X, Y, names)
    columns = [_as_columns(rows, name) for rows, name in zip((X, Y), names)]
    if len(columns[0]) != len(columns[1]):
        raise ValueError(
            f"{names[1]} has {counted(len(columns[1]), 'column')}, but {names[0]} has "
            f"{len(columns[0])}; compare rows of the same features."
        )
    categorical = [_is_category(a) or _is_category(b) for a, b in zip(*columns)]
    if not any(categorical):
        X, Y = (
            check_array(rows, dtype=np.float64, input_name=name, ensure_min_samples=least)
            for rows, name in zip((X, Y), names)
        )
        groups = [np.array([j]) for j in range(X.shape[1])]
    else:
        X, Y, groups = _encoded(columns, categorical, least, names)
    if center:
        mean = X.mean(axis=0)
        scale = _scales(X, mean, groups, categorical) if standardize else 1.0
        X, Y = (X - mean) / scale, (Y - mean) / scale
    return Samples(X, Y, groups, feature_names)


def _names(X):
    return np.array([str(c) for c in X.columns], dtype=object) if hasattr(X, "columns") else None


def _same_order(X, Y, names):
    """Y with its columns in the order of X, where both have names."""
    if not (hasattr(X, "columns") and hasattr(Y, "columns")):
        return Y
    if set(X.columns) != set(Y.columns):
        stray = sorted(str(c) for c in set(X.columns) ^ set(Y.columns))
        raise ValueError(
            f"{names[0]} and {names[1]} have columns of different names, such as {stray[0]!r}; "
            "compare rows of the same features."
        )
    return Y[list(X.columns)]


def _as_columns(X, name):
    """The columns of a frame, or of an array of two dimensions."""
    if hasattr(X, "columns"):
        return [X[name] for name in X.columns]
    X = X if hasattr(X, "shape") else np.asarray(X, dtype=object)
    if len(X.shape) != 2 or issparse(X):
        check_array(X, dtype=None, input_name=name)  # says what is wrong, and what to do
    return [X[:, j] for j in range(X.shape[1])]


def _is_category(column):
    """Whether a column holds what no number is, or is of a categorical type."""
    kind = getattr(column, "dtype", None)
    if str(kind).lower().startswith("categor"):
        return True
    if getattr(kind, "kind", "O") in "fiub":  # of NumPy or pandas, with or without gaps
        return False
    try:
        np.asarray(column).astype(np.float64)
    except (TypeError, ValueError):
        return True
    return False


def _encoded(columns, categorical, least, names):
    """Numbers as they are, a column for each category, and the columns of each feature."""
    parts, groups, width = ([], []), [], 0
    for a, b, is_category in zip(*columns, categorical):
        blocks = _one_hot(a, b) if is_category else [np.asarray(c).reshape(-1, 1) for c in (a, b)]
        groups.append(np.arange(width, width + blocks[0].shape[1]))
        width += blocks[0].shape[1]
        for part, block in zip(parts, blocks):
            part.append(block.astype(np.float64))
    X, Y = (
        check_array(np.hstack(part), input_name=name, ensure_min_samples=least)
        for part, name in zip(parts, names)
    )
    return X, Y, groups


def _one_hot(a, b):
    """Indicators of the categories of two columns together."""
    values = np.array([str(value) for value in [*np.asarray(a), *np.asarray(b)]])
    categories = np.unique(values)
    indicators = CATEGORY_SIZE * (values[:, None] == categories)
    return indicators[: len(a)], indicators[len(a) :]


def _scales(X, mean, groups, categorical):
    """Standard deviations of the columns; one for categories, and for what does not vary."""
    scale = X.std(axis=0)
    scale[scale <= 4 * np.finfo(float).eps * np.abs(mean)] = 1.0
    for columns, is_category in zip(groups, categorical):
        if is_category:
            scale[columns] = 1.0
    return scale
