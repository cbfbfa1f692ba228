"""Numbers for the categories of a table, and back."""

import numpy as np

from skgen.base.wording import check_no_date, is_frame

OF_CATEGORIES = (
    *("category", "categorical", "enum", "object", "str", "bool"),
    *("large_string", "dictionary"),  # of Arrow
)


class CategoryCodes:
    """Which columns of a table are categorical, and the categories of each.

    Parameters
    ----------
    X : frame or array of shape (n_samples, n_features)
        Training data.
    categorical_features : "from_dtype", None or array-like
        As in ``FullyVisibleBeliefNetwork``.

    Attributes
    ----------
    categories : dict
        Sorted categories by column number.
    """

    def __init__(self, X, categorical_features):
        self.categories = {}
        X = _table(X)
        if is_frame(X):
            check_names(X)
        elif np.ndim(X) != 2:
            return  # for validation to refuse
        if isinstance(categorical_features, str):
            if not is_frame(X) and X.dtype.kind in "iuf":
                return
            chosen = [j for j, column in enumerate(_columns(X)) if _looks_categorical(column)]
        else:
            chosen = _named(categorical_features, X)
        for j in chosen:
            self.categories[j] = _distinct(_columns(X)[j])

    def add(self, blocks):
        """Learn which categories further rows have, where there are columns of any."""
        for X in blocks if self.categories else ():
            for j, known in self.categories.items():
                self.categories[j] = _distinct(_columns(X)[j], known)

    def codes(self, X, handle_unknown):
        """X with categories replaced by their numbers; a frame stays one.

        What is missing, and unknown categories where they are to be ignored, are NaN.
        """
        if not self.categories or np.ndim(X) != 2:
            return X
        X = _table(X)
        columns = [
            self._codes_of(column, j, handle_unknown) if j in self.categories else _floats(column)
            for j, column in enumerate(_columns(X))
        ]
        if not is_frame(X):
            return np.stack(columns, axis=1)
        return type(X)(dict(zip(X.columns, columns)))

    def _codes_of(self, column, j, handle_unknown):
        number = {value: code for code, value in enumerate(self.categories[j])}
        values = _objects(column)
        codes = np.array([number.get(value, -1) for value in values], dtype=np.float64)
        missing = np.array([_is_missing(value) for value in values], dtype=bool)
        unknown = (codes < 0) & ~missing
        if unknown.any() and handle_unknown == "error":
            value = values[int(np.argmax(unknown))]
            raise ValueError(
                f"Column {j} of X has the category {value!r}, which no row of the fit had; it had "
                f'{list(self.categories[j])[:10]}. Use handle_unknown="ignore" to take it for '
                "missing."
            )
        return np.where(codes < 0, np.nan, codes)

    def values(self, rows):
        """Rows of numbers (n, d) with categories in their places; objects where there are any."""
        if not self.categories:
            return rows
        rows = rows.astype(object)
        for j, categories in self.categories.items():
            known = [not _is_missing(code) for code in rows[:, j]]
            column = rows[known, j].astype(np.int64)
            rows[known, j] = [categories[code] for code in column]
        return rows


def _table(X):
    """A frame or an array as it is; of lists an array of their values, which have types each."""
    return X if is_frame(X) or hasattr(X, "dtype") else np.asarray(X, dtype=object)


def check_names(X):
    """Refuse a frame in which several columns have one name."""
    names = list(X.columns)
    if len(set(names)) == len(names):
        return
    double = next(name for name in names if names.count(name) > 1)
    raise ValueError(
        f"X has several columns called {double!r}; give each column a name of its own."
    )


def _columns(X):
    """Columns of a frame or an array, in order."""
    if not is_frame(X):
        return list(np.asarray(X).T)
    if hasattr(X, "iloc"):
        return [X.iloc[:, j] for j in range(X.shape[1])]
    return [X[name] for name in X.columns]


def _looks_categorical(column):
    """Whether a column has the type of categories; objects that are all numbers are numbers."""
    if not str(column.dtype).lower().startswith(OF_CATEGORIES):
        return False
    if str(column.dtype) != "object":
        return True
    return any(isinstance(value, str | bool) for value in _objects(column))


def _named(features, X):
    """Numbers of columns that a mask, names or numbers tell."""
    if features is None:
        return []
    features = np.atleast_1d(np.asarray(features))
    d = X.shape[1]
    if features.dtype.kind == "b":
        if len(features) != d:
            raise ValueError(
                f"categorical_features is a mask of {len(features)} columns, but X has {d}; give "
                "one boolean a column."
            )
        return np.flatnonzero(features).tolist()
    if features.dtype.kind in "iu":
        if len(features) and not (-d <= features.min() and features.max() < d):
            raise ValueError(
                f"categorical_features={features.tolist()}, but X has {d} columns; give numbers "
                f"from 0 to {d - 1}."
            )
        return sorted({int(number) % d for number in features})
    names = list(getattr(X, "columns", ()))
    unknown = [name for name in features.tolist() if name not in names]
    if unknown:
        raise ValueError(
            f"categorical_features names {unknown}, but the columns of X are {names}; give names "
            "of a frame, numbers or a mask."
        )
    return sorted(names.index(name) for name in features.tolist())


def _distinct(column, known=()):
    """Sorted categories of a column; those of a categorical type that no row has are left out."""
    distinct = {*known, *(value for value in _objects(column) if not _is_missing(value))}
    try:
        return sorted(distinct)
    except TypeError:  # of types that have no order
        return sorted(distinct, key=lambda value: (type(value).__name__, str(value)))


def _objects(column):
    """Values of a column as Python objects."""
    return column.tolist() if hasattr(column, "tolist") else column.to_list()


def _is_missing(value):
    """Whether a value is None, NaN or a library's mark of what is missing."""
    if value is None or isinstance(value, str):
        return value is None
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA is neither equal nor unequal
        return True


def _floats(column):
    """A numeric column in float64, with NaN for what is missing."""
    check_no_date(getattr(column, "name", None), column.dtype)
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        values = _objects(column)
        return np.array([np.nan if _is_missing(v) else v for v in values], dtype=np.float64)
