"""One fit in several surroundings: alone, beside a job on another core, beside a second fit.

Each with the threads that skgen chooses of the two it is given, and with a single one: what it
chooses must be nearly as good as the better of the two, whatever else runs.
"""

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

from benchmarks.core import Case, Contender, Speedup
from benchmarks.environment import limit_threads, thread_environment

THREADS = 2
# A choice may be so much slower than the better of the two.
AT_LEAST = 1 / 1.3
# A fit may take twice its time where another core is busy.
BESIDE_A_JOB = 1 / 2
NUMERICAL_JOB = "import numpy as np; a = np.ones((1500, 1500)); exec('while True: a @ a')"


@dataclass(frozen=True)
class Task:
    """An estimator and its rows."""

    model: Any
    X: Any


def fit(task, seed, threads=THREADS):
    """A fit that is allowed so many threads."""
    from sklearn.base import clone

    limit_threads(threads)
    try:
        return clone(task.model).fit(task.X)
    finally:
        limit_threads(THREADS)


@contextmanager
def busy_core():
    """A numerical job of one thread runs meanwhile."""
    job = subprocess.Popen([sys.executable, "-c", NUMERICAL_JOB], env=thread_environment(1))
    try:
        yield
    finally:
        job.kill()
        job.wait()


def fit_beside_a_job(task, seed, threads=THREADS):
    with busy_core():
        return fit(task, seed, threads)


@cache
def two_processes():
    """Kept between calls: a new process would import everything first."""
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


def two_fits(task, seed, threads=THREADS):
    fits = [two_processes().submit(fit, task, seed, threads) for _ in range(2)]
    first, _ = (found.result() for found in fits)
    return first


SURROUNDINGS = {"alone": fit, "beside a job": fit_beside_a_job, "two at once": two_fits}


def busy_case(title, family, load, score):
    """Case of the model and rows that ``load(setup)`` gives; ``score(model, task)`` is printed."""
    contenders, assertions = [], []
    for name, run in SURROUNDINGS.items():
        chosen, single = f"skgen, {name}", f"one thread, {name}"
        contenders += [Contender(chosen, run), Contender(single, partial(run, threads=1))]
        assertions.append(Speedup(chosen, over=single, at_least=AT_LEAST))
    assertions.append(Speedup("skgen, beside a job", over="skgen, alone", at_least=BESIDE_A_JOB))
    return Case(
        title=title,
        family=family,
        description="Seconds of a fit in other company; a second fit counts until both ended.",
        load=load,
        evaluate=lambda model, task: {"score": score(model, task)},
        contenders=contenders,
        objective="score",
        digits=2,
        repeats=5,
        threads=THREADS,
        assertions=assertions,
    )
