"""Restricted Boltzmann machines that classify by themselves."""

import math

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    return _deep.mnist(setup, 20)


def fit(data, seed, **parameters):
    from skgen import BernoulliRBM

    X, _, y, _, device, epochs = data
    return BernoulliRBM(
        500,
        use_labels=True,
        learning_rate_schedule="cosine",
        batch_size=50,
        max_iter=epochs,
        device=device,
        random_state=seed,
        **parameters,
    ).fit(X, y)


def fit_discriminative(data, seed):
    # A step of the labels' own gradient, without that of a density beside it. 5 may diverge.
    how = {"learning_rate": 2.0, "init_scale": 0.2}
    return fit(data, seed, discriminative_weight=math.inf, **how)


def fit_hybrid(data, seed):
    how = {"learning_rate": 0.1, "init_scale": 0.05, "n_gibbs_steps": 1}
    return fit(data, seed, discriminative_weight=100.0, **how)


CASE = Case(
    title="Discriminative and hybrid RBM, MNIST",
    family="Boltzmann machines",
    description="Classifiers of 500 hidden units, of which one learns the labels given the images "
    "alone, and one the density of both, too. 20 epochs of the 60000 gray images; the rate of the "
    "first was chosen on the last 10000 of them, what else there is on 1000 beside 5000 others. "
    "Error on the test images; 1.81 % and, of 1500 hidden units, 1.28 % are reported.",
    load=load,
    evaluate=_deep.error_of_labels,
    contenders=[
        Contender("skgen, hybrid", fit_hybrid, warm_up=False),
        Contender("skgen, labels alone", fit_discriminative, warm_up=False),
    ],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen, labels alone", "error %", at_most=1.81),
        Bound("skgen, hybrid", "error %", at_most=1.28),
        Compare("skgen, hybrid", "skgen, labels alone", on="error %", better="lower"),
    ],
)
