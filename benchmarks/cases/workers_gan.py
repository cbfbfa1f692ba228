"""An adversarial network whose batches two processes share."""

from benchmarks import datasets
from benchmarks.cases._workers import Task, workers_case


def load(setup):
    n, epochs = (1000, 1) if setup.quick else (20_000, 2)
    network = {"n_components": 32, "hidden_layer_sizes": (256, 256), "max_iter": epochs}
    return Task("GAN", network, 512, datasets.mnist()[0][:n])


CASE = workers_case(
    "Workers: GAN 784-256-256, two epochs of 20000 rows in batches of 512", "GAN", load
)
