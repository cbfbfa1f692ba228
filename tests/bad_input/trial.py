"""One call with something odd in it, and what becomes of it."""

import copy
import pickle
import re
import signal
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import (
    ConvergenceWarning,
    DataConversionWarning,
    UndefinedMetricWarning,
)

from skgen import exceptions
from skgen.testing import deterministic_verb, labels
from tests.bad_input.arguments import BESIDE_ROWS, SCALARS
from tests.bad_input.rows import N_ROWS, Rows, base_rows
from tests.bad_input.verbs import BESIDE, BY_ROW, FITS, arguments, model, originals
from tests.instances import label

LONGEST = 60  # seconds; numba may compile meanwhile
EXPECTED_WARNINGS = (
    ConvergenceWarning,
    DataConversionWarning,
    UndefinedMetricWarning,
    exceptions.DataRangeWarning,
    exceptions.HeywoodWarning,
    exceptions.IdentificationWarning,
    exceptions.MeasureWarning,
)
OF_SCIKIT_LEARN = re.compile("X (has|does not have valid) feature names|The number of unique class")
ANSWERED, REFUSED = "answered", "refused"
# Verbs whose answer the model uses from then on.
KEEPS_ITS_ANSWER = ("estimate_log_partition",)


class Violation(AssertionError):
    """A call did what no call may do."""


class TookTooLong(BaseException):
    """A call did not come back; no ``except Exception`` may catch this."""


