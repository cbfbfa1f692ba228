"""A killed fit goes on from its last checkpoint."""

import errno
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.model_selection import GridSearchCV

import skgen
from skgen import VAE, Checkpoint, LikelihoodMonitor
from skgen.base import run
from tests.instances import having, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]
EPOCHS = 4


class KillAfter:
    """A callback that ends the process, or all that a process can feel of it."""

    def __init__(self, n_epochs):
        self.left = n_epochs

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.left -= 1
        if not self.left:
            raise SystemExit

    def teardown(self, estimator, context):
        pass


@pytest.fixture
def X(rng):
    return rng.standard_normal((60, 2)) @ rng.standard_normal((2, 5)) + 0.1


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


@pytest.mark.parametrize("estimator", having("_stages"), ids=label)
def test_every_killed_fit_goes_on(estimator, X, tmp_path):
    pytest.importorskip("sklearn.callback")
    path, y = tmp_path / "model", np.arange(len(X)) % 2
    model = clone(estimator).set_params(max_iter=EPOCHS, random_state=0)
    with pytest.raises(SystemExit):
        model.set_callbacks(Checkpoint(path), KillAfter(2)).fit(X, y)
    rescued = load(path)
    assert rescued.n_iter_ == len(rescued.loss_curve_) == 2
    whole = clone(estimator).set_params(max_iter=EPOCHS, random_state=0).fit(X, y)
    assert rescued.loss_curve_ == pytest.approx(whole.loss_curve_[:2])
    assert_answers(rescued, X, y)
    # Each stage goes on for the epochs that are left.
    assert rescued.set_params(warm_start=True, max_iter=EPOCHS - 2).fit(X, y).n_iter_ >= EPOCHS
    assert_answers(rescued, X, y)


def assert_answers(model, X, y):
    """What a fitted model says of rows is finite."""
    said = model.score(X, y) if hasattr(model, "score") else model.transform(X)
    assert np.isfinite(said).all()


KILLED = """
    import os, signal, sys
    import numpy as np
    from skgen import VAE, Checkpoint

    class Killed(Checkpoint):
        def _save(self, estimator):
            super()._save(estimator)
            if self._epoch == 3:
                os.kill(os.getpid(), signal.SIGKILL)

    X = np.random.default_rng(0).standard_normal((200, 4))
    VAE(2, random_state=0).set_callbacks(Killed(sys.argv[1])).fit(X)
"""


def test_a_killed_process_leaves_a_fit_that_goes_on(tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), path], check=False)
    assert done.returncode == -signal.SIGKILL
    model = load(path)
    X = np.random.default_rng(0).standard_normal((200, 4))
    before = model.score(X)
    assert model.n_iter_ == 3
    assert model.set_params(warm_start=True, max_iter=97).fit(X).n_iter_ == 100
    assert model.score(X) > before


def test_a_write_that_fails_leaves_the_earlier_file_whole(X, tmp_path, monkeypatch):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=3, random_state=0)
    dump, calls = pickle.dump, []

    def fails_at_the_second(estimator, file):
        calls.append(1)
        if len(calls) == 2:
            file.write(b"half")
            raise OSError("disk full")
        dump(estimator, file)

    monkeypatch.setattr(pickle, "dump", fails_at_the_second)
    with pytest.raises(OSError, match="disk full"):
        model.set_callbacks(Checkpoint(path)).fit(X)
    assert load(path).n_iter_ == 1
    assert list(tmp_path.iterdir()) == [path]


