"""A restricted Boltzmann machine whose batches and chains two processes share."""

from benchmarks import datasets
from benchmarks.cases._workers import Task, workers_case


def load(setup):
    n, epochs = (1000, 1) if setup.quick else (20_000, 2)
    machine = {"n_components": 500, "n_chains": 512, "max_iter": epochs}
    X = (datasets.mnist()[0][:n] > 0.5).astype("float32")
    return Task("BernoulliRBM", machine, 512, X)


CASE = workers_case(
    "Workers: RBM 784-500, two epochs of 20000 rows in batches of 512, 512 chains",
    "Boltzmann machines",
    load,
)
