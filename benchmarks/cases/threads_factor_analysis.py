"""Factor analysis of 20000 rows of 256 features, alone and in company."""

import numpy as np

from benchmarks.cases._busy import Task, busy_case


def load(setup):
    from skgen import FactorAnalysis

    rng = np.random.default_rng(0)
    n, d = (1000, 64) if setup.quick else (20_000, 256)
    X = rng.standard_normal((n, 16)) @ rng.standard_normal((16, d)) + rng.standard_normal((n, d))
    return Task(FactorAnalysis(16), X)


CASE = busy_case(
    "Threads: FactorAnalysis(16), 20000 x 256",
    "Package",
    load,
    score=lambda m, task: m.score(task.X),
)
