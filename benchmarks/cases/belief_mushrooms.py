"""Sigmoid belief networks on the binary table mushrooms, by each of their trainings."""

from benchmarks import datasets
from benchmarks.cases import _belief, _binary_tables
from benchmarks.core import Case, Compare


def load(setup):
    return _binary_tables.table(datasets.mushrooms(), setup.quick)


CASE = Case(
    title="Sigmoid belief network of the binary table mushrooms",
    family="Boltzmann machines",
    description=_belief.DESCRIPTION.format(published="-9.90"),
    load=load,
    evaluate=_binary_tables.test_nats,
    contenders=_belief.contenders(
        "100, 50 and 20 hidden units, 8000 updates",
        hidden_layer_sizes=(100, 50, 20),
        n_updates=8000,
        batch_size=50,
        learning_rate=0.03,
        weight_decay=0.01,
        recognition_update="wake",
    ),
    objective="test nats",
    digits=2,
    threads=1,
    assertions=[Compare("reweighted_wake_sleep", "wake_sleep", on="test nats")],
)
