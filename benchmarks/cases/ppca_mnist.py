"""Probabilistic PCA against scikit-learn's PCA on MNIST."""

from benchmarks import datasets
from benchmarks.cases import _ppca
from benchmarks.core import Case


def load(setup):
    X, _ = datasets.mnist()
    return X[: 2000 if setup.quick else None], 64


CASE = Case(
    title="Probabilistic PCA, MNIST 60000 x 784 float32, k = 64",
    family="Linear-Gaussian",
    description="Maximum-likelihood fit on the training images in [0, 1]; training nats a row.",
    load=load,
    evaluate=_ppca.evaluate,
    contenders=_ppca.CONTENDERS,
    objective="log-likelihood",
    digits=6,
    repeats=9,
    assertions=_ppca.ASSERTIONS,
)
