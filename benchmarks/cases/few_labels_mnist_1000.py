"""What 59000 images without labels are worth to 1000 with."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare


def load(setup):
    return _deep.mnist(setup, _deep.EPOCHS_FEW)


CASE = Case(
    title="RBM(1024), fine-tuned on 1000 labels, MNIST",
    family="Boltzmann machines",
    description="The first 100 of each class have a label; all 60000 gray images are there "
    "without. Error on the test images; 93.65 % against 88.71 % from a random start are "
    "reported as right. The setting was chosen on training images.",
    load=load,
    evaluate=_deep.error,
    contenders=_deep.few_labels(1000),
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen", "error %", at_most=6.35),
        Compare("skgen", "random start", on="error %", better="lower"),
        Compare("skgen", "labels alone", on="error %", better="lower"),
    ],
)
