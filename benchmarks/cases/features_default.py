"""Features by default: what a linear classifier makes of those of every estimator."""

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _features
from benchmarks.core import Case, Compare

# About two standard errors of five times two folds.
TABLES = {
    "digits": 0.006,
    "wine": 0.015,
    "cancer": 0.008,
    "bfi": 0.01,
    "mushrooms": 0.01,
    "moons": 0.01,
    "circles": 0.01,
}
# Curved densities tell circles apart; straight ones, and those of bits, cannot.
CURVED = (
    "Autoencoder",
    "DenoisingAE",
    "SparseAE",
    "VAE",
    "FullyVisibleBeliefNetwork",
    "GaussianBernoulliRBM",
    "DeepBeliefNetwork",
    "GAN",
)
HABITATS = 7
CLEARLY = 0.3


def load(setup):
    """Rows and classes of seven tables; gaps of bfi are filled by the median."""
    from sklearn.datasets import (
        load_breast_cancer,
        load_digits,
        load_wine,
        make_circles,
        make_moons,
    )

    X, y = load_digits(return_X_y=True)
    answers = datasets.bfi()[0]
    mushrooms = datasets.mushrooms()[0]
    tables = {
        "digits": (X / 16, y),
        "wine": load_wine(return_X_y=True),
        "cancer": load_breast_cancer(return_X_y=True),
        "bfi": (
            np.where(np.isnan(answers), np.nanmedian(answers, axis=0), answers),
            datasets.bfi_age_group(),
        ),
        "mushrooms": (mushrooms[:, :-HABITATS], mushrooms[:, -HABITATS:].argmax(axis=1)),
        "moons": make_moons(1000, noise=0.2, random_state=0),
        "circles": make_circles(1000, noise=0.08, factor=0.5, random_state=0),
    }
    rng = np.random.RandomState(0)
    n = 100 if setup.quick else None
    found = {}
    for name, (X, y) in tables.items():
        rows = rng.permutation(len(X))[:n]
        found[name] = X[rows], y[rows]
    return found


CASE = Case(
    title="Features by default",
    family="Features and few labels",
    description=(
        "Accuracy of logistic regression in five times two folds, of standardized columns with "
        "features beside them, and of standardized features alone: digits, wine, breast cancer, "
        "the third of all ages from the answers of bfi, habitats of mushrooms from their other "
        "attributes, two moons, two circles. Each estimator saw all rows without their labels, "
        "by its defaults."
    ),
    load=load,
    evaluate=_features.accuracies,
    contenders=_features.contenders(),
    objective="digits",
    repeats=1,
    threads=1,
    assertions=[
        *_features.not_below_raw(TABLES),
        *(Compare(name, _features.RAW, on="circles", slack=-CLEARLY) for name in CURVED),
    ],
)
