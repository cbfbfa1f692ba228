"""Conditions of rows as columns of numbers, learned from ``y`` of a fit."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skgen.base.conditions.columns import ClassColumn, learned_column
from skgen.base.labels import is_missing
from skgen.base.wording import counted


@dataclass(frozen=True, eq=False)
class ColumnCoder:
    """Codes y column by column."""

    columns: tuple

    def blocks(self, y):
        """Code (n, width) of each part of y, and which rows know it (n,)."""
        values = as_columns(y)
        if len(values) != len(self.columns):
            raise ValueError(
                f"y has {counted(len(values), 'column')}, but the y of fit had {len(self.columns)}."
            )
        return [column.code(part) for column, part in zip(self.columns, values)]

    @property
    def widths(self):
        """Number of columns of each block."""
        return [column.width for column in self.columns]

    @property
    def n_columns(self):
        """Number of columns of y."""
        return len(self.columns)


@dataclass(frozen=True, eq=False)
class EncodedCoder:
    """Codes y by a fitted transformer; rows in which something is missing are unknown as a whole.

    Its outputs are divided by their root mean squares, all by the same number.
    """

    transformer: object
    scale: float
    width: int
    n_columns: int
    names: list | None  # of the columns of a pandas frame

    def blocks(self, y):
        """The code (n, width) of y, and which rows are known (n,)."""
        if len(as_columns(y)) != self.n_columns:
            raise ValueError(
                f"y has {counted(len(as_columns(y)), 'column')}, but the y of fit had "
                f"{self.n_columns}."
            )
        if self.names is not None and not hasattr(y, "columns"):
            y = _pandas_frame(y, self.names)
        known = complete_rows(y)
        code = np.zeros((len(known), self.width))
        if known.any():
            read = _as_read(rows_of(y, known), self.transformer)
            code[known] = _dense(self.transformer.transform(read)) / self.scale
        return [(code, known)]

    @property
    def widths(self):
        """Number of columns of each block."""
        return [self.width]


class Conditions:
    """The code of conditions: blocks side by side, each with a flag of what is unknown behind.

    A block is that of a column of y, or what an encoder makes of all of y. Where it is unknown
    the flag is 1 and the block 0.

    Parameters
    ----------
    coder : ColumnCoder or EncodedCoder
        What gives the blocks.
    is_flat : bool
        Whether y of the fit had one dimension.
    """

    def __init__(self, coder, is_flat):
        self.coder, self.is_flat = coder, is_flat

    @property
    def widths(self):
        """Number of columns of each block, its flag included."""
        return [width + 1 for width in self.coder.widths]

    @property
    def width(self):
        """Number of columns of the code."""
        return sum(self.widths)

    @property
    def classes(self):
        """Classes where y is one column of them, None otherwise."""
        columns = getattr(self.coder, "columns", ())
        is_class = len(columns) == 1 and isinstance(columns[0], ClassColumn)
        return columns[0].classes if is_class else None

    @property
    def transformer(self):
        """The fitted encoder of y, None where there is none."""
        return getattr(self.coder, "transformer", None)

    def is_unknown(self, code):
        """Which rows of a code know nothing, (n,)."""
        flags = np.cumsum(self.widths) - 1
        return (code[:, flags] == 1).all(axis=1)

    def code(self, y):
        """The code of each row of y, (n, width) float32."""
        parts = [part for block, known in self.coder.blocks(y) for part in (block, ~known[:, None])]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def code_of_draws(self, y, n_samples):
        """The code of n_samples draws: y is one condition for all of them, or one of each."""
        code = self.code(self.as_rows(y))
        if len(code) not in (1, n_samples):
            raise ValueError(
                f"y holds {counted(len(code), 'condition')}, but n_samples={n_samples}; give one "
                "for all draws, or one for each."
            )
        return np.broadcast_to(code, (n_samples, code.shape[1]))

    def as_rows(self, y):
        """Conditions of rows; one condition, a scalar or of several columns a row, as one row."""
        if _n_dimensions(y) >= (1 if self.coder.n_columns == 1 else 2):
            return y
        values = np.empty((1, self.coder.n_columns), dtype=object)
        values[0] = y
        return as_typed(values[:, 0] if self.is_flat else values)

    def code_of_class(self, number, n_samples):
        """The code of a class by its number, for so many rows."""
        code = np.zeros((n_samples, self.width), np.float32)
        code[:, number] = 1.0
        return code


def learned_conditions(y, weight=None, encoder=None, classes=None):
    """The conditions that describe the rows of y.

    ``encoder`` is an unfitted transformer of y, or None. ``classes`` are announced, for one column
    of y.
    """
    values = as_columns(y)
    if encoder is not None:
        return Conditions(_learned_encoder(y, encoder, len(values)), _n_dimensions(y) == 1)
    if classes is not None and len(values) > 1:
        raise ValueError(
            f"classes are given, but y has {len(values)} columns; leave classes out, and let the "
            "first call of partial_fit hold all classes."
        )
    names = names_of(y, len(values))
    columns = [learned_column(part, name, weight, classes) for part, name in zip(values, names)]
    return Conditions(ColumnCoder(tuple(columns)), _n_dimensions(y) == 1)


def as_columns(y):
    """The columns of y as arrays (n,); y is an array, a list, a series or a frame."""
    if hasattr(y, "columns"):
        return [np.asarray(y[name]) for name in y.columns]
    y = as_typed(y)
    if y.ndim not in (1, 2) or 0 in y.shape:
        raise ValueError(
            f"y has the shape {y.shape}; give a condition a row, (n_samples,) or "
            "(n_samples, n_columns)."
        )
    return [y] if y.ndim == 1 else list(y.T)


def as_typed(y):
    """Conditions as an array, in which numbers beside texts stay numbers."""
    if hasattr(y, "dtype") or hasattr(y, "__array__"):
        return np.asarray(y)
    y = np.array(y, dtype=object)
    kinds = {type(value) for value in y.flat}
    return np.array(y.tolist()) if len(kinds) == 1 and kinds <= {bool, int, float} else y


def _n_dimensions(y):
    return 2 if hasattr(y, "columns") else as_typed(y).ndim


def complete_rows(y):
    """Which rows of y have nothing missing, (n,)."""
    each = [[not is_missing(value) for value in part.tolist()] for part in as_columns(y)]
    return np.array(each, dtype=bool).all(axis=0)


def rows_of(y, which):
    """Rows of y, in its container."""
    if hasattr(y, "iloc"):
        return y.iloc[np.flatnonzero(which)]
    if hasattr(y, "columns"):
        return y[np.flatnonzero(which)]
    return as_typed(y)[which]


def repeated_row(y, row, n):
    """One row of y, n times, in its container."""
    rows = np.full(n, row)
    if hasattr(y, "iloc"):
        return y.iloc[rows]
    return y[rows] if hasattr(y, "columns") else as_typed(y)[rows]


def names_of(y, n_columns):
    """What messages call the columns of y."""
    if hasattr(y, "columns"):
        return [f"Column {str(name)!r} of y" for name in y.columns]
    return ["y"] if n_columns == 1 else [f"Column {j} of y" for j in range(n_columns)]


def _learned_encoder(y, encoder, n_columns):
    known = complete_rows(y)
    if not known.any():
        raise ValueError(f"y holds no known value in its {len(known)} rows; describe some.")
    transformer = clone(encoder)
    code = _dense(transformer.fit_transform(_as_read(rows_of(y, known), transformer)))
    scale = float(np.sqrt(np.square(code).mean())) or 1.0
    names = list(y.columns) if hasattr(y, "iloc") and hasattr(y, "columns") else None
    return EncodedCoder(transformer, scale, code.shape[1], n_columns, names)


def _as_read(y, transformer):
    """One column of y as the transformer reads it: as texts, or as a table."""
    while isinstance(transformer, Pipeline):
        transformer = transformer[0]
    if _n_dimensions(y) > 1 or not get_tags(transformer).input_tags.two_d_array:
        return y
    return np.asarray(y).reshape(-1, 1)


def _pandas_frame(y, names):
    """Rows as a frame with the columns that the encoder knows."""
    import pandas as pd

    return pd.DataFrame(as_typed(y), columns=names).infer_objects()


def _dense(code):
    """What an encoder gave, as a float array; refuses what is none."""
    code = np.asarray(code.toarray() if issparse(code) else code, dtype=np.float64)
    if code.ndim != 2 or not np.isfinite(code).all():
        raise ValueError(
            f"condition_encoder gave an array of shape {code.shape}"
            f"{'' if np.isfinite(code).all() else ' that is not finite'}; it should give finite "
            "rows of numbers, (n_samples, n_columns)."
        )
    return code
