"""Held-out density of the table kin8nm."""

from benchmarks import datasets
from benchmarks.cases import _tables
from benchmarks.core import Bound, Case, Compare


def load(setup):
    X = datasets.kin8nm()
    return _tables.standardized_folds(X[:300] if setup.quick else X, 1)


CASE = Case(
    title="Density of kin8nm, standardized",
    family="Tables",
    description="Nats a held-out row, mean over one of five folds; all columns are taken for "
    "continuous.",
    load=load,
    evaluate=_tables.held_out_nats,
    contenders=_tables.CONTENDERS,
    objective="held-out nats",
    digits=2,
    threads=1,
    assertions=[
        Bound("skgen", "held-out nats", at_least=-10.4),
        Compare("skgen", "FactorAnalysis", on="held-out nats"),
        Compare("skgen", "GaussianMixture", on="held-out nats"),
        Compare("skgen", "zuko NSF", on="held-out nats"),
    ],
)
