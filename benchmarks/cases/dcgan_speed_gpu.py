"""A captured convolutional game against plain torch on a GPU."""

from benchmarks import datasets
from benchmarks.cases import _dcgan, _gan_speed
from benchmarks.cases._graph import Task
from benchmarks.core import Case, Compare, Speedup


def load(setup):
    n, epochs = (500, 1) if setup.quick else (20_000, 2)
    X = datasets.mnist()[0][:n]
    return Task(X, 128, epochs, setup.device)


CASE = Case(
    title="DCGAN, 20000 MNIST images, batch 128, two epochs on a GPU",
    family="GAN",
    description="Two stride-2 layers a network, batch normalization, penalty at the data; time of "
    "equal updates, and MMD^2 of as many draws to the images.",
    load=load,
    evaluate=_gan_speed.evaluate,
    contenders=[*_dcgan.CONTENDERS, *_dcgan.FLOORS],
    objective="MMD^2",
    digits=5,
    repeats=3,
    devices=("cuda",),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=1.5),
        Compare("skgen", "torch + DataLoader", on="MMD^2", better="lower", slack=0.02),
    ],
)
