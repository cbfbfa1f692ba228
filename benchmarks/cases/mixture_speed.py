"""Mixtures of equal size and as many steps of EM: ours against scikit-learn's GaussianMixture."""

import warnings

import numpy as np

from benchmarks.core import Case, Compare, Contender, Speedup

M, K, STEPS = 8, 4, 12


def load(setup):
    """Rows of eight clusters in 32 columns, each with four factors; half for the test."""
    n, d = (1_000 if setup.quick else 20_000), 32
    rng = np.random.default_rng(0)
    means, loadings = 3 * rng.standard_normal((M, d)), rng.standard_normal((M, K, d))
    noise = rng.uniform(0.2, 0.8, (M, d))
    labels = rng.integers(M, size=2 * n)
    X = means[labels] + noise[labels] * rng.standard_normal((2 * n, d))
    X += np.einsum("nk,nkd->nd", rng.standard_normal((2 * n, K)), loadings[labels])
    return X[:n], X[n:]


def _fitted(model, data):
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.set_params(tol=0.0, max_iter=STEPS, n_init=1).fit(data[0])


def ours(n_components):
    def run(data, seed):
        from skgen import MixtureOfFactorAnalyzers

        model = MixtureOfFactorAnalyzers(M, n_components, prior_weight=0, random_state=seed)
        return _fitted(model, data)

    return run


def gaussians(covariance_type):
    def run(data, seed):
        from sklearn.mixture import GaussianMixture

        return _fitted(GaussianMixture(M, covariance_type=covariance_type, random_state=seed), data)

    return run


def evaluate(model, data):
    return {"held-out nats": model.score(data[1]), "steps": model.n_iter_}


OURS, DIAGONAL = "skgen", "skgen, no factors"
FULL, DIAG = "GaussianMixture, full", "GaussianMixture, diag"
THEIRS = {"package": "scikit-learn", "module": "sklearn"}

CASE = Case(
    title="Speed of mixtures",
    family="Linear-Gaussian",
    description="20000 rows of eight clusters in 32 columns, each with four factors: 12 steps of "
    "EM from one k-means, which is in the time, and nats a row of 20000 others. Ours has four "
    "factors, which is to be compared with full covariances, or none, the model of diagonal ones.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(OURS, ours(K)),
        Contender(DIAGONAL, ours(0)),
        Contender(FULL, gaussians("full"), **THEIRS),
        Contender(DIAG, gaussians("diag"), **THEIRS),
    ],
    objective="held-out nats",
    digits=3,
    repeats=3,
    threads=1,
    assertions=[
        Speedup(OURS, over=FULL, at_least=1.0),
        Speedup(DIAGONAL, over=DIAG, at_least=0.5),
        Compare(OURS, FULL, on="held-out nats"),
        Compare(DIAGONAL, DIAG, on="held-out nats", slack=0.05),
    ],
)
