"""Sigmoid belief networks on the binary table DNA, by each of their trainings."""

from benchmarks import datasets
from benchmarks.cases import _belief, _binary_tables
from benchmarks.core import Case, Compare


def load(setup):
    return _binary_tables.table(datasets.dna(), setup.quick)


CASE = Case(
    title="Sigmoid belief network of the binary table DNA",
    family="Boltzmann machines",
    description=_belief.DESCRIPTION.format(published="-90.6"),
    load=load,
    evaluate=_binary_tables.test_nats,
    contenders=_belief.contenders(
        "64 hidden units, 1000 updates",
        hidden_layer_sizes=(64,),
        n_updates=1000,
        batch_size=100,
        learning_rate=0.01,
        weight_decay=0.01,
    ),
    objective="test nats",
    digits=2,
    threads=1,
    assertions=[Compare("reweighted_wake_sleep", "wake_sleep", on="test nats")],
)
