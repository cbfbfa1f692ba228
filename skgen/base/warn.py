"""Warnings that point at the user's line."""

import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar

# Packages whose frames lie between an estimator and its user.
_BETWEEN = {"skgen", "sklearn", "joblib", "torch", "numba", "contextlib", "functools"}

_held = ContextVar("held", default=None)


@contextmanager
def held(category):
    """A context in which the messages of a class of warnings go to the list that it yields."""
    messages = []
    token = _held.set((category, messages))
    try:
        yield messages
    finally:
        _held.reset(token)


def warn(message, category):
    """Warn as if from the innermost frame that is neither skgen's nor scikit-learn's."""
    holder = _held.get()
    if holder is not None and issubclass(category, holder[0]):
        holder[1].append(message)
        return
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _package(frame) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _package(frame):
    return str(frame.f_globals.get("__name__")).partition(".")[0]
