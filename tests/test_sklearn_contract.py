"""Every scikit-learn check on every estimator, none left out and one expected to fail.

The same of estimators that differ from another in how they learn alone is marked ``slow``.
"""

from unittest import SkipTest

import pytest
import scipy
import sklearn
from sklearn.utils.estimator_checks import estimator_checks_generator

from skgen import VAE, BernoulliRBM, DeepBoltzmannMachine, FineTunedClassifier
from tests.instances import instances, label, models, other_trainings, with_checks


def release(package):
    """Major and minor version."""
    return tuple(map(int, package.__version__.split(".")[:2]))


# Toy data have constant columns and fewer rows than any model deserves: its warnings are right.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]

# A pipeline gets 46 checks, every other estimator more; fewer would mean that tags hide some.
FEWEST_CHECKS = 46 if release(sklearn) >= (1, 9) else 45
# What depends on the rows before has no transform of a row, to which some of them are due.
N_OF_TRANSFORMERS = 5


def never_takes_minus_one_for_a_class(estimator):
    """Whether -1 marks rows without a label."""
    if isinstance(estimator, BernoulliRBM | DeepBoltzmannMachine | VAE):
        return estimator.use_labels
    return isinstance(estimator, FineTunedClassifier)


def codes_a_class_by_minus_one(check):
    """Whether a check ends with the classes -1 and 1, unless the estimator has certain names.

    These are scikit-learn's own semi-supervised classifiers, in which -1 is no class either.
    """
    return check.func.__name__ == "check_classifiers_classes"


@with_checks(models())
def test_check(estimator, check):
    if never_takes_minus_one_for_a_class(estimator) and codes_a_class_by_minus_one(check):
        with pytest.raises(ValueError, match="one class, 1, in its"):
            check(estimator)
        check.func("SelfTrainingClassifier", estimator)
        return
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.fail(f"the check did not run: {reason}")


# The checks ask how input is read and results are given, which a training does not change.
@pytest.mark.slow
@with_checks(other_trainings())
def test_check_of_other_trainings(estimator, check):
    test_check(estimator, check)


@pytest.mark.parametrize("estimator", instances(), ids=label)
def test_number_of_checks(estimator):
    names = [check.func.__name__ for _, check in estimator_checks_generator(estimator)]
    spared = 0 if hasattr(estimator, "transform") else N_OF_TRANSFORMERS
    assert len(names) >= FEWEST_CHECKS - spared, sorted(names)


@pytest.mark.skipif(release(scipy) < (1, 14), reason="scikit-learn wants SciPy 1.14 for array APIs")
def test_array_api_checks_are_on():
    from scipy._lib._array_api import SCIPY_ARRAY_API

    assert SCIPY_ARRAY_API
