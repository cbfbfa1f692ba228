import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info
from torch import nn

from skgen import VAE, BernoulliRBM
from skgen.training.step import PlainStep
from skgen.training.threads import WORTH_A_THREAD, largest_product, threads_for

MODELS = [
    VAE(2, hidden_layer_sizes=(8,), max_iter=2, random_state=0),
    BernoulliRBM(4, max_iter=2, random_state=0),
]


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def four_threads():
    """Four threads in torch, whatever the processors."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def four_processors(monkeypatch):
    monkeypatch.setattr("skgen.training.threads.allowed_threads", lambda: 4)


def seen_by(n_operations):
    with threads_for(n_operations):
        return torch.get_num_threads()


def test_as_many_threads_as_the_work_is_worth(four_threads, four_processors):
    seen = [seen_by(fraction * WORTH_A_THREAD) for fraction in (0, 1.9, 2, 3.5, 100)]
    assert seen == [1, 1, 2, 3, 4]
    assert torch.get_num_threads() == 4


def test_no_more_than_the_surroundings_allow(four_threads, monkeypatch):
    monkeypatch.setattr("skgen.training.threads.allowed_threads", lambda: 2)
    assert seen_by(100 * WORTH_A_THREAD) == 2


def test_a_context_inside_gives_the_outer_its_own_back(four_threads, four_processors):
    with threads_for(0):
        assert seen_by(100 * WORTH_A_THREAD) == 4
        assert torch.get_num_threads() == 1
    with pytest.raises(RuntimeError, match="inside"), threads_for(0):
        raise RuntimeError("inside")
    assert torch.get_num_threads() == 4


def test_blas_has_one_thread_inside_and_its_own_after(two_threads):
    before = blas_threads()
    with threads_for(100 * WORTH_A_THREAD):
        assert blas_threads() == {1}
    assert blas_threads() == before == {2}


def test_new_threads_after_fits_in_threads_have_the_number_from_before(four_threads):
    entered, leave = threading.Barrier(3), threading.Event()

    def work():
        with threads_for(0):
            entered.wait()
            leave.wait()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    entered.wait()
    leave.set()
    for worker in workers:
        worker.join()
    seen = []
    newest = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    newest.start()
    newest.join()
    assert seen == [4]


def test_largest_product():
    net = nn.Sequential(nn.Linear(10, 30), nn.Linear(30, 4), nn.ReLU())
    assert largest_product(net, 7) == 2 * 7 * 300
    assert largest_product(nn.ReLU(), 7) == 0
    assert largest_product(nn.Conv2d(2, 3, 5), 7) == 2 * 7 * (2 * 3 * 25) * 49


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_a_small_fit_runs_on_one_thread(model, four_threads, monkeypatch):
    seen, update = set(), PlainStep.update

    def watched(step, index):
        seen.add(torch.get_num_threads())
        update(step, index)

    monkeypatch.setattr(PlainStep, "update", watched)
    model.fit(np.random.default_rng(0).integers(0, 2, (50, 6)).astype(float))
    assert seen == {1}
    assert torch.get_num_threads() == 4


IN_A_FORK = """
import os, sys
import numpy as np, torch
from skgen import VAE

X = np.random.default_rng(0).random((300, 20))
torch.set_num_threads(2)
# The threads of the pool start here, and do not follow the child.
torch.ones(2000, 2000) @ torch.ones(2000, 2000)
child = os.fork()
if not child:
    model = VAE(2, hidden_layer_sizes=(64,), max_iter=2, random_state=0).fit(X)
    model.score_samples(np.tile(X, (100, 1)))
    os._exit(0)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_does_not_hang():
    subprocess.run([sys.executable, "-c", IN_A_FORK], check=True, timeout=120)
