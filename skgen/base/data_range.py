"""Which likelihood suits the data, and by which scales the networks see them."""

import numpy as np

from skgen.base.warn import warn
from skgen.exceptions import DataRangeWarning
from skgen.training import column_moments

BLOCK = 8192
LEAST_NOISE = 1e-4  # sd of the noise >= 1 % of that of the data


def looks_binary(X):
    """Whether X lies in [0, 1] with more than a quarter of its values at the ends.

    So are binary data and gray images; continuous data that were scaled into the unit
    interval are not, and deserve a density.
    """
    n_ends = 0
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        if block.min() < 0 or block.max() > 1:
            return False
        n_ends += np.count_nonzero((block == 0) | (block == 1))
    return 4 * n_ends > X.size


def warn_outside_unit_interval(X, name, remedy):
    """Warn once where Bernoulli data leave [0, 1]."""
    low, high = float(X.min()), float(X.max())
    if low < 0 or high > 1:
        warn(
            f"{name} describes values in [0, 1], but X ranges from {low:.3g} to {high:.3g}; "
            f"scale X with MinMaxScaler, or use {remedy}.",
            DataRangeWarning,
        )


def common_scale(X):
    """Mean of each column, and one scale for all: the root of their mean variance."""
    mean, variance = column_moments(X)
    return mean, float(np.sqrt(variance.mean())) or 1.0


def column_scales(X):
    """Mean of each column, and its standard deviation; 1 for constant columns."""
    mean, variance = column_moments(X)
    # A constant column of large numbers has a rounding error for a variance.
    constant = (
        variance <= (10 * np.finfo(X.dtype if X.dtype.kind == "f" else float).eps * mean) ** 2
    )
    return mean, np.where(constant, 1.0, np.sqrt(np.where(constant, 1.0, variance)))


def noise_floors(X, mean, scale):
    """Least noise variance of each column that its rows vouch for, as a fraction of its variance.

    A column that is nearly always constant has seen too few other values for a decoder to
    claim that it predicts them. With kurtosis kappa the variance of n rows is known as well
    as from n / (kappa - 1) rows of a two-point law, and one more is assumed as noise.
    """
    second, fourth = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for start in range(0, len(X), BLOCK):
        squares = np.square((X[start : start + BLOCK] - mean) / scale)
        second += squares.sum(axis=0) / len(X)
        fourth += np.square(squares).sum(axis=0) / len(X)
    kurtosis = np.divide(fourth, second**2, out=np.full_like(second, 3.0), where=second > 0)
    n_effective = len(X) / np.maximum(kurtosis - 1, 1e-3)
    return np.maximum(1 / (1 + n_effective), LEAST_NOISE)
