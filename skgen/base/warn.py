"""Warnings that point at the user's line, unless they are held back."""

import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar

# Packages whose frames lie between an estimator and its user.
_BETWEEN = {"skgen", "sklearn", "joblib", "torch", "numba", "contextlib", "functools"}
# Categories, and the lists to which their messages go; of this thread alone.
_held = ContextVar("held", default=())


def warn(message, category):
    """Warn as if from the innermost frame that is neither skgen's nor scikit-learn's."""
    for of_category, messages in reversed(_held.get()):
        if issubclass(category, of_category):
            messages.append(message)
            return
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _package(frame) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def held(category):
    """Keep skgen's own warnings of a category from the user: they go to the list that it yields."""
    messages = []
    token = _held.set((*_held.get(), (category, messages)))
    try:
        yield messages
    finally:
        _held.reset(token)


def _package(frame):
    return str(frame.f_globals.get("__name__")).partition(".")[0]
