"""Draws of digits: their classes, their distance to the data, and what they cover."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    X, y = datasets.digits(scaled=True), load_digits().target
    order = np.random.default_rng(0).permutation(len(X))
    train, test = X[order[:1200]], X[order[1200:]]
    # The judge of the draws has seen every real digit; its error is 1 % in cross-validation.
    return train, test, SVC(C=10).fit(X, y), 2 if setup.quick else "auto"


def fit_gan(data, seed):
    from skgen import GAN

    return GAN(max_iter=data[3], device="cpu", random_state=seed).fit(data[0])


def fit_vae(data, seed):
    from skgen import VAE

    return VAE(likelihood="gaussian", device="cpu", random_state=seed).fit(data[0])


def fit_mixture(data, seed):
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(20, reg_covar=1e-3, random_state=seed).fit(data[0])


def evaluate(model, data):
    """As many draws as there are held-out digits, and the classes of ten times as many."""
    from skgen.kernels.coverage import coverage
    from skgen.kernels.distances import length_scales
    from skgen.kernels.mmd import bandwidths_between, unbiased_mmd2

    _, test, judge, _ = data
    draws = model.sample(10 * len(test))
    draws = draws[0] if isinstance(draws, tuple) else draws
    draws = draws[np.random.default_rng(0).permutation(len(draws))]
    share = np.bincount(judge.predict(draws), minlength=10) / len(draws)
    some = draws[: len(test)]
    widths = bandwidths_between(*length_scales(test))
    present = share > 0
    classes = {f"share of {digit}": value for digit, value in enumerate(share)}
    return {
        "MMD^2": unbiased_mmd2(test, some, widths),
        "coverage": coverage(test, some),
        "draws near data": coverage(some, test),
        "KL of the classes": float((share[present] * np.log(10 * share[present])).sum()),
        "classes": int((share > 0.02).sum()),
        **classes,
    }


CASE = Case(
    title="Draws of digits, 1200 training rows",
    family="GAN",
    description="Against 597 held-out digits: MMD^2, the share of them that draws cover, the share "
    "of draws near one of them, and the classes of the draws as a support vector machine names "
    "them.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("GAN", fit_gan, warm_up=False),
        Contender("VAE", fit_vae, warm_up=False),
        Contender("GaussianMixture(20)", fit_mixture, package="scikit-learn", warm_up=False),
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
