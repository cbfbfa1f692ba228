"""Warnings that point at the user's line."""

import sys
import warnings

# Packages whose frames lie between an estimator and its user.
_BETWEEN = {"skgen", "sklearn", "joblib", "torch", "numba", "contextlib", "functools"}


def warn(message, category):
    """Warn as if from the innermost frame that is neither skgen's nor scikit-learn's."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _package(frame) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _package(frame):
    return str(frame.f_globals.get("__name__")).partition(".")[0]
