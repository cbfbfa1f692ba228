"""Counts in messages, and what else an error about an argument says."""

import re
from contextlib import contextmanager

from sklearn.exceptions import NotFittedError

from skgen.exceptions import DivergenceError

HOLES = (
    "ProbabilisticPCA and FactorAnalysis are fitted to rows with NaN, and their impute fills them: "
    "X = ProbabilisticPCA().fit(X).impute(X)."
)


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
