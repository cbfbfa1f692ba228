"""The scales in which the networks see the rows."""

import numpy as np

from skgen.training import column_moments

SPAN = 8  # sds that the range of a column may have


def center_and_scale(X):
    """Mean of each column and its scale: the standard deviation, or an eighth of the range.

    A column that is nearly always constant, such as a pixel at the edge of an image, has a small
    standard deviation, and its few other values would lie many of these away.
    """
    mean, variance = column_moments(X)
    span = (np.max(X, axis=0).astype(float) - np.min(X, axis=0)) / SPAN
    scale = np.maximum(np.sqrt(variance), span)
    # A constant column of large numbers has a rounding error for a variance.
    constant = span <= 10 * np.finfo(X.dtype if X.dtype.kind == "f" else float).eps * np.abs(mean)
    return mean, np.where(constant, 1.0, scale)
