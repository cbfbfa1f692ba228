"""Columns and missing values of arrays and frames."""

import sys

import numpy as np


def column_numbers(columns, step):
    """Positions of the columns that a part of a fitted ColumnTransformer takes."""
    d = step.n_features_in_
    if isinstance(columns, str | int | np.integer):
        columns = [columns]
    names = list(getattr(step, "feature_names_in_", ()))
    if isinstance(columns, slice) and any(isinstance(end, str) for end in _ends(columns)):
        first, last = (None if end is None else names.index(end) for end in _ends(columns))
        return np.arange(d)[slice(first, None if last is None else last + 1)]
    if not isinstance(columns, slice) and len(columns) and isinstance(columns[0], str):
        return np.array([names.index(column) for column in columns])
    if not isinstance(columns, slice) and not len(columns):
        return np.zeros(0, dtype=int)
    return np.arange(d)[columns]


def _ends(columns):
    return columns.start, columns.stop


def take_columns(X, numbers, step):
    """Columns of an array or a frame, by their numbers in the data that a step was fitted to."""
    names = getattr(step, "feature_names_in_", None)
    if names is not None and hasattr(X, "columns"):
        # A ColumnTransformer finds them by name, wherever they are in a frame.
        return X[list(names[numbers])]
    if hasattr(X, "iloc"):
        return X.iloc[:, numbers]
    return X[:, numbers] if hasattr(X, "shape") else np.asarray(X, dtype=object)[:, numbers]


def take_rows(X, numbers):
    """Rows of an array or a frame."""
    return X.iloc[numbers] if hasattr(X, "iloc") else X[numbers]


def is_missing(values):
    """Where an array of objects has None, NaN or the NA of pandas."""
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        return pandas.isna(values)
    return np.equal(values, None) | np.not_equal(values, values)


def fill_missing(X, X_full):
    """X with what is missing taken from X_full."""
    missing = is_missing(X) if X.dtype == object else np.isnan(X)
    filled = np.where(missing, X_full, X)
    # Where all strings are missing the rest are numbers alone.
    return filled.astype(X.dtype, copy=False) if X_full.dtype.kind == "f" else filled