def test_fits_of_a_search_may_save_at_the_same_time(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    model = VAE(hidden_layer_sizes=(8,), max_iter=15, random_state=0)
    model.set_callbacks(Checkpoint(tmp_path / "model"))
    search = GridSearchCV(
        model, {"n_components": [1, 2, 3, 4]}, cv=2, n_jobs=2, refit=False, error_score="raise"
    ).fit(X)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert load(tmp_path / "model").n_iter_ == 15
    assert list(tmp_path.iterdir()) == [tmp_path / "model"]


@contextmanager
def reader(path):
    """Load the file over and over; yields the numbers of epochs that it told."""
    epochs, done = [], threading.Event()

    def read():
        while not done.is_set():
            with suppress(FileNotFoundError):
                epochs.append(load(path).n_iter_)

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        try:
            yield epochs
        finally:
            done.set()
    reading.result()


def test_whoever_reads_while_fits_save_finds_a_whole_file(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"

    def fit(seed):
        model = VAE(2, hidden_layer_sizes=(8,), max_iter=12, random_state=seed)
        return model.set_callbacks(Checkpoint(path)).fit(X).n_iter_

    with reader(path) as epochs, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fit, range(4))) == [12] * 4
    assert set(epochs) <= set(range(1, 13))
    assert epochs
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_many_searches_tear_no_file_and_lose_no_fit(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    model = VAE(hidden_layer_sizes=(8,), max_iter=5, random_state=0)
    model.set_callbacks(Checkpoint(path))
    grid, how = {"n_components": [1, 2]}, {"cv": 2, "n_jobs": 2, "error_score": "raise"}
    with reader(path) as epochs:
        for _ in range(50):
            search = GridSearchCV(model, grid, **how).fit(X)
            assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert set(epochs) <= set(range(1, 6))
    assert list(tmp_path.iterdir()) == [path]


UNSAVABLE = {
    "a folder": ({"path": "."}, IsADirectoryError, "name a file in it"),
    "in no folder": ({"path": "none/model"}, FileNotFoundError, "make that first"),
    "a name too long": ({"path": 300 * "m"}, OSError, "cannot be written"),
    "never": ({"every": 0}, ValueError, "every"),
    "now and then": ({"every": 1.5}, TypeError, "every"),
}


@pytest.mark.parametrize(("parameters", "error", "said"), UNSAVABLE.values(), ids=UNSAVABLE)
def test_what_could_not_be_saved_is_said_before_the_first_epoch(
    X, tmp_path, monkeypatch, parameters, error, said
):
    pytest.importorskip("sklearn.callback")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(VAE, "_build", lambda *args: pytest.fail("the fit has begun"))
    model = VAE(2).set_callbacks(Checkpoint(**{"path": "model"} | parameters))
    with pytest.raises(error, match=said):
        model.fit(X)
    assert not list(tmp_path.iterdir())


def test_a_folder_without_leave_to_write_is_named(X, tmp_path, monkeypatch):
    pytest.importorskip("sklearn.callback")

    def refuse(path, mode):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr("builtins.open", refuse)
    model = VAE(2).set_callbacks(Checkpoint(tmp_path / "model"))
    with pytest.raises(PermissionError, match="model' cannot be written"):
        model.fit(X)


def test_the_file_of_another_version_warns(X, tmp_path, monkeypatch):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    VAE(2, hidden_layer_sizes=(8,), max_iter=1).set_callbacks(Checkpoint(path)).fit(X)
    monkeypatch.setattr(skgen, "__version__", "9.9.9")
    with pytest.warns(InconsistentVersionWarning, match=r"skgen\.VAE from version .* 9\.9\.9"):
        load(path)


def test_the_file_holds_no_callbacks_and_comes_every_few_epochs(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=5, random_state=0)
    model.set_callbacks(Checkpoint(path, every=2), LikelihoodMonitor(X)).fit(X)
    rescued = load(path)
    assert rescued.n_iter_ == 4
    assert not [name for name in vars(rescued) if "callback" in name]


def test_rows_held_out_once_stay_held_out(X, monkeypatch):
    splits = []
    split = run.hold_out
    monkeypatch.setattr(run, "hold_out", lambda *args: splits.append(split(*args)) or splits[-1])
    model = VAE(2, max_iter=2, early_stopping=True, warm_start=True, random_state=0)
    model.fit(X).fit(X)
    np.testing.assert_array_equal(splits[0][1], splits[1][1])
