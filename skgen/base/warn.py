"""Warnings that point at the user's line, unless they are muted."""

import sys
import threading
import warnings
from contextlib import contextmanager

# Packages whose frames lie between an estimator and its user.
_BETWEEN = {"skgen", "sklearn", "joblib", "torch", "numba", "contextlib", "functools"}
_muted = threading.local()


def warn(message, category):
    """Warn as if from the innermost frame that is neither skgen's nor scikit-learn's."""
    if issubclass(category, vars(_muted).get("categories", ())):
        return
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _package(frame) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def muted(category):
    """Keep skgen's own warnings of a category from the user, in this thread alone."""
    earlier = vars(_muted).get("categories", ())
    _muted.categories = (*earlier, category)
    try:
        yield
    finally:
        _muted.categories = earlier


def _package(frame):
    return str(frame.f_globals.get("__name__")).partition(".")[0]
