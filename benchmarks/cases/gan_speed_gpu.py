"""The captured game of a GAN against plain torch on a GPU."""

from benchmarks import datasets
from benchmarks.cases import _gan_speed
from benchmarks.cases._graph import Task
from benchmarks.core import Case, Compare, Speedup


def load(setup):
    n, epochs = (1000, 1) if setup.quick else (20_000, 10)
    X = datasets.mnist()[0][:n]
    return Task(X, 128, epochs, setup.device)


CASE = Case(
    title="GAN 16-128-128-784, 20000 MNIST rows, batch 128, ten epochs on a GPU",
    family="GAN",
    description="Time of equal updates; MMD^2 of as many draws to the images.",
    load=load,
    evaluate=_gan_speed.evaluate,
    contenders=[*_gan_speed.CONTENDERS, *_gan_speed.FLOORS],
    objective="MMD^2",
    digits=5,
    repeats=3,
    devices=("cuda",),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=5.0),
        Compare("skgen", "torch + DataLoader", on="MMD^2", better="lower", slack=0.005),
    ],
)