@dataclass(frozen=True)
class Trial:
    """A verb of an instance with one argument odd, or a fit with a parameter out of range."""

    number: int
    verb: str
    argument: str
    odd: Any  # Rows, a name of a value, or of a parameter its name and its value with its name

    def __str__(self):
        return f"{label(originals()[self.number])}.{self.verb}({self.argument}: {self.odd})"

    def run(self):
        """Make the call; returns "answered" or "refused", or raises a Violation."""
        if isinstance(self.odd, tuple):
            return self._run_parameter()
        in_frame = isinstance(self.odd, Rows) and self.odd.container.startswith("frame")
        fitted = model(self.number, in_frame)
        given = arguments(self.number, self.verb)
        try:
            given[self.argument] = self._odd_value(given)
        except ValueError:
            return "not made"  # such as dates of complex numbers
        if self.argument == "X":
            _match_rows(given, N_ROWS)
        before = _frozen(given), _told(fitted)
        called = copy.deepcopy(fitted) if self.verb in (*FITS, *KEEPS_ITS_ANSWER) else fitted
        outcome, result = self._call(called, given, self._pattern())
        _demand(self, _frozen(given) == before[0], "the call changed what it was given")
        if outcome is REFUSED or called is fitted:
            _demand(self, _same(_told(called), before[1]), "the call changed the fitted model")
        if outcome is ANSWERED:
            self._check(called, result, given)
        return outcome

    def _pattern(self):
        """What an error may name: the argument, or a parameter that does not suit it."""
        names = {name.rpartition("__")[2] for name in originals()[self.number].get_params()}
        # Of fewer rows there are fewer labels, and these may be what is missing.
        beside = {"y"} if self.argument == "X" else set()
        return rf"\b({'|'.join({self.argument} | names | beside)})\b"

    def _odd_value(self, given):
        if isinstance(self.odd, Rows):
            return self.odd.of(given.get(self.argument, base_rows()))
        if self.argument in BESIDE:
            return BESIDE_ROWS[self.odd](N_ROWS)
        return SCALARS[self.odd]

    def _run_parameter(self):
        name, _, value = self.odd
        earlier = copy.deepcopy(model(self.number))
        before, valid = _told(earlier), earlier.get_params()[name]
        pattern = rf"\b{name.rpartition('__')[2]}\b"

        class WithParameter:
            def fit(self, X, y):
                return earlier.set_params(**{name: value}).fit(X, y)

        given = {"X": base_rows(), "y": labels(N_ROWS)}
        outcome, _ = self._call(WithParameter(), given, pattern)
        _demand(self, outcome is REFUSED, "a value out of range was taken")
        if name == "steps":  # set_params says that other steps discard what these had learned
            return outcome
        earlier.set_params(**{name: valid})
        _demand(self, _same(_told(earlier), before), "the call changed the fitted model")
        return outcome

    def _call(self, holder, given, pattern):
        """What the verb of an object made of its arguments, and whether it was refused."""
        with warnings.catch_warnings(record=True) as seen, time_limit(LONGEST):
            warnings.simplefilter("always")
            try:
                outcome, result = ANSWERED, getattr(holder, self.verb)(**given)
            except (ValueError, TypeError, MemoryError) as error:
                outcome, result = REFUSED, error
            except TookTooLong:
                raise Violation(f"{self}: no answer within {LONGEST} s") from None
            except Exception as error:
                raise Violation(f"{self}: {type(error).__name__}: {error}") from error
        if outcome is REFUSED and not re.search(pattern, str(result)):
            raise Violation(
                f"{self}: the error names nothing: {type(result).__name__}: {result}"
            ) from result
        for one in seen:
            # skgen's own point at the line that called it.
            own = one.category is UserWarning and one.filename == __file__
            known = own or issubclass(one.category, EXPECTED_WARNINGS)
            if not known and not OF_SCIKIT_LEARN.match(str(one.message)):
                raise Violation(
                    f"{self}: {outcome}, {one.category.__name__}: {one.message} "
                    f"({one.filename}:{one.lineno})"
                )
        return outcome, result

    def _check(self, called, result, given):
        """Results are finite and have a row for each row that was given."""
        if self.verb in ("fit", "partial_fit"):
            return self._check_fit(called, given)
        if getattr(called, "_has_impossible_rows", False) and self.verb.startswith("score"):
            result = np.nan_to_num(result, nan=np.nan, neginf=-1e300, posinf=np.nan)
        _demand(self, _is_finite(result), f"the result is not finite: {_short(result)}")
        if self.verb in BY_ROW:
            n = np.shape(given["X" if "X" in given else "Z"])[0]
            _demand(self, np.shape(result)[:1] == (n,), f"the shape is {np.shape(result)}")
        if self.verb == "sample":
            n = given.get("n_samples", 1)
            _demand(self, np.shape(result)[0] == n, f"the shape is {np.shape(result)}")
        if isinstance(self.odd, Rows) and self.verb in BY_ROW and self.verb != "impute":
            self._check_plain(called, result, given)
        return None

    def _check_plain(self, called, result, given):
        """The result is that of the same numbers as a plain array."""
        # Codes of whole numbers are compared in the digits of float32.
        number = Rows(values=self.odd.values, shape=self.odd.shape)
        base = arguments(self.number, self.verb)[self.argument]
        if self.odd.type not in ("float64", "float32", "object", "longdouble", ">f8"):
            return
        twin = {**given, self.argument: number.of(base)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = np.asarray(getattr(called, self.verb)(**twin))
        if expected.dtype.kind == "f":
            scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
            same = np.allclose(result, expected, rtol=1e-3, atol=1e-3 * scale, equal_nan=True)
        else:
            same = np.mean(np.asarray(result) == expected) > 0.9
        _demand(self, same, "the result is not that of the same numbers as a plain array")

    def _check_fit(self, called, given):
        """A fit that was taken can be used: what it says of its rows is finite, or refused."""
        verb = deterministic_verb(called)
        # Rows of one fit may be too few for an answer, as one row is for a score of a set.
        for name, extra in ((verb, {"X": given["X"]}), ("sample", {"random_state": 0})):
            if not hasattr(called, name):
                continue
            with warnings.catch_warnings(record=True), np.errstate(all="ignore"):
                warnings.simplefilter("always")
                try:
                    result = getattr(called, name)(**extra)
                except ValueError:
                    continue
            _demand(self, _is_finite(result), f"then {name} gives {_short(result)}")


def _match_rows(given, n):
    """Labels for as many rows as there are; odd rows may be fewer than the others."""
    shape = np.shape(given["X"]) if hasattr(given["X"], "shape") else None
    if shape and "y" in given and len(given["y"]) != shape[0]:
        given["y"] = (np.arange(shape[0]) % 2).astype(int)


def _demand(trial, holds, what):
    if not holds:
        raise Violation(f"{trial}: {what}")


def _told(fitted):
    """What a fitted model says of plain rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(getattr(fitted, deterministic_verb(fitted))(base_rows()))


def _same(one, other):
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _frozen(given):
    """What the arguments hold, as bytes where they can be pickled."""
    frozen = {}
    for name, value in given.items():
        if scipy.sparse.issparse(value):  # beside its arrays it notes what it has found out of them
            parts = vars(value).values()
            value = value.shape, [part for part in parts if isinstance(part, np.ndarray)]
        try:
            frozen[name] = pickle.dumps(value)
        except (TypeError, AttributeError, pickle.PicklingError):
            frozen[name] = id(value)
    return frozen


def _is_finite(result):
    """Whether no float in a result, whatever holds it, is NaN or infinite."""
    if scipy.sparse.issparse(result):
        return _is_finite(result.data)
    if hasattr(result, "iloc") or isinstance(result, np.ndarray | np.generic | float):
        values = np.asarray(result)
        return values.dtype.kind not in "fc" or bool(np.isfinite(values).all())
    if isinstance(result, dict):
        return all(map(_is_finite, result.values()))
    if isinstance(result, tuple | list):
        return all(map(_is_finite, result))
    if is_dataclass(result):
        return all(map(_is_finite, vars(result).values()))
    return True


def _short(result):
    return re.sub(r"\s+", " ", repr(result))[:200]


@contextmanager
def time_limit(seconds):
    """Raise TookTooLong in the main thread after some time, where the system has alarms."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number, frame):
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
