"""What is called or fitted at once, in threads or in processes, is what it is one by one."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import is_dataclass
from functools import partial

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from skgen import BernoulliRBM
from skgen.testing import deterministic_verb, labels
from tests.bad_input.rows import N_ROWS, base_rows
from tests.bad_input.trial import KEEPS_ITS_ANSWER
from tests.bad_input.verbs import FITS, arguments, model, originals, verbs
from tests.instances import label
from tests.process import unchanged_process

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.IdentificationWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.MeasureWarning"),
]
N_THREADS = 3
N_GROUPS = 12
groups = pytest.mark.parametrize("first", range(N_GROUPS))
NO_ANSWERS = {*FITS, *KEEPS_ITS_ANSWER, "set_callbacks"}


def of_group(first):
    """Numbers of instances of all families."""
    return range(first, len(originals()), N_GROUPS)


@contextmanager
def hasty_threads():
    """Python goes from thread to thread after every few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(*calls):
    """Results of calls, each in a thread of its own."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with hasty_threads(), ThreadPoolExecutor(len(calls)) as pool:
        return [running.result() for running in [pool.submit(run, call) for call in calls]]


def assert_same(got, expected, name):
    """Two results are equal to the last bit, whatever holds their numbers."""
    assert type(got) is type(expected), name
    if isinstance(expected, dict):
        got, expected = list(got.items()), list(expected.items())
    if is_dataclass(expected):
        got, expected = list(vars(got).items()), list(vars(expected).items())
    if isinstance(expected, list | tuple):
        assert len(got) == len(expected), name
        for pair in zip(got, expected):
            assert_same(*pair, name)
    elif hasattr(expected, "get_params"):
        assert str(got) == str(expected), name
    else:
        np.testing.assert_array_equal(got, expected, name)


def answers(fitted, number, names):
    """What verbs say, by name."""
    return {name: getattr(fitted, name)(**arguments(number, name)) for name in names}


def check_threads(number, fitted, n_threads=N_THREADS):
    """Threads that are the first to ask a fitted model at once get what one gets of another."""
    names = [name for name in verbs(number) if name not in NO_ANSWERS]
    expected = answers(model(number), number, names)
    # The first threads ask the same at the same time, the last one something else.
    orders = [names] * (n_threads - 1) + [names[::-1]]
    for got in at_once(*(partial(answers, fitted, number, order) for order in orders)):
        for name in names:
            assert_same(got[name], expected[name], f"{label(originals()[number])}.{name}")


def fit_of(number, seed=0):
    """A fit as that of ``model(number)``."""
    twin = clone(originals()[number])
    if "random_state" in twin.get_params():
        twin.set_params(random_state=seed)
    return twin.fit(base_rows(), labels(N_ROWS))


def fits_in_threads(numbers, **how):
    """Fitted models, each in one of several threads."""
    with hasty_threads(), ThreadPoolExecutor(N_THREADS) as pool:
        return list(pool.map(partial(fit_of, **how), numbers))


@groups
def test_fits_and_verbs_in_threads_are_those_of_one(first):
    numbers = of_group(first)
    for number in numbers:
        model(number)
    # scikit-learn's check_array sets filters for all threads, and two may put back each other's.
    with unchanged_process("filters of warnings"):
        for number, fitted in zip(numbers, fits_in_threads(numbers)):
            check_threads(number, fitted)


def test_a_machine_is_fitted_while_another_thread_finds_out_its_log_z():
    machine = BernoulliRBM(2, max_iter=1, random_state=0).fit(base_rows())
    asked = threading.Event()

    def find_out():
        while not asked.is_set():
            machine.estimate_log_partition("exact")
            time.sleep(0)  # to the other thread
            machine._forget_partition()
            time.sleep(0)

    def ask():
        try:
            for _ in range(20_000):
                check_is_fitted(machine)
        finally:
            asked.set()

    at_once(find_out, ask)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(originals())), ids=lambda n: label(originals()[n]))
def test_many_threads_are_the_first_to_ask(number):
    for fitted in fits_in_threads([number] * 6):
        check_threads(number, fitted, n_threads=6)


@pytest.mark.slow
def test_fits_without_a_seed_in_threads():
    numbers = [n for n, e in enumerate(originals()) if "random_state" in e.get_params()]
    before = torch.get_rng_state()
    for fitted in fits_in_threads(numbers, seed=None):
        assert np.isfinite(getattr(fitted, deterministic_verb(fitted))(base_rows())).all()
    assert torch.equal(torch.get_rng_state(), before)


def run_python(*arguments, seconds):
    """Status and output of Python, which is ended with all its processes if it takes too long."""
    env = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, *arguments]
    with tempfile.TemporaryFile("w+") as output:
        started = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=env, start_new_session=True
        )
        try:
            status = started.wait(seconds)
        except subprocess.TimeoutExpired:
            status = f"no end within {seconds} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()
        output.seek(0)
        return status, output.read()


def check_ways(*names, seconds):
    status, output = run_python("-m", "tests.parallel_searches", *names, seconds=seconds)
    assert status == 0, f"{status}:\n{output}"


def test_searches_in_threads_and_processes_are_those_one_by_one():
    ways = "threading", "multiprocessing", "fork while locks are held", "spawn"
    check_ways(*ways, seconds=600)


@pytest.mark.slow
def test_searches_in_other_new_processes_are_those_one_by_one():
    check_ways("loky", "forkserver", seconds=600)


@pytest.mark.slow
def test_searches_in_forks_beside_fits_come_to_an_end():
    check_ways(*["fork beside fits"] * 20, seconds=1200)


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", ["loky", "threading", "multiprocessing", "spawn", "forkserver", "fork"]
)
def test_searches_over_every_estimator_are_those_one_by_one(way):
    check_ways(way, "all", seconds=1200)


COLD = """
import sys, threading
import skgen

sys.setswitchinterval(1e-6)
barrier, failed = threading.Barrier(4), []

def take(i):
    barrier.wait()
    try:
        for name in skgen.__all__[i:] + skgen.__all__[:i]:
            getattr(skgen, name)
        from skgen.testing import fitted

        fitted([
            skgen.SparseCoder(3, max_iter=3),
            skgen.BernoulliRBM(3, max_iter=3),
            skgen.VAE(2, hidden_layer_sizes=(8,), max_iter=3),
            skgen.BoltzmannMachine(),
        ][i])
    except BaseException as error:
        failed.append(repr(error))
        raise

threads = [threading.Thread(target=take, args=(i,)) for i in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit("; ".join(failed) or None)
"""


def test_threads_may_be_the_first_to_import_and_to_compile():
    status, output = run_python("-W", "ignore", "-c", COLD, seconds=600)
    assert status == 0, output
