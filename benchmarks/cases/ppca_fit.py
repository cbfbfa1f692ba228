"""Probabilistic PCA against scikit-learn's PCA on drawn factor data."""

from benchmarks import datasets
from benchmarks.cases import _ppca
from benchmarks.core import Case


def load(setup):
    return datasets.factor_data(2000 if setup.quick else 20_000), 16


CASE = Case(
    title="Probabilistic PCA, 20000 x 256 float32, k = 16",
    family="Linear-Gaussian",
    description="Maximum-likelihood fit on rows drawn from a factor model; training nats a row.",
    load=load,
    evaluate=_ppca.evaluate,
    contenders=_ppca.CONTENDERS,
    objective="log-likelihood",
    digits=6,
    repeats=21,
    assertions=_ppca.ASSERTIONS,
)
