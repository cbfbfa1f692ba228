"""A linear VAE against the closed form that it approximates."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Case, Compare, Contender


def load(setup):
    return datasets.digits(), 8


def fit_skgen(data, seed):
    from skgen import VAE

    X, k = data
    return VAE(
        k,
        hidden_layer_sizes=(),
        noise_variance="isotropic",
        weight_decay=0.0,
        learning_rate=5e-3,
        max_iter=500,
        n_score_samples=256,
        random_state=seed,
    ).fit(X)


def fit_exact(data, seed):
    from sklearn.decomposition import PCA

    X, k = data
    return PCA(k, svd_solver="covariance_eigh").fit(X)


def exact_nats(model, data):
    """Maximum log-likelihood of probabilistic PCA (Tipping & Bishop 1999)."""
    X, k = data
    d = X.shape[1]
    values = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]
    log_det = np.log(values[:k]).sum() + (d - k) * np.log(values[k:].mean())
    return {"log-likelihood": -0.5 * (d * np.log(2 * np.pi) + log_det + d)}


CASE = Case(
    title="Linear VAE, digits, k = 8",
    family="Autoencoders and VAE",
    description="Nats a training row, beside the exact maximum of probabilistic PCA.",
    load=load,
    evaluate=lambda model, data: {"log-likelihood": model.score(data[0])},
    contenders=[
        Contender("skgen", fit_skgen),
        Contender(
            "exact PPCA",
            fit_exact,
            package="scikit-learn",
            module="sklearn",
            evaluate=exact_nats,
            note="closed form",
        ),
    ],
    objective="log-likelihood",
    digits=3,
    repeats=3,
    assertions=[Compare("skgen", "exact PPCA", on="log-likelihood", slack=0.05)],
)
