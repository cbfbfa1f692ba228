"""Time of an epoch on a GPU, against scikit-learn on the CPU."""

from dataclasses import replace

from benchmarks import datasets
from benchmarks.cases import _rbm
from benchmarks.core import Case, Speedup


def load(setup):
    X = datasets.mnist()[0][: 1000 if setup.quick else 10_000]
    epochs = 1 if setup.quick else 20
    return _rbm.Epochs(X, n_hidden=500, batch_size=100, epochs=epochs, device=setup.device)


def once_on_the_cpu(contender):
    """Ten seconds of scikit-learn are enough beside a GPU that waits."""
    return replace(contender, repeats=1, warm_up=False, note="on the CPU, two threads")


CONTENDERS = [
    once_on_the_cpu(contender) if contender.name == "scikit-learn" else contender
    for contender in _rbm.SPEED_CONTENDERS
]


CASE = Case(
    title="RBM 784-500, twenty epochs of 10000 MNIST rows on a GPU, batch 100",
    family="Boltzmann machines",
    description="One sweep of 100 persistent chains an update; scikit-learn runs on the CPU.",
    load=load,
    evaluate=_rbm.mean_weight,
    contenders=CONTENDERS,
    objective="mean size of a weight",
    repeats=3,
    devices=("cuda",),
    assertions=[
        Speedup("skgen", over="scikit-learn", at_least=200),
        Speedup("skgen", over="torch", at_least=1.0),
    ],
)
