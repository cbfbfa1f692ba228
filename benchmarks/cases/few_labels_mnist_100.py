"""What 59900 images without labels are worth to 100 with."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare


def load(setup):
    return _deep.mnist(setup, _deep.EPOCHS_FEW)


CASE = Case(
    title="RBM(1024), fine-tuned on 100 labels, MNIST",
    family="Boltzmann machines",
    description="The first 10 of each class have a label; all 60000 gray images are there "
    "without. Error on the test images; 81.7 % against 76.0 % from a random start are "
    "reported as right. The setting was chosen on training images.",
    load=load,
    evaluate=_deep.error,
    contenders=_deep.few_labels(100),
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen", "error %", at_most=18.3),
        Compare("skgen", "random start", on="error %", better="lower"),
        Compare("skgen", "labels alone", on="error %", better="lower"),
    ],
)
