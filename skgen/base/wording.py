"""Counts in messages, and what else an error about an argument says."""

import re
from contextlib import contextmanager

from sklearn.exceptions import NotFittedError

from skgen.exceptions import DivergenceError

HOLES = (
    "ProbabilisticPCA and FactorAnalysis are fitted to rows with NaN, and their impute fills them: "
    "X = ProbabilisticPCA().fit(X).impute(X)."
)

# What NumPy, pandas and polars say of values that are no numbers.
NOT_CONVERTED = re.compile(r"could not convert|Cannot cast|float\(\) argument|promoted")


def counted(n, noun):
    """``1 row``, ``2 rows``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


@contextmanager
def naming(argument, *others):
    """Begin what a ValueError or TypeError says with the argument it is about, unless it names it.

    What scikit-learn and NumPy say of an array does not always tell which of several it was.
    An error with one of the other words in it is about something else.
    """
    try:
        yield
    except (NotFittedError, DivergenceError):  # about a model, and of a kind that users catch
        raise
    except (ValueError, TypeError) as error:
        if re.search(rf"\b({'|'.join([argument, *others])})\b", str(error)):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{argument}: {error}") from error


@contextmanager
def naming_rows(X):
    """As ``naming("X")``, and say which column of a frame holds what is no number."""
    try:
        with naming("X"):
            yield
    except (ValueError, TypeError) as error:
        found = _no_number(X) if NOT_CONVERTED.search(str(error)) else None
        if found is None:
            raise
        name, value = found
        raise type(error)(
            f"Column {name!r} of X holds {value!r}, which is no number; encode such columns, as in "
            "make_generative_pipeline(make_column_transformer((OneHotEncoder(), ...), ...), ...), "
            "or use FullyVisibleBeliefNetwork, which takes categories."
        ) from error


def without_dates(X):
    """X as it is, unless a frame has columns of dates, whose numbers depend on an unseen unit."""
    for name, kind in zip(X.columns, X.dtypes) if is_frame(X) else ():
        check_no_date(name, kind)
    return X


def is_frame(X):
    """Whether X has columns with names and types."""
    return hasattr(X, "columns") and hasattr(X, "dtypes")


def check_no_date(name, kind):
    """Refuse a column of a type of dates or times."""
    if is_date(kind):
        raise TypeError(
            f"Column {name!r} of X holds dates or times ({kind}), and a model takes numbers; give "
            "numbers in their place, such as days since the first date."
        )


def is_date(kind):
    """Whether a type of a column, of whatever library, holds dates, times or what lies between."""
    is_temporal = getattr(kind, "is_temporal", None)  # polars
    if callable(is_temporal):
        return bool(is_temporal())
    return getattr(kind, "kind", "") in ("M", "m") or str(kind).startswith("period")


def _no_number(X):
    """Name of the first column of a frame with what is no number, and that; None without any."""
    for j, name in enumerate(X.columns if is_frame(X) else ()):
        column = X.iloc[:, j] if hasattr(X, "iloc") else X[name]
        if getattr(column.dtype, "kind", "O") in ("i", "u", "f", "b", "c"):
            continue
        for value in column.tolist() if hasattr(column, "tolist") else column.to_list():
            if not _is_number(value):
                return name, value
    return None


def _is_number(value):
    """Whether a value is a number or missing."""
    if value is None or str(value) in ("<NA>", "NaT"):
        return True
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


@contextmanager
def naming_what_takes_holes(estimator):
    """Say in an error about NaN what does take it."""
    try:
        yield
    except ValueError as error:
        said = str(error).partition("\n")[0]
        if "contains NaN" not in said:
            raise
        name = type(estimator).__name__
        fills = hasattr(estimator, "impute")
        own = f" A fitted {name} fills new rows by impute, too." if fills else ""
        raise ValueError(
            f"{said}\n{name} does not accept missing values encoded as NaN here. {HOLES}{own}"
        ) from error
