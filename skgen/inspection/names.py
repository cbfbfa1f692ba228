"""Names of columns and of components in the labels of a display."""

import numpy as np


def column_names(X, names=None):
    """Names of the columns of an array or a frame: those given, its own, or x0, x1, ..."""
    n = np.shape(X)[1]
    if names is None:
        own = getattr(X, "columns", None)
        return [f"x{j}" for j in range(n)] if own is None else [str(name) for name in own]
    names = [str(name) for name in names]
    if len(names) != n:
        raise ValueError(f"feature_names has {len(names)} names, but there are {n} columns.")
    return names


def fitted_names(estimator, n):
    """``feature_names_in_`` where these are the names of n columns, None otherwise."""
    names = getattr(estimator, "feature_names_in_", None)
    return names if names is not None and len(names) == n else None


def latent_names(estimator, n):
    """``get_feature_names_out()`` where it names n columns, None otherwise."""
    if not hasattr(estimator, "get_feature_names_out"):
        return None
    names = estimator.get_feature_names_out()
    return names if len(names) == n else None


def data_names(estimator, X, feature_names):
    """Names that are given, None where those of the columns of X serve, or those of the fit."""
    if feature_names is not None or hasattr(X, "columns"):
        return feature_names
    n_columns = getattr(estimator, "n_features_in_", None) if X is None else np.shape(X)[1]
    return fitted_names(estimator, n_columns)


def numbers_of(chosen, names, argument):
    """Numbers of what is chosen by number or by name."""
    numbers = [names.index(one) if one in names else one for one in chosen]
    wrong = [n for n in numbers if isinstance(n, str) or not 0 <= n < len(names)]
    if wrong:
        raise ValueError(f"{argument} has {wrong}, which are not among {names}.")
    return numbers
