"""A linear autoencoder against PCA."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    return datasets.digits(), 8


def fit_skgen(data, seed):
    from skgen import Autoencoder

    X, k = data
    return Autoencoder(
        k,
        hidden_layer_sizes=(),
        learning_rate=1e-2,
        batch_size=600,
        max_iter=600,
        random_state=seed,
    ).fit(X)


def fit_sklearn(data, seed):
    from sklearn.decomposition import PCA

    X, k = data
    return PCA(k, svd_solver="covariance_eigh").fit(X)


def evaluate(model, data):
    from scipy.linalg import subspace_angles
    from sklearn.decomposition import PCA

    X, k = data
    rebuilt = model.inverse_transform(model.transform(X))
    directions = model.inverse_transform(np.eye(k)) - model.inverse_transform(np.zeros((1, k)))
    angles = subspace_angles(directions.T, PCA(k).fit(X).components_.T)
    return {"squared error": np.square(X - rebuilt).sum(1).mean(), "angle": angles.max()}


CASE = Case(
    title="Linear autoencoder, digits, k = 8",
    family="Autoencoders and VAE",
    description="Squared error a row, and the largest angle to the subspace of PCA.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen", fit_skgen),
        Contender("PCA", fit_sklearn, package="scikit-learn", module="sklearn"),
    ],
    objective="squared error",
    digits=3,
    repeats=3,
    assertions=[
        Compare("skgen", "PCA", on="squared error", better="equal", relative=1e-3),
        Bound("skgen", "angle", at_most=1e-3, statistic="max"),
    ],
)
