"""Searches in threads and processes against the same one by one: ``python -m``.

The process has used threads of torch, of BLAS, of OpenMP and of numba before it starts others.
Arguments: names of ways, and ``all`` for every estimator that scores instead of one of each family.
"""

import multiprocessing
import os
import sys
import threading
import warnings
from contextlib import ExitStack, contextmanager
from functools import partial

import numba
import numpy as np
import torch
from joblib import Parallel, delayed, parallel_config
from sklearn.cluster import KMeans
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from skgen import MixtureOfFactorAnalyzers
from skgen.base import sklearn_compat
from skgen.kernels import blas_threads
from skgen.kernels.threads import allowed_threads
from skgen.metrics import nearest_record_distance
from skgen.testing import labels, toy
from skgen.training import rng
from skgen.training.threads import threads_for
from tests.instances import having
from tests.test_good_citizen import made_of_parts

FEW = (
    "MixtureOfFactorAnalyzers",
    "SparseCoder",
    "VAE",
    "BernoulliRBM",
    "BoltzmannMachine",
    "GAN",
    "FullyVisibleBeliefNetwork",
    "FineTunedClassifier",
    "GenerativePipeline",
)
N_JOBS = 2


def models(names):
    """Those that are searched over, by the names of their classes or all."""
    found = {type(e).__name__: e for e in reversed(having("score"))}
    return having("score") if names is None else [found[name] for name in names]


def search(estimator, **how):
    """Scores of a search over seeds."""
    warnings.simplefilter("ignore")
    grid = {"random_state": [0, 1]} if "random_state" in estimator.get_params() else {}
    parts = StratifiedKFold(2)
    found = GridSearchCV(estimator, grid, cv=parts, refit=False, error_score="raise", **how)
    results = found.fit(toy(), labels()).cv_results_
    return [results[f"split{part}_test_score"].tolist() for part in range(2)]


def most_threads():
    """Threads on which the largest product of a fit would run here."""
    with threads_for(1e18):
        return max(torch.get_num_threads(), allowed_threads())


def by_joblib(backend, estimators):
    """Scores of searches by workers of joblib, which share the processors."""
    with parallel_config(backend=backend):
        scores = [search(estimator, n_jobs=N_JOBS) for estimator in estimators]
        threads = Parallel(n_jobs=N_JOBS)(delayed(most_threads)() for _ in range(N_JOBS))
    assert max(threads) <= max(1, os.cpu_count() // N_JOBS), threads
    return scores


def by_pool(method, estimators):
    """Scores of searches in processes that know nothing of each other."""
    with multiprocessing.get_context(method).Pool(N_JOBS) as pool:
        return pool.map(search, estimators, 1)


@contextmanager
def locks_held():
    """Another thread holds every lock that fits of others wait for."""
    held, leave = threading.Event(), threading.Event()

    def hold():
        locks = rng._lending, sklearn_compat._filtering, blas_threads._lock
        with ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            held.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        yield
    finally:
        leave.set()
        thread.join()


@contextmanager
def fits_beside():
    """Another thread fits models meanwhile, one after the other."""
    leave = threading.Event()

    def fit():
        while not leave.is_set():
            for estimator in made_of_parts():
                estimator.fit(toy(), labels())

    thread = threading.Thread(target=fit)
    thread.start()
    try:
        yield
    finally:
        leave.set()
        thread.join()


def by_openmp(seed):
    """Score of a mixture whose clusters are found by OpenMP, and distances that are."""
    warnings.simplefilter("ignore")
    X, wide = toy(4000), toy(1000, 20)
    mixture = MixtureOfFactorAnalyzers(3, 1, max_iter=2, random_state=seed).fit(X)
    return mixture.score(X), nearest_record_distance(wide[:500], wide[500:]).sum()


def forked(beside, estimators):
    """Scores of searches in processes that are forked while another thread does something."""
    with beside():
        pool = multiprocessing.get_context("fork").Pool(N_JOBS)
    with pool:
        assert pool.map(by_openmp, [0, 1]) == [by_openmp(0), by_openmp(1)]
        return pool.map(search, estimators, 1)


WAYS = {
    "loky": partial(by_joblib, "loky"),
    "threading": partial(by_joblib, "threading"),
    "multiprocessing": partial(by_joblib, "multiprocessing"),
    "spawn": partial(by_pool, "spawn"),
    "forkserver": partial(by_pool, "forkserver"),
    "fork": partial(by_pool, "fork"),
    "fork while locks are held": partial(forked, locks_held),
    "fork beside fits": partial(forked, fits_beside),
}


@numba.njit(parallel=True, cache=True)
def _total(x):
    total = 0.0
    for i in numba.prange(len(x)):
        total += x[i]
    return total


def use_threads():
    """Have the threads of each library started."""
    large = np.ones((1500, 1500), dtype=np.float32)
    torch.set_num_threads(N_JOBS)
    torch.from_numpy(large) @ torch.from_numpy(large)
    large @ large
    KMeans(4, n_init=1, random_state=0).fit(np.random.default_rng(0).random((5000, 8)))
    _total(np.ones(100_000))


def main(names):
    """Compare the ways named with searches one by one."""
    warnings.simplefilter("ignore")
    use_threads()
    estimators = models(None if "all" in names else FEW)
    estimators += [] if "all" in names else made_of_parts()[:1]
    expected = [search(estimator) for estimator in estimators]
    for name in names:
        if name == "all":
            continue
        for estimator, scores, alone in zip(estimators, WAYS[name](estimators), expected):
            assert np.isfinite(alone).all(), estimator
            # Another process may lay its arrays out otherwise, which moves the last bit of a sum.
            same = np.allclose(scores, alone, rtol=1e-6, atol=0)
            assert same, f"{name}: {estimator}: {scores} instead of {alone}"
        print(name, "as one by one", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
