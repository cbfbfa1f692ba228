"""The captured training step against plain torch on a GPU."""

from benchmarks import datasets
from benchmarks.cases import _vae
from benchmarks.cases._graph import Task
from benchmarks.core import Case, Compare, Speedup


def load(setup):
    X, _ = datasets.mnist()
    n, epochs = (1000, 1) if setup.quick else (60_000, 5)
    return Task(X[:n], batch_size=128, epochs=epochs, device=setup.device)


CASE = Case(
    title="VAE 784-400-20, MNIST, batch 128, five epochs on a GPU",
    family="Autoencoders and VAE",
    description="Time of equal updates; mean loss of the last epoch in nats.",
    load=load,
    evaluate=_vae.loss,
    contenders=_vae.CONTENDERS,
    objective="loss",
    digits=2,
    repeats=3,
    devices=("cuda",),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=5.0),
        Compare("skgen", "torch + DataLoader", on="loss", better="lower", relative=0.01),
    ],
)
