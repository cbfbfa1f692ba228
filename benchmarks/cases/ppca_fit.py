"""Probabilistic PCA against scikit-learn's PCA on drawn factor data."""

from benchmarks import datasets
from benchmarks.cases import _ppca
from benchmarks.core import Case, Compare, Contender, Speedup


def load(setup):
    X = datasets.factor_data(2000 if setup.quick else 20_000)
    return X, 16


CASE = Case(
    title="Probabilistic PCA, 20000 x 256 float32, k = 16",
    family="Linear-Gaussian",
    description="Maximum-likelihood fit on rows drawn from a factor model; training nats per row.",
    load=load,
    evaluate=_ppca.train_log_likelihood,
    contenders=[
        Contender("skgen", _ppca.fit_skgen),
        Contender("scikit-learn PCA", _ppca.fit_sklearn, package="scikit-learn", module="sklearn"),
    ],
    objective="log-likelihood",
    repeats=15,
    assertions=[
        Speedup("skgen", over="scikit-learn PCA", at_least=1.0),
        # scikit-learn's score runs in float32 on float32 rows: its own rounding is 1e-5.
        Compare("skgen", "scikit-learn PCA", on="log-likelihood", slack=0.0),
    ],
)
