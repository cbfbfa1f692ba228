"""In which units the networks see the rows."""

import numpy as np

from skgen.training import column_moments

SPAN = 8  # sds that the range of a column may have


def robust_scales(X):
    """Mean of each column and its unit: the standard deviation, or an eighth of the range.

    A column that is nearly always constant, such as a pixel at the edge of an image, has a small
    standard deviation, and its few other values would lie far out in units of it.
    """
    mean, variance = column_moments(X)
    span = (np.max(X, axis=0).astype(float) - np.min(X, axis=0)) / SPAN
    unit = np.maximum(np.sqrt(variance), span)
    # A constant column of large numbers has a rounding error for a variance.
    constant = span <= 10 * np.finfo(X.dtype if X.dtype.kind == "f" else float).eps * np.abs(mean)
    return mean, np.where(constant, 1.0, unit)
