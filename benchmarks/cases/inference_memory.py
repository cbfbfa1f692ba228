"""Memory that scores and imputations take, over that of the rows."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.core import Bound, Case, Contender
from benchmarks.measure import peak, reset_peak

N_ROWS, N_COLUMNS, N_FACTORS = 20_000, 200, 10
TIMES = "times the rows"
FEW = {"max_iter": 1, "random_state": 0}


@dataclass(frozen=True)
class Task:
    """A fitted model, a verb and its rows."""

    model: Any
    verb: str
    X: Any


def load(setup):
    """Models of the rows, fitted to a few of them, and those with and without gaps."""
    import numpy as np

    import skgen

    n, rng = 2000 if setup.quick else N_ROWS, np.random.default_rng(0)
    Z, W = rng.standard_normal((n, N_FACTORS)), rng.standard_normal((N_FACTORS, N_COLUMNS))
    X = Z @ W + rng.standard_normal((n, N_COLUMNS))
    gaps, bits = np.where(rng.random(X.shape) < 0.2, np.nan, X), (X > 0).astype(X.dtype)
    few = slice(1000)
    vae = skgen.VAE(N_FACTORS, n_gibbs_steps=4, **FEW).fit(X[few])
    rbm = skgen.BernoulliRBM(100, **FEW).fit(bits[few])
    rbm.estimate_log_partition(n_chains=10, n_steps=100)
    tasks = {
        "VAE.score_samples": Task(vae, "score_samples", X),
        "VAE.impute": Task(vae, "impute", gaps),
        "VAE.transform": Task(vae, "transform", X),
        "BernoulliRBM.score_samples": Task(rbm, "score_samples", bits),
        "BernoulliRBM.transform": Task(rbm, "transform", bits),
    }
    for name in ("ProbabilisticPCA", "FactorAnalysis"):
        model = getattr(skgen, name)(N_FACTORS).fit(X[few])
        tasks[f"{name}.score_samples"] = Task(model, "score_samples", X)
        tasks[f"{name}.impute"] = Task(model, "impute", gaps)
    return tasks


def memory(data, seed, *, name):
    """Growth of the peak resident set in a call, what it returns included, over X's bytes."""
    task = data[name]
    before = reset_peak("cpu")
    result = getattr(task.model, task.verb)(task.X)
    growth = 2**20 * (peak("cpu") - before) / task.X.nbytes
    del result
    return growth


NAMES = (
    "VAE.score_samples",
    "VAE.impute",
    "VAE.transform",
    "BernoulliRBM.score_samples",
    "BernoulliRBM.transform",
    "ProbabilisticPCA.score_samples",
    "ProbabilisticPCA.impute",
    "FactorAnalysis.score_samples",
    "FactorAnalysis.impute",
)

CASE = Case(
    title="Memory of scores and imputations",
    family="Package",
    description=(
        f"Growth of the peak resident set in a call on {N_ROWS} x {N_COLUMNS} rows in float64, its "
        "result included, over the size of the rows; a fifth of the cells missing for `impute`."
    ),
    load=load,
    evaluate=lambda times, data: {TIMES: times},
    contenders=[Contender(name, partial(memory, name=name)) for name in NAMES],
    objective=TIMES,
    digits=2,
    repeats=3,
    assertions=[Bound(name, TIMES, at_most=3) for name in NAMES],
)
