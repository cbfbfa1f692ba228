"""Labels of training rows: checked, and as columns beside the features."""

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import unique_labels


def checked_labels(X, y, remedy):
    """Labels as an array (n_samples,); refuses what scikit-learn's classifiers refuse."""
    if y is None:
        raise ValueError(f"fit requires y to be passed, but the target y is None; {remedy}.")
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_consistent_length(X, y)
    return y


def one_hot(y, classes):
    """A column a class, float32; refuses labels that are not among the classes."""
    columns = np.asarray(y)[:, None] == classes
    known = columns.any(axis=1)
    if not known.all():
        raise ValueError(
            f"y has the label {np.asarray(y)[~known][0]}, which the earlier fit had not among "
            f"its classes {classes}; use a new estimator, or fit with warm_start=False."
        )
    return columns.astype(np.float32)


def announced_classes(classes, known):
    """Labels of a stream: those of its first call, which later ones may repeat."""
    if classes is None and known is None:
        raise ValueError(
            "classes=None in the first call of partial_fit, after which no label can be new; "
            "pass all labels that will come, such as np.unique(y) of all rows."
        )
    if classes is None:
        return known
    classes = unique_labels(classes)
    if known is not None and not np.array_equal(classes, known):
        raise ValueError(
            f"classes={classes} differ from {known}, those of the earlier fit; "
            "leave classes out, or use a new estimator."
        )
    return classes
