"""One pair of networks, one number of updates: the loop against plain torch."""

from benchmarks import datasets
from benchmarks.cases import _gan_speed
from benchmarks.cases._graph import Task
from benchmarks.core import Case, Compare, Headline, Speedup


def load(setup):
    epochs = 2 if setup.quick else 40
    return Task(datasets.digits().astype("f4"), 64, epochs, setup.device)


CASE = Case(
    title="GAN 16-128-128-64, digits, batch 64, forty epochs",
    family="GAN",
    description="Time of equal updates; MMD^2 of as many draws to the digits.",
    load=load,
    evaluate=_gan_speed.evaluate,
    contenders=_gan_speed.CONTENDERS,
    objective="MMD^2",
    digits=5,
    repeats=5,
    threads=1,
    devices=("cpu", "cuda"),
    headline=Headline("faster", over="torch + DataLoader"),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=1.5),
        Compare("skgen", "torch + DataLoader", on="MMD^2", better="lower", slack=0.005),
    ],
)
