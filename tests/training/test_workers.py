"""Fits that torchrun's processes share are those of one process with all rows of each batch."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skgen.workers import ALONE, Share, workers
from tests.training import worker_script

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]
ROOT = Path(__file__).parents[2]


def run_workers(folder, part, seconds):
    """What two workers leave of a part of the script, and what they print."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", worker_script.__file__, str(folder), part]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed, _ = process.communicate()
        pytest.fail(f"The workers did not end within {seconds} s:\n{printed}")
    assert process.returncode == 0, printed
    return [pickle.loads((folder / f"{rank}.pkl").read_bytes()) for rank in range(2)], printed


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Results of two workers, and what they printed."""
    return run_workers(tmp_path_factory.mktemp("workers"), "some", 240)


@pytest.fixture(scope="module")
def both(found):
    pytest.importorskip("sklearn.callback")
    return found[0]


def same(one, other):
    """Whether two nested values are equal, bit by bit."""
    return pickle.dumps(one) == pickle.dumps(other)


def distance(one, other, *, chains=True):
    """Largest difference of the weights, and of the chains, of two fits, next to the largest."""
    pairs = [
        (one["weights"][name], weight)
        for name, weight in other["weights"].items()
        if weight.size and (chains or not name.endswith("chains"))
    ]
    largest = max(np.abs(weight).max() for _, weight in pairs if weight.dtype.kind == "f")
    return max(np.abs(found - weight).max() for found, weight in pairs) / largest


@pytest.mark.parametrize("size", [2, 3, 5])
def test_shares_are_contiguous_parts(size):
    rows = np.arange(13)
    shares = [Share.of(13, rank, size) for rank in range(size)]
    parts = [rows[share.start : share.start + share.n] for share in shares]
    np.testing.assert_array_equal(np.concatenate(parts), rows)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert sum(share.fraction for share in shares) == pytest.approx(1)


def test_outside_of_torchrun_a_fit_has_one_worker():
    assert workers() is ALONE


@pytest.fixture(scope="module")
def alone():
    return worker_script.fits(1)


@pytest.mark.parametrize("name", ["vae", "rbm", "gan", "rows on disk"])
def test_two_workers_are_one_with_twice_the_batch(name, both, alone):
    assert distance(both[0][name], alone[name]) < 1e-5
    assert same(both[0][name], both[1][name])


def test_early_stopping_sees_the_losses_of_one_worker(both, alone):
    assert both[0]["vae"]["scores"] == pytest.approx(alone["vae"]["scores"], rel=1e-5)


def test_losses_are_those_of_all_rows(both, alone):
    for name in ("vae", "gan"):
        for phase, losses in alone[name]["losses"].items():
            assert both[0][name]["losses"][phase] == pytest.approx(losses, rel=1e-5)


def test_worker_0_alone_calls_back_and_all_know_what_it_saw(both):
    assert [one["calls"] for one in both] == [["setup", *["0"] * worker_script.N_EPOCHS], []]
    assert len(both[0]["monitor"]) == worker_script.N_EPOCHS
    assert same(both[0]["monitor"], both[1]["monitor"])
    assert same(both[0]["best"], both[1]["best"])


def test_worker_0_alone_reports(found):
    (_, printed) = found
    assert printed.count("[skgen] epoch") == worker_script.N_EPOCHS
    # Of a model that every process fits for itself, too.
    assert printed.count("[skgen] iteration") == 2


def test_a_callback_stops_all(both):
    assert [one["epochs until a callback stopped"] for one in both] == [2, 2]


def test_a_fit_goes_on_from_a_checkpoint_bitwise(both):
    assert both[0]["left by"] == "SystemExit()"
    assert "Worker 0 failed" in both[1]["left by"]
    for one in both:
        assert one["epochs before"] == 2
        assert same(one["resumed"], one["unbroken"])


def test_ctrl_c_in_one_process_ends_the_fit_in_all(both):
    (n_epochs, one), (n_there, other) = (found["interrupted"] for found in both)
    assert n_epochs == n_there == 3
    assert same(one, other)


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("rows", "X of worker 1"),
        ("fewer rows", "X of worker 1"),
        ("parameters", "learning_rate of worker 1"),
        ("too few rows", "2 workers"),
    ],
)
def test_what_workers_do_not_have_in_common_is_refused_in_all(case, text, both):
    assert text in both[0][case]
    assert both[0][case] == both[1][case]


def test_an_error_in_one_worker_before_the_first_batch_is_one_in_all(both):
    ours, own = (one["a gap in one worker"] for one in both)
    assert own.startswith("ValueError: Input X contains NaN")
    assert ours.startswith(f"RuntimeError: Worker 1 failed before the fit began: {own[:30]}")
    own, theirs = (one["no folder"] for one in both)
    assert own.startswith("FileNotFoundError: path=")
    assert theirs == f"RuntimeError: Worker 0 failed before the fit began: {own}"


@pytest.mark.parametrize("where", ["begin", "end"])
def test_an_error_in_a_callback_is_one_in_all(where, both):
    own, theirs = (one[where] for one in both)
    assert own.startswith(f"OSError: at the {where}")
    assert theirs == f"RuntimeError: Worker 0 failed, on which the others wait: {own}"


def test_an_error_in_all_workers_is_the_own_one_of_each(both):
    for one in both:
        assert one["gaps in all"].startswith("ValueError: Input X contains NaN")


@pytest.mark.parametrize(
    "case", ["no seed", "unlike generators", "batch normalization", "partial", "seeds"]
)
def test_workers_end_with_the_same_model(case, both):
    assert same(both[0][case], both[1][case])


def test_without_a_seed_workers_draw_as_worker_0(both):
    before = np.random.get_state()
    np.random.seed(0)
    model = worker_script.small_autoencoder(random_state=None, batch_size=20)
    alone = worker_script.state(model.fit(worker_script.ROWS))
    np.random.set_state(before)
    assert distance(both[0]["no seed"], alone) < 1e-5


def test_fits_of_threads_are_their_own(both):
    assert not same(both[0]["thread"], both[1]["thread"])


def test_a_fit_in_a_process_of_its_own_is_that_of_one_worker(both):
    model = worker_script.small_autoencoder().fit(worker_script.ROWS)
    assert distance(both[0]["thread"], worker_script.state(model)) == 0


# Fits that are not those of one worker, and why: all workers end with the same model all the same.
OF_THEIR_SHARE = {
    "minibatch_discrimination": "rows are compared with those of the same worker",
}
# Where chains start at rows, those that are kept are the first of a worker, not of the batch.
START_AT_ROWS = "ConvolutionalRBM", "ConvolutionalDBN", "negative_phase='cd'", "score_matching"


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    return run_workers(tmp_path_factory.mktemp("every"), "every", 600)[0]


@pytest.fixture(scope="module")
def every_alone():
    return dict(worker_script.every_fit(1))


@pytest.mark.slow
def test_workers_end_with_the_same_model_of_every_kind(every, every_alone):
    assert set(every[0]) == set(every[1]) == set(every_alone)
    assert [name for name, one in every[0].items() if not same(one, every[1][name])] == []


@pytest.mark.slow
def test_two_workers_are_one_for_every_kind_of_model(every, every_alone):
    far = [
        name
        for name, fit in every_alone.items()
        if distance(every[0][name], fit, chains=not any(a in name for a in START_AT_ROWS)) > 1e-5
    ]
    assert [name for name in far if not any(part in name for part in OF_THEIR_SHARE)] == []
    assert len(far) == len(OF_THEIR_SHARE)
