"""A variational autoencoder in batches of 64, alone and in company."""

from benchmarks import datasets
from benchmarks.cases._busy import Task, busy_case


def load(setup):
    from skgen import VAE

    X = datasets.mnist()[0][: 500 if setup.quick else 4000]
    model = VAE(
        20,
        hidden_layer_sizes=(400,),
        likelihood="bernoulli",
        batch_size=64,
        max_iter=2,
        random_state=0,
    )
    return Task(model, X)


CASE = busy_case(
    "Threads: VAE 784-400-20, two epochs of 4000 rows in batches of 64",
    "Package",
    load,
    score=lambda model, task: -model.loss_curve_[-1],
)
