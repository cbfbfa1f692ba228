"""One network, one number of updates: the loop against plain torch, skorch and pythae."""

from benchmarks import datasets
from benchmarks.cases import _vae
from benchmarks.cases._graph import Task
from benchmarks.core import Case, Compare, Headline, Speedup


def load(setup):
    X, _ = datasets.mnist()
    n, epochs = (1000, 1) if setup.quick else (20_000, 2)
    return Task(X[:n], batch_size=128, epochs=epochs, device=setup.device)


CASE = Case(
    title="VAE 784-400-20, 20000 MNIST rows, batch 128, two epochs",
    family="Autoencoders and VAE",
    description="Time of equal updates; mean loss of the last epoch in nats.",
    load=load,
    evaluate=_vae.loss,
    contenders=_vae.CONTENDERS,
    objective="loss",
    digits=2,
    repeats=5,
    devices=("cpu",),
    headline=Headline("faster", over="torch + DataLoader"),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=1.5),
        Speedup("skgen", over="skorch", at_least=1.0),
        Speedup("skgen", over="pythae", at_least=1.0),
        Compare("skgen", "torch + DataLoader", on="loss", better="lower", relative=0.01),
    ],
)
