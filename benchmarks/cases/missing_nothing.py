"""Exact EM on data with nothing missing ends at the closed form of probabilistic PCA."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    X = datasets.digits(scaled=True)
    return X - X.mean(axis=0), 8


def fit_closed(data, seed):
    from skgen import ProbabilisticPCA

    Y, k = data
    return ProbabilisticPCA(k).fit(Y).get_covariance()


def fit_em(data, seed):
    """EM from random loadings, 2000 iterations."""
    from skgen.kernels.linear import missing_em

    Y, k = data
    d = Y.shape[1]
    W = 0.1 * np.random.default_rng(seed).standard_normal((k, d))
    state, *_ = missing_em.fit(
        Y,
        np.ones(len(Y)),
        missing_em.State(np.zeros(d), W, np.full(d, Y.var())),
        isotropic=True,
        floor=1e-12,
        tol=-np.inf,
        max_iter=2_000,
        report=lambda *progress: False,
    )
    return state.W.T @ state.W + np.diag(state.psi)


def evaluate(covariance, data):
    closed = fit_closed(data, 0)
    return {"distance to the closed form": np.abs(covariance - closed).max() / np.abs(closed).max()}


CASE = Case(
    title="Exact EM with nothing missing, digits, k = 8",
    family="Linear-Gaussian",
    description=(
        "The EM that fits rows with missing values, from random loadings on complete rows: largest "
        "difference of its covariance from the closed form's, relative to the largest entry."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen closed form", fit_closed),
        Contender("skgen EM", fit_em, repeats=2, warm_up=False),
    ],
    objective="distance to the closed form",
    digits=12,
    repeats=5,
    assertions=[Bound("skgen EM", "distance to the closed form", at_most=1e-8, statistic="max")],
)
