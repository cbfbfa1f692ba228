"""Held-out density of the table diabetes."""

from benchmarks.cases import _tables
from benchmarks.core import Case, Compare


def load(setup):
    from sklearn.datasets import load_diabetes

    X = load_diabetes().data
    return _tables.standardized_folds(X[:300] if setup.quick else X, 1 if setup.quick else 3)


CASE = Case(
    title="Density of diabetes, standardized",
    family="Tables",
    description="Nats a held-out row, mean over three of five folds; all columns are taken for "
    "continuous.",
    load=load,
    evaluate=_tables.held_out_nats,
    contenders=_tables.CONTENDERS,
    objective="held-out nats",
    digits=2,
    threads=1,
    assertions=[
        Compare("skgen", "FactorAnalysis", on="held-out nats"),
        Compare("skgen", "GaussianMixture", on="held-out nats"),
        Compare("skgen", "zuko NSF", on="held-out nats"),
    ],
)
