"""A classifier that starts at the features of a machine; a GPU case."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Contender


def load(setup):
    return _deep.mnist(setup, 30)


def fit_skgen(data, seed):
    how = {"dropout": 0.5, "learning_rate": 1e-3}
    return _deep.tuned(_deep.machine(data[5]), data, seed, data[2], **how)


CASE = Case(
    title="RBM(1024), fine-tuned, MNIST",
    family="Boltzmann machines",
    description="Error on the test images; 1.27 % is reported.",
    load=load,
    evaluate=_deep.error,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "error %", at_most=1.2)],
)
