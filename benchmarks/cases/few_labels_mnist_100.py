"""What 59900 images without labels are worth to 100 with."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    return _deep.mnist(setup, 30 if setup.device.startswith("cuda") else 8)


def fit_skgen(data, seed):
    return _deep.tuned(_deep.machine(data[5]), data, seed, _deep.with_few_labels(data[2], 100))


def fit_at_random(data, seed):
    labels = _deep.with_few_labels(data[2], 100)
    return _deep.tuned(_deep.machine(data[5]), data, seed, labels, pretrain=False)


CASE = Case(
    title="RBM(1024), fine-tuned on 100 labels, MNIST",
    family="Boltzmann machines",
    description="Error on the test images; 81.7 % against 76.0 % from a random "
    "start are reported as right.",
    load=load,
    evaluate=_deep.error,
    contenders=[
        Contender("skgen", fit_skgen, warm_up=False),
        Contender("random start", fit_at_random, warm_up=False),
    ],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen", "error %", at_most=18.3),
        Compare("skgen", "random start", on="error %", better="lower"),
    ],
)
