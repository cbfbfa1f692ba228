"""The captured step of a fully visible network against plain torch on a GPU."""

from benchmarks import datasets
from benchmarks.cases import _orderless_speed
from benchmarks.cases._graph import Task
from benchmarks.core import Case, Compare, Speedup


def load(setup):
    n, epochs = (1000, 1) if setup.quick else (20_000, 4)
    X, _ = datasets.binarized_mnist()
    return Task(X[:n], 128, epochs, setup.device)


CASE = Case(
    title="FullyVisibleBeliefNetwork 784-500-500, 20000 binary MNIST images, batch 128, on a GPU",
    family="ICA, SFA, autoregressive",
    description="Time of four epochs of equal updates of an orderless network; mean loss of the "
    "last epoch in nats.",
    load=load,
    evaluate=_orderless_speed.loss,
    contenders=[*_orderless_speed.CONTENDERS, *_orderless_speed.FLOORS],
    objective="loss",
    digits=2,
    repeats=3,
    devices=("cuda",),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=2.0),
        Compare("skgen", "torch + DataLoader", on="loss", better="lower", relative=0.02),
    ],
)
