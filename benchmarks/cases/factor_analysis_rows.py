"""After the covariance is formed, an iteration of factor analysis does not depend on n."""

import time

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender

FEW, MANY = 2_000, 20_000


def load(setup):
    X = datasets.factor_data(MANY, dtype=np.float64)
    return {n: np.cov(X[:n].T, bias=True) for n in (FEW, MANY)}


def fit(covariances, seed):
    """Fit from both covariances in turn and return seconds an iteration for each n."""
    seconds = {n: [] for n in covariances}
    for _ in range(5):
        for n, S in covariances.items():
            start = time.perf_counter()
            iterations = _iterations(S)
            seconds[n].append((time.perf_counter() - start) / iterations)
    return {n: min(times) for n, times in seconds.items()}


def _iterations(S):
    from skgen.kernels.linear import factor_fit

    solution = factor_fit.from_covariance(
        S,
        16,
        None,
        1e-4 * np.diag(S),
        tol=1e-12,
        max_iter=1000,
        report=factor_fit.unwatched,
    )
    return max(len(solution.trace) - 1, 1)


def evaluate(seconds, covariances):
    return {"time an iteration, 20000 / 2000 rows": seconds[MANY] / seconds[FEW]}


CASE = Case(
    title="Factor analysis, an iteration at ten times the rows",
    family="Linear-Gaussian",
    description="Time of an iteration from the covariance of 20000 rows over that of 2000.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit)],
    objective="time an iteration, 20000 / 2000 rows",
    digits=2,
    repeats=3,
    assertions=[Bound("skgen", "time an iteration, 20000 / 2000 rows", at_most=1.5)],
)
