"""Tables of rows with one or two odd things about them: their shape, values, type, container."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import scipy.sparse

from skgen.testing import toy

N_ROWS, N_COLUMNS = 24, 5


def base_rows():
    """Rows in [0, 1], which every estimator takes."""
    X = toy(N_ROWS, N_COLUMNS)
    return (X - X.min(axis=0)) / np.ptp(X, axis=0)


def _with(value, everywhere=False):
    def change(X):
        X = X.copy()
        if everywhere:
            X[...] = value
        elif X.size:
            X.flat[X.size // 2] = value
        return X

    return change


def _column(value):
    def change(X):
        X = X.copy()
        X[..., -1:] = value
        return X

    return change


VALUES = {
    "as they are": lambda X: X,
    "NaN in one": _with(np.nan),
    "NaN alone": _with(np.nan, everywhere=True),
    "NaN in a column": _column(np.nan),
    "inf in one": _with(np.inf),
    "-inf in one": _with(-np.inf),
    "1e308 in one": _with(1e308),
    "1e20 in one": _with(1e20),
    "times 1e200": lambda X: X * 1e200,
    "times 1e150": lambda X: X * 1e150,
    "times 1e30": lambda X: X * 1e30,
    "times 1e4": lambda X: X * 1e4,
    "times 1e-30": lambda X: X * 1e-30,
    "times 1e-200": lambda X: X * 1e-200,
    "times 1e-310": lambda X: X * 1e-310,
    "plus 1e9": lambda X: X + 1e9,
    "negative": lambda X: -5 * X,
    "bits": np.round,
    "constant": _with(0.5, everywhere=True),
    "zeros": _with(0.0, everywhere=True),
    "a constant column": _column(0.25),
    "a column of 1e100": lambda X: X * np.r_[np.ones(X.shape[-1] - 1), 1e100][: X.shape[-1]],
    "equal rows": lambda X: np.broadcast_to(X[:1], X.shape).copy(),
    "equal columns": lambda X: np.broadcast_to(X[..., :1], X.shape).copy(),
}
SHAPES = {
    "as it is": lambda X: X,
    "no row": lambda X: X[:0],
    "no column": lambda X: X[:, :0],
    "nothing": lambda X: X[:0, :0],
    "one row": lambda X: X[:1],
    "two rows": lambda X: X[:2],
    "one column": lambda X: X[:, :1],
    "a column less": lambda X: X[:, :-1],
    "a column more": lambda X: np.hstack([X, X[:, :1]]),
    "a vector": lambda X: X[0],
    "a number": lambda X: X[0, 0],
    "three axes": lambda X: X[:, :, None],
}
TYPES = {
    name: name
    for name in (
        *("float64", "float32", "float16", "longdouble", "complex64", "complex128", "bool"),
        *("int8", "uint8", "int32", "int64", "uint64", "object", "str", "bytes", ">f8"),
        *("datetime64[s]", "timedelta64[s]"),
    )
}


def _read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


def _spread(X):
    """A view of every second entry along both axes."""
    if not X.ndim:
        return X
    wide = np.zeros([2 * n for n in X.shape], dtype=X.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in X.shape)]
    view[...] = X
    return view


LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "read-only": _read_only,
    "every second": _spread,
    "backwards": lambda X: X[::-1].copy()[::-1] if X.ndim else X,
    "unaligned": lambda X: (
        np.frombuffer(b"\0" + X.tobytes(), X.dtype, X.size, 1).reshape(X.shape)
        if X.dtype != object and X.size
        else X
    ),
}


def _ragged(X):
    rows = X.tolist()
    if isinstance(rows, list) and rows and isinstance(rows[0], list):
        rows[0] = rows[0][:-1]
    return rows


def _frame(names):
    def make(X):
        if X.ndim != 2:
            return X
        if not X.dtype.isnative or X.dtype.char in "eg":
            X = X.astype(np.float64)
        return pd.DataFrame(X, columns=names(X.shape[1]))

    return make


def _sparse(kind):
    def make(X):
        wrong = X.ndim != 2 or X.dtype.kind not in "biufc" or X.dtype.char in "eg"
        return X if wrong or not X.dtype.isnative else kind(X)

    return make


CONTAINERS = {
    "array": lambda X: X,
    "list": lambda X: X.tolist(),
    "ragged list": _ragged,
    "list of text": lambda X: [["a"] * N_COLUMNS] * 3,
    "dict": lambda X: {"a": X.tolist()},
    "set": lambda X: {1.0, 2.0},
    "text": lambda X: "rows",
    "None": lambda X: None,
    "an object": lambda X: object(),
    "a type": lambda X: float,
    "a generator": lambda X: (row for row in X.tolist()) if X.ndim else X,
    "masked array": lambda X: np.ma.MaskedArray(X),
    "matrix": lambda X: np.matrix(X) if X.ndim == 2 else X,
    "frame": _frame(lambda d: [f"column {j}" for j in range(d)]),
    "frame of other names": _frame(lambda d: [f"other {j}" for j in range(d)]),
    "frame in another order": _frame(lambda d: [f"column {d - 1 - j}" for j in range(d)]),
    "frame of numbers for names": _frame(range),
    "frame of mixed names": _frame(lambda d: ["a", *range(1, d)][:d]),
    "frame of equal names": _frame(lambda d: ["a"] * d),
    "series": lambda X: pd.Series(X[:, 0]) if X.ndim == 2 and X.shape[1] else X,
    "csr_matrix": _sparse(scipy.sparse.csr_matrix),
    "csc_matrix": _sparse(scipy.sparse.csc_matrix),
    "coo_matrix": _sparse(scipy.sparse.coo_matrix),
    "lil_matrix": _sparse(scipy.sparse.lil_matrix),
    "csr_array": _sparse(scipy.sparse.csr_array),
    "dia_array": _sparse(scipy.sparse.dia_array),
}


@dataclass(frozen=True)
class Rows:
    """What is odd about a table, by name; the defaults are what is not."""

    values: str = "as they are"
    shape: str = "as it is"
    type: str = "float64"
    layout: str = "C"
    container: str = "array"

    def odd(self):
        """Names of what is odd."""
        return [f.name for f in fields(self) if getattr(self, f.name) != f.default]

    def array(self, X):
        """The rows before they are put into a container; ValueError where there are none."""
        with np.errstate(all="ignore"):
            X = SHAPES[self.shape](VALUES[self.values](X))
            X = np.asarray(X)
            if self.type == "object":
                return LAYOUTS[self.layout](X.astype(object))
            if np.dtype(self.type).kind in "iumM":
                X = np.nan_to_num(X).clip(0, 100)
            return LAYOUTS[self.layout](X.astype(self.type))

    def of(self, X):
        """The table made of such rows."""
        return CONTAINERS[self.container](self.array(X))


TABLES = {
    "values": VALUES,
    "shape": SHAPES,
    "type": TYPES,
    "layout": LAYOUTS,
    "container": CONTAINERS,
}
