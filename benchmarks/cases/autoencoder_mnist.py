"""The deep autoencoder of Hinton & Salakhutdinov on MNIST."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender, Headline


def load(setup):
    n, epochs = (2000, 1) if setup.quick else (60_000, 80)
    return datasets.mnist("train")[0][:n], datasets.mnist("test")[0], epochs, setup.device


def fit_skgen(data, seed):
    from skgen import Autoencoder

    X, _, epochs, device = data
    return Autoencoder(
        30,
        hidden_layer_sizes=(1000, 500, 250),
        activation="silu",
        loss="squared_error",
        bounded=True,
        batch_size=256,
        learning_rate=3e-3,
        weight_decay=0.25,
        max_iter=epochs,
        device=device,
        random_state=seed,
    ).fit(X)


def fit_pca(data, seed):
    from sklearn.decomposition import PCA

    return PCA(30, svd_solver="covariance_eigh").fit(data[0])


def evaluate(model, data):
    rebuilt = model.inverse_transform(model.transform(data[1]))
    return {"squared error": np.square(data[1] - rebuilt).sum(1).mean()}


CASE = Case(
    title="Autoencoder 784-1000-500-250-30, MNIST",
    family="Autoencoders and VAE",
    description="Squared error a test image; 3.00 in 2006 (pre-trained by RBMs).",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(
            "skgen",
            fit_skgen,
            warm_up=False,
            slow=True,
            note="80 epochs, SiLU, bounded, decay 0.25",
        ),
        Contender("PCA", fit_pca, package="scikit-learn", module="sklearn"),
    ],
    objective="squared error",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    headline=Headline("better", over="PCA"),
    assertions=[
        Bound("skgen", "squared error", at_most=2.6),
        Compare("skgen", "PCA", on="squared error", better="lower"),
    ],
)
