"""What every display checks of the arrays that it is given."""

import numpy as np
from sklearn.utils import check_array


def check_rows(X, name, allow_nan=False):
    """A 2-D array of finite floats, with holes where these are allowed."""
    finite = "allow-nan" if allow_nan else True
    return check_array(X, dtype=np.float64, ensure_all_finite=finite, input_name=name)


def check_same_shape(one, other, names):
    """Raise a ValueError unless two arrays have the same shape."""
    if one.shape != other.shape:
        raise ValueError(
            f"{names[0]} has the shape {one.shape}, but {names[1]} has {other.shape}; they must "
            "be the same rows."
        )


def check_has(estimator, display, *verbs):
    """Raise a TypeError unless an estimator has the verbs that a display calls."""
    missing = [verb for verb in verbs if not hasattr(estimator, verb)]
    if missing:
        raise TypeError(
            f"{display} needs {' and '.join(missing)}, which {type(estimator).__name__} does not "
            "have; from_predictions takes arrays from elsewhere."
        )
