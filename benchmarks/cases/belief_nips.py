"""Sigmoid belief networks on the binary table NIPS 0-12, by each of their trainings."""

from benchmarks import datasets
from benchmarks.cases import _belief, _binary_tables
from benchmarks.core import Case, Compare


def load(setup):
    return _binary_tables.table(datasets.binary("nips"), setup.quick)


CASE = Case(
    title="Sigmoid belief network of the binary table NIPS 0-12",
    family="Boltzmann machines",
    description=_belief.DESCRIPTION.format(published="-272.5"),
    load=load,
    evaluate=_binary_tables.test_nats,
    contenders=_belief.contenders(
        "64 and 16 hidden units, 400 updates",
        hidden_layer_sizes=(64, 16),
        n_updates=400,
        batch_size=100,
        learning_rate=0.01,
        weight_decay=1.0,
    ),
    objective="test nats",
    digits=2,
    threads=1,
    assertions=[Compare("reweighted_wake_sleep", "wake_sleep", on="test nats")],
)
