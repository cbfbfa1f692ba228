"""Tables with holes, as models take them: every hole is NaN, and columns have plain types."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array

from skgen.base.blocks import refuse_lazy
from skgen.base.wording import naming_rows
from skgen.compose.tables import is_missing, take_rows

# What pandas calls the values of a column of objects that are numbers, or nothing at all.
NUMBERS = {"boolean", "decimal", "empty", "floating", "integer", "mixed-integer-float"}


class Table(NamedTuple):
    """An incomplete table."""

    data: Any  # frame or array
    rows: np.ndarray  # (n, d): floats, or objects where a column holds no numbers
    missing: np.ndarray  # (n, d)

    @property
    def is_numeric(self):
        """Whether all columns hold numbers."""
        return self.rows.dtype != object

    def columns(self, chosen):
        """The chosen columns."""
        is_frame = hasattr(self.data, "iloc")
        data = self.data.loc[:, chosen] if is_frame else self.data[:, chosen]
        return Table(data, self.rows[:, chosen], self.missing[:, chosen])

    def choice(self, rows):
        """The chosen rows."""
        return Table(take_rows(self.data, rows), self.rows[rows], self.missing[rows])

    def blanks(self):
        """What to fill into columns of which nothing is known, (d,): SimpleImputer's constants."""
        if self.is_numeric:
            return np.zeros(self.rows.shape[1], dtype=self.rows.dtype)
        kinds = getattr(self.data, "dtypes", [np.dtype(object)] * self.rows.shape[1])
        words = [getattr(kind, "kind", "O") not in "iufb" for kind in kinds]
        return np.array(["missing_value" if word else 0.0 for word in words], dtype=object)

    def values(self, filled):
        """What a model returned for this table, as an array of the type of its rows."""
        return np.asarray(filled, dtype=self.rows.dtype)

    def fill(self, values):
        """The rows, with holes filled from an array of their shape."""
        return np.where(self.missing, values, self.rows)

    def complete(self, values):
        """The table, with holes filled from an array of the shape of its rows."""
        if not hasattr(self.data, "iloc"):
            return self.fill(values)
        import pandas as pd

        frame = self.data.copy()
        for j in np.flatnonzero(self.missing.any(axis=0)):
            column = np.array(frame.iloc[:, j], dtype=object)
            column[self.missing[:, j]] = values[self.missing[:, j], j]
            column = pd.Series(column, index=frame.index, dtype=object)
            frame.isetitem(j, column.astype(frame.dtypes.iloc[j]))
        return frame


def as_table(X, estimator):
    """X, checked, as a table; None, NaN and pandas.NA are holes."""
    refuse_lazy(estimator, X)
    with naming_rows(X):
        data, is_numeric = _plain(X)
        rows = check_array(
            data,
            dtype=(np.float64, np.float32) if is_numeric else object,
            ensure_all_finite="allow-nan",
            estimator=estimator,
            input_name="X",
        )
    return Table(data if hasattr(data, "iloc") else rows, rows, rows != rows)


def with_observed(frame, X, missing):
    """A pandas frame of completed columns, with the very values of X where it has some.

    Integers beyond 2^53 would not survive as floats.
    """
    for j, kind in enumerate(X.dtypes):
        if kind == frame.dtypes.iloc[j]:
            frame.isetitem(j, X.iloc[:, j].where(~missing[:, j], frame.iloc[:, j]))
    return frame


def draw_from_columns(table, rng):
    """The rows, with each hole filled by a value that its column has elsewhere."""
    filled = table.rows.copy()
    for j in np.flatnonzero(table.missing.any(axis=0)):
        holes = table.missing[:, j]
        observed = table.rows[~holes, j]
        filled[holes, j] = observed[rng.randint(len(observed), size=holes.sum())]
    return filled


def _plain(X):
    """X with NaN for its holes, and whether it holds numbers alone."""
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        return _plain_frame(X)
    if issparse(X):
        return X, True
    rows = np.asarray(X)
    if rows.dtype.kind not in "OUST":
        return rows, True
    rows = rows.astype(object)
    rows[is_missing(rows)] = np.nan
    return rows, not any(isinstance(value, str | bytes) for value in rows.flat)


def _plain_frame(X):
    """A pandas frame without nullable types, and whether all of its columns hold numbers."""
    frame, all_numbers = X.copy(deep=False), True
    for j, kind in enumerate(X.dtypes):
        column = X.iloc[:, j]
        is_numeric = _holds_numbers(column)
        all_numbers &= is_numeric
        if isinstance(kind, np.dtype) and kind.kind != "O":
            continue
        if is_numeric:
            frame.isetitem(j, column.to_numpy(dtype=np.float64, na_value=np.nan))
        elif kind != "category":
            column = column.astype(object)
            frame.isetitem(j, column.where(column.notna(), np.nan))
    return frame, all_numbers


def _holds_numbers(column):
    from pandas.api.types import infer_dtype, is_numeric_dtype

    if column.dtype == object:
        return infer_dtype(column, skipna=True) in NUMBERS
    return is_numeric_dtype(column.dtype)
