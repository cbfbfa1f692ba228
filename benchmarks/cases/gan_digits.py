"""Draws of digits: their classes, their distance to the data, and what they cover."""

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _gan_draws
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    X, y = datasets.digits(scaled=True), load_digits().target
    order = np.random.default_rng(0).permutation(len(X))
    train, test = X[order[:1200]], X[order[1200:]]
    # The judge of the draws has seen every real digit; its error is 1 % in cross-validation.
    return train, test, SVC(C=10).fit(X, y), 2 if setup.quick else "auto"


CASE = Case(
    title="Draws of digits, 1200 training rows",
    family="GAN",
    description="Against 597 held-out digits: MMD^2, the share of them that draws cover, the share "
    "of draws near one of them, and the classes of the draws as a support vector machine names "
    "them.",
    load=load,
    evaluate=_gan_draws.evaluate,
    contenders=[
        Contender("GAN", _gan_draws.fit_gan, warm_up=False),
        Contender("VAE", _gan_draws.fit_vae, warm_up=False),
        Contender(
            "GaussianMixture(20)", _gan_draws.fit_mixture, package="scikit-learn", warm_up=False
        ),
    ],
    objective="MMD^2",
    digits=4,
    repeats=3,
    threads=1,
    assertions=[
        Bound("GAN", "classes", at_least=10),
        Bound("GAN", "KL of the classes", at_most=0.1),
        Compare("GAN", "VAE", on="MMD^2", better="lower"),
        Compare("GAN", "VAE", on="coverage"),
    ],
)
