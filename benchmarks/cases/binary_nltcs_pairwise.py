"""Test likelihood of machines with interactions of all pairs on the binary table NLTCS."""

from benchmarks import datasets
from benchmarks.cases import _binary_tables
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    return _binary_tables.table(datasets.binary("nltcs"), setup.quick)


def fit_pairwise(n_hidden):
    """``fit(data, seed)`` of a general machine."""

    def fit(data, seed):
        from skgen import BoltzmannMachine

        return BoltzmannMachine(n_hidden, random_state=seed).fit(data[0])

    return fit


CASE = Case(
    title="Interactions of all pairs of columns on NLTCS",
    family="Tables",
    description=(
        "Exact nats a test row in the usual split; training and validation rows train. The general "
        "machine is fitted by its exact likelihood, without hidden units (the Ising model) and "
        "with four, as many as that takes beside 16 columns; the restricted one by chains."
    ),
    load=load,
    evaluate=_binary_tables.test_nats,
    contenders=[
        Contender("skgen, 4 hidden units", fit_pairwise(4), repeats=1, warm_up=True),
        Contender("skgen", fit_pairwise(0), note="defaults", repeats=1, warm_up=True),
        Contender(
            "BernoulliRBM",
            _binary_tables.fit_machine,
            note="64 hidden units",
            repeats=1,
            warm_up=False,
        ),
    ],
    objective="test nats",
    digits=3,
    threads=1,
    assertions=[
        Bound("skgen", "test nats", at_least=-6.03),
        Bound("skgen, 4 hidden units", "test nats", at_least=-6.01),
        Compare("skgen, 4 hidden units", "BernoulliRBM", on="test nats"),
    ],
)
