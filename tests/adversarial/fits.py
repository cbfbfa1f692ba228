"""Fits that are too short to cover the data."""

import warnings

from sklearn.exceptions import ConvergenceWarning


def quiet_fit(model, X, y=None):
    """Fit without the warning of low coverage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)
