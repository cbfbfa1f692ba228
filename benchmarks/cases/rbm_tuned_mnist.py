"""A classifier that starts at the features of a machine."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Contender


def load(setup):
    return _deep.mnist(setup, _deep.EPOCHS)


def fit_skgen(data, seed):
    max_iter = 30 if data[5] > 1 else 1
    machine = _deep.machine(data[5])
    return _deep.tuned(machine, data, seed, data[2], adversarial_radius=2.0, max_iter=max_iter)


CASE = Case(
    title="RBM(1024), fine-tuned, MNIST",
    family="Boltzmann machines",
    description="Both fits on 60000 gray images, fine-tuning with a smooth neighborhood of each "
    "(virtual adversarial training, chosen against dropout on the last 10000 training images); "
    "error on the test images. 1.27 % is reported.",
    load=load,
    evaluate=_deep.error,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[Bound("skgen", "error %", at_most=1.2)],
)
