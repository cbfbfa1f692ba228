"""A dictionary of 64 atoms, alone and in company."""

from benchmarks import datasets
from benchmarks.cases._busy import Task, busy_case


def load(setup):
    from skgen import SparseCoder

    X = datasets.digits()
    return Task(SparseCoder(64, max_iter=5, random_state=0), X[: 300 if setup.quick else None])


CASE = busy_case(
    "Threads: SparseCoder(64), five epochs of digits",
    "Package",
    load,
    score=lambda m, task: m.score(task.X),
)
