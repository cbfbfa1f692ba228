"""Columns of a table by their kind: real numbers, whole numbers or categories."""

import numpy as np

from skgen.inspection.names import column_names

N_BINS = 30
SPREAD = 0.25  # of the step between whole numbers or categories, in a scatter plot


class Column:
    """One column of data and of samples, with what is needed to draw both on the same axis.

    Parameters
    ----------
    parts : list of ndarray of shape (n,)
        The values of each table.
    name : str
        Name of the column.

    Attributes
    ----------
    categories : list or None
        The categories in order, None of numbers.
    is_whole : bool
        Whether the column holds whole numbers alone in the first table.
    positions : list of ndarray of shape (n,)
        Where values lie on the axis: numbers as they are, categories at their rank, NaN without
        a value.
    edges : ndarray
        Edges of the bins: one a whole number or category, where these are no more than 30.
    """

    def __init__(self, parts, name):
        self.name = name
        self.categories = None if all(map(_is_numeric, parts)) else _categories(parts)
        if self.categories is None:
            self.positions = [np.asarray(part, dtype=np.float64) for part in parts]
        else:
            rank = {category: i for i, category in enumerate(self.categories)}
            self.positions = [
                np.array([rank.get(str(value), np.nan) for value in _present(part)], dtype=float)
                for part in parts
            ]
        known = [values[np.isfinite(values)] for values in self.positions]
        self.is_whole = self.categories is not None or bool(np.all(known[0] == np.round(known[0])))
        self.edges = self._edges(np.concatenate(known))

    def _edges(self, values):
        """Edges of bins that hold all values."""
        low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
        if not self.is_whole:
            return np.linspace(low, high, N_BINS + 1) if high > low else low + np.array([-0.5, 0.5])
        step = 1 if self.categories is not None else max(1, np.ceil((high - low) / N_BINS))
        return np.arange(np.floor(low) - 0.5, np.ceil(high) + 0.5 + step, step)

    def spread(self, part, rng):
        """Positions of a part, spread where many values coincide."""
        positions = self.positions[part]
        # Only steps that can be told apart on the axis cover what lies on them.
        if self.is_whole and len(self.edges) <= N_BINS:
            return positions + rng.uniform(-SPREAD, SPREAD, len(positions))
        return positions

    def label(self, axis):
        """Write categories at the ticks of an x or y axis, and whole numbers at whole ones."""
        if self.categories is not None:
            axis.set_ticks(range(len(self.categories)), self.categories)
        elif self.is_whole:
            axis.get_major_locator().set_params(integer=True)


def columns_of(tables, names):
    """A Column for each column of tables that have the same columns."""
    values = [_columns(table) for table in tables]
    return [
        Column([np.asarray(table[j]) for table in values], name) for j, name in enumerate(names)
    ]


def table_names(tables, feature_names):
    """Names of the columns of the first table, checked against the width of all."""
    for table in tables:
        if len(np.shape(table)) != 2 or 0 in np.shape(table):
            raise ValueError(
                f"Expected rows and columns, but an array has the shape {np.shape(table)}."
            )
        if np.shape(table)[1] != np.shape(tables[0])[1]:
            raise ValueError(
                f"The samples have {np.shape(tables[-1])[1]} columns, but the data have "
                f"{np.shape(tables[0])[1]}; they must be of the same table."
            )
    return column_names(tables[0], feature_names)


def _columns(table):
    """Columns of an array or a frame, each of its own type."""
    if hasattr(table, "iloc"):
        return [_pandas_column(table.iloc[:, j]) for j in range(table.shape[1])]
    return list(np.asarray(table).T)


def _pandas_column(column):
    """Values of a pandas column, None for what its own type calls missing."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind != "O":
        return column.to_numpy()
    return column.astype(object).where(column.notna(), None).to_numpy()


def _is_numeric(values):
    """Whether values are numbers; those of an object array may be numbers all the same."""
    if values.dtype.kind != "O":
        return values.dtype.kind in "iuf"
    known = [v for v in values if v is not None]
    return all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in known)


def _present(values):
    """Values with None for what is missing."""
    return [None if v is None or v != v else v for v in values.tolist()]


def _categories(parts):
    """Names of the categories of all parts, in order."""
    return sorted({str(v) for part in parts for v in _present(part) if v is not None})
