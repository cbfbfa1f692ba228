"""Grid searches on two processes against one."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import datasets
from benchmarks.core import Case, Contender, Speedup


@dataclass(frozen=True)
class Search:
    """A search over models of the same cost."""

    model: Any
    grid: dict
    X: Any


def searches(setup):
    from skgen import VAE, BernoulliRBM, FactorAnalysis, SparseCoder

    X = datasets.digits()[: 200 if setup.quick else None]
    bits, seeds = (X > 7).astype("float32"), {"random_state": [0, 1, 2, 3]}
    return {
        "VAE": Search(VAE(10, max_iter=40), seeds, X / 16),
        "BernoulliRBM": Search(BernoulliRBM(64, max_iter=60), seeds, bits),
        "SparseCoder": Search(SparseCoder(64, max_iter=5), seeds, X),
        # Without gaps a fit takes hundredths of a second, and starting processes longer.
        "FactorAnalysis": Search(
            FactorAnalysis(noise_floor=1e-2),
            {"n_components": [16, 17, 18, 19]},
            gaps(X.repeat(2, 0)),
        ),
    }


def gaps(X, fraction=0.2):
    """X without a fraction of its cells, at random."""
    import numpy as np

    lost = np.random.default_rng(0).random(X.shape) < fraction
    return np.where(lost, np.nan, X)


def search(data, seed, *, name, n_jobs):
    from sklearn.model_selection import GridSearchCV

    task = data[name]
    return GridSearchCV(task.model, task.grid, cv=3, n_jobs=n_jobs, refit=False).fit(task.X)


NAMES = "VAE", "BernoulliRBM", "SparseCoder", "FactorAnalysis"

CASE = Case(
    title="GridSearchCV of twelve fits on two processes",
    family="Package",
    description="Seconds of a search with n_jobs=2 and with n_jobs=1.",
    load=searches,
    evaluate=lambda search, data: {"best score": float(search.best_score_)},
    contenders=[
        Contender(f"{name}, n_jobs={n_jobs}", partial(search, name=name, n_jobs=n_jobs))
        for name in NAMES
        for n_jobs in (2, 1)
    ],
    objective="best score",
    digits=2,
    repeats=3,
    assertions=[
        Speedup(f"{name}, n_jobs=2", over=f"{name}, n_jobs=1", at_least=1.7) for name in NAMES
    ],
)
