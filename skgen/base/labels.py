"""Labels of training rows: checked, and as columns beside the features."""

from numbers import Real

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import unique_labels

from skgen.base.wording import counted, naming

# Marks rows without a label where only some have one, as in scikit-learn.
UNLABELED = -1
# What to do about rows without a label where only some need one.
MARK_THE_REST = f"mark rows without a label by the number {UNLABELED}"


@naming("y")
def checked_labels(X, y, remedy):
    """Labels as an array (n_samples,); refuses what scikit-learn's classifiers refuse.

    ``remedy`` says what to do about rows without a label.
    """
    if y is None:
        raise ValueError(f"fit requires y to be passed, but the target y is None; {remedy}.")
    y = column_or_1d(y, warn=True)
    missing = np.array([is_missing(label) for label in y], dtype=bool)
    if missing.any():
        raise ValueError(
            f"Input y contains NaN or None in {missing.sum()} of {counted(len(y), 'row')}, first "
            f"in row {np.flatnonzero(missing)[0]}: that is no label; {remedy}."
        )
    assert_all_finite(y, input_name="y")
    check_consistent_length(X, y)
    return y


def with_label(y):
    """Which rows are not marked by -1 as without a label; refuses y where all are."""
    known = has_label(y)
    if not known.any():
        raise ValueError(
            f"y marks all of its {len(y)} rows by {UNLABELED}, as without a label; label some."
        )
    return known


def has_label(y):
    """The same, for labels all of which may be missing."""
    if y.dtype.kind in "US" and (y.astype(str) == str(UNLABELED)).any():
        raise ValueError(
            f"y holds the text {str(UNLABELED)!r}, which the number becomes in an array of "
            "strings; use an array of dtype object, in which names and the number -1 stay apart."
        )
    return np.array([not is_unlabeled(label) for label in y], dtype=bool)


def is_unlabeled(label):
    """Whether a label is the number that marks rows without one."""
    return isinstance(label, Real) and label == UNLABELED


def is_missing(label):
    """Whether a label is None, NaN, NaT or pandas.NA."""
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas.NA has no truth value
        return True


def knows_labels(estimator):
    """Whether a fitted network knows labels; before a fit, whether it is to learn them."""
    fitted = vars(estimator)
    return "classes_" in fitted if "module_" in fitted else estimator.use_labels


with_labels = available_if(knows_labels)


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


@naming("classes")
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


def two_or_more_classes(y):
    """Sorted labels; refuses a single one, which leaves nothing to tell apart."""
    classes = np.unique(y)
    if len(classes) == 1:
        raise ValueError(
            f"y has one class, {classes[0]}, in its {counted(len(y), 'labeled row')}, but a "
            "classifier needs two; label rows of another class, or split so that each part keeps "
            f"some, as StratifiedKFold does. {UNLABELED} marks a row without a label and is never "
            "a class: code two classes by 0 and 1."
        )
    return classes
