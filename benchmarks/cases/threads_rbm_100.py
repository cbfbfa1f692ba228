"""A Boltzmann machine in batches of 100, alone and in company."""

from benchmarks import datasets
from benchmarks.cases._busy import Task, busy_case


def load(setup):
    from skgen import BernoulliRBM

    X = datasets.mnist()[0][: 500 if setup.quick else 4000]
    model = BernoulliRBM(500, n_gibbs_steps=1, batch_size=100, max_iter=3, random_state=0)
    return Task(model, X)


CASE = busy_case(
    "Threads: RBM 784-500, three epochs of 4000 rows in batches of 100",
    "Package",
    load,
    score=lambda model, task: float(model.components_.std()),
)
