"""Columns of a condition as numbers: classes one by one, reals in units of their spread."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from skgen.base.labels import UNLABELED, has_label, is_missing, is_unlabeled

# Integral floats of more values than these are measurements, not classes.
MOST_CLASSES = 20


@dataclass(frozen=True, eq=False)
class ClassColumn:
    """A column of classes: coded as one column a class."""

    name: str
    classes: np.ndarray

    @property
    def width(self):
        """Number of columns of the code."""
        return len(self.classes)

    def numbers(self, values):
        """Number of the class of each value, -1 where it is unknown; refuses unseen classes."""
        known = {value: number for number, value in enumerate(self.classes.tolist())}
        numbers = np.full(len(values), -1)
        for i, value in enumerate(values.tolist()):
            if is_missing(value) or is_unlabeled(value):
                continue
            if value not in known:
                raise ValueError(
                    f"{self.name} has the class {value!r}, which fit has not seen among "
                    f"{self.classes}; take one of these, NaN for unknown, or train on rows of all "
                    "classes: split as StratifiedKFold does, and pass them as classes to the "
                    "first partial_fit."
                )
            numbers[i] = known[value]
        return numbers

    def code(self, values):
        """Ones in the columns of the classes (n, width), and which values are known (n,)."""
        numbers = self.numbers(values)
        return (numbers[:, None] == np.arange(self.width)).astype(np.float64), numbers >= 0


@dataclass(frozen=True, eq=False)
class RealColumn:
    """A column of real numbers: coded as the distance from the mean in standard deviations."""

    name: str
    mean: float
    scale: float

    width = 1

    def code(self, values):
        """Standardized values (n, 1), and which are known (n,)."""
        values = as_reals(values, self.name)
        known = ~np.isnan(values)
        return np.where(known, (values - self.mean) / self.scale, 0.0)[:, None], known


def learned_column(values, name, weight=None, classes=None):
    """The column that describes these values (n,), whose ``classes`` may be announced."""
    reals = None if classes is not None else _measurements(values, name)
    if reals is not None:
        return _learned_reals(reals, name, weight)
    if values.dtype.kind not in "iufbOUS":
        raise ValueError(f"{name} has the dtype {values.dtype}; pass numbers, strings or booleans.")
    known = np.array([not is_missing(value) for value in values.tolist()], dtype=bool)
    labels = values[known]
    labels = labels[has_label(labels)]
    if classes is None:
        classes = _distinct(labels, name)
    else:
        classes = _distinct(np.asarray(classes), f"classes of {name}")
        classes = classes[has_label(classes)]
    if len(classes) == 1 and len(labels) < known.sum():
        raise ValueError(
            f"{name} has one class, {classes[0]}, beside {UNLABELED}, which marks unknown ones "
            "and is never a class: code two classes by 0 and 1."
        )
    if not len(classes):
        raise ValueError(f"{name} holds no known value in its {len(values)} rows; label some.")
    return ClassColumn(name, classes)


def as_reals(values, name):
    """Values as float64, with NaN where they are missing; refuses what is no finite number."""
    try:
        if values.dtype == object:
            values = [np.nan if is_missing(value) else value for value in values.tolist()]
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} held numbers in fit; pass numbers, or NaN for unknown.") from None
    if np.isinf(values).any():
        raise ValueError(f"{name} contains infinity; pass finite numbers, or NaN for unknown.")
    return values


def _measurements(values, name):
    """Values as float64 where they are real numbers, None where they are classes."""
    if values.dtype.kind == "O":
        known = [value for value in values.tolist() if not is_missing(value)]
        if not known or not all(map(_is_real, known)) or all(map(_is_whole, known)):
            return None
    elif values.dtype.kind != "f":
        return None
    reals = as_reals(values, name)
    distinct = np.unique(reals[~np.isnan(reals)])
    few = len(distinct) <= MOST_CLASSES and (distinct == np.round(distinct)).all()
    return None if few else reals


def _is_real(value):
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def _is_whole(value):
    return isinstance(value, Integral)


def _learned_reals(values, name, weight):
    known = ~np.isnan(values)
    weight = np.ones(known.sum()) if weight is None else np.asarray(weight, np.float64)[known]
    mean = np.average(values[known], weights=weight)
    variance = np.average((values[known] - mean) ** 2, weights=weight)
    return RealColumn(name, float(mean), float(np.sqrt(variance)) or 1.0)


def _distinct(labels, name):
    """Sorted classes, each once."""
    try:
        return np.unique(labels)
    except TypeError:
        raise ValueError(
            f"{name} mixes kinds of values, such as text and numbers, which have no order; turn "
            "all of them into text."
        ) from None
