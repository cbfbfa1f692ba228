"""Test likelihood of the binary table NLTCS."""

from benchmarks import datasets
from benchmarks.cases import _binary_tables
from benchmarks.core import Bound, Case, Compare


def load(setup):
    return _binary_tables.table(datasets.binary("nltcs"), setup.quick)


CASE = Case(
    title="Density of the binary table NLTCS",
    family="Tables",
    description=_binary_tables.DESCRIPTION,
    load=load,
    evaluate=_binary_tables.test_nats,
    contenders=_binary_tables.CONTENDERS,
    objective="test nats",
    digits=2,
    threads=1,
    assertions=[
        Bound("skgen", "test nats", at_least=-6.01),
        Compare("skgen", "BernoulliRBM", on="test nats"),
    ],
)
