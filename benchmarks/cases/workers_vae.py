"""A variational autoencoder whose batches two processes share."""

from benchmarks import datasets
from benchmarks.cases._workers import Task, workers_case


def load(setup):
    n, epochs = (1000, 1) if setup.quick else (20_000, 10)
    X = datasets.mnist()[0][:n]
    layers = {"hidden_layer_sizes": (400,), "likelihood": "bernoulli"}
    return Task("VAE", {"n_components": 20, **layers, "max_iter": epochs}, 512, X)


CASE = workers_case(
    "Workers: VAE 784-400-20, ten epochs of 20000 rows in batches of 512",
    "Autoencoders and VAE",
    load,
)
