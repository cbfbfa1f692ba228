"""What 59000 images without labels are worth to 1000 with."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare


def load(setup):
    return _deep.mnist(setup, _deep.EPOCHS_FEW)


CASE = Case(
    title="1000 labels, MNIST",
    family="Features and few labels",
    description="100 images of each class have a label, five draws for skgen; all 60000 gray "
    "images are there without. Error on the test images. skgen has its defaults, which were chosen "
    "by other labels and training images alone, as was the setting of the machine and of what "
    "starts like it.",
    load=load,
    evaluate=_deep.error,
    contenders=_deep.few_labels(1000),
    objective="error %",
    digits=2,
    repeats=5,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen", "error %", at_most=1.5),
        *(
            Compare("skgen", other, on="error %", better="lower")
            for other in ("skgen, machine", "LabelSpreading", "SelfTraining", "SVC")
        ),
        Compare("skgen, machine", "random start", on="error %", better="lower"),
        Compare("skgen, machine", "labels alone", on="error %", better="lower"),
    ],
)
