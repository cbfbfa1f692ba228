"""Features by default of 5000 images."""

from benchmarks import datasets
from benchmarks.cases import _features
from benchmarks.core import Case

# Its fit to 784 columns had not ended after 25 minutes.
WITHOUT = ("FullyVisibleBeliefNetwork",)


def load(setup):
    """The first 5000 training images and their digits."""
    n = 100 if setup.quick else 5000
    X, y = datasets.mnist()
    return {"MNIST": (X[:n], y[:n])}


CASE = Case(
    title="Features by default, 5000 MNIST images",
    family="Features and few labels",
    description=(
        "Accuracy of logistic regression in five times two folds, of standardized pixels with "
        "features beside them, and of standardized features alone. Each estimator saw all rows "
        "without their labels, by its defaults."
    ),
    load=load,
    evaluate=_features.accuracies,
    contenders=_features.contenders(WITHOUT),
    objective="MNIST",
    repeats=1,
    threads=1,
    assertions=_features.not_below_raw({"MNIST": 0.004}, WITHOUT),
)
