"""Time of an epoch in batches of 10."""

from benchmarks import datasets
from benchmarks.cases import _rbm
from benchmarks.core import Case, Speedup


def load(setup):
    X = datasets.mnist()[0][: 1000 if setup.quick else 10_000]
    return _rbm.Epochs(X, n_hidden=500, batch_size=10, epochs=3, device=setup.device)


CASE = Case(
    title="RBM 784-500, three epochs of 10000 MNIST rows, batch 10",
    family="Boltzmann machines",
    description="One sweep of 10 persistent chains an update.",
    load=load,
    evaluate=_rbm.mean_weight,
    contenders=_rbm.SPEED_CONTENDERS,
    objective="mean size of a weight",
    repeats=5,
    assertions=[
        Speedup("skgen", over="scikit-learn", at_least=2.2),
        Speedup("skgen", over="torch", at_least=1.0),
        Speedup("skgen", over="matrix products", at_least=1 / 2.3),
    ],
)
