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
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.model_selection import GridSearchCV

import skgen
from skgen import VAE, Checkpoint, LikelihoodMonitor
from skgen.base import run

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]


class Stop:
    """A callback that ends the process, or all that a process can feel of it."""

    def __init__(self, n_epochs=0):
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


def small_vae(**parameters):
    return VAE(2, hidden_layer_sizes=(8,), max_iter=4, random_state=0).set_params(**parameters)


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


KILLED = """
    import os, signal, sys
    import numpy as np
    from skgen import VAE, Checkpoint

    class Killed(Checkpoint):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None, metadata=None):
            about = {"fitted_estimator": fitted_estimator, "metadata": metadata}
            super().on_fit_task_end(estimator, context, **about)
            if fitted_estimator.n_iter_ == 3:
                os.kill(os.getpid(), signal.SIGKILL)

    X = np.random.default_rng(0).standard_normal((200, 4))
    VAE(2, max_iter=5, random_state=0).set_callbacks(Killed(sys.argv[1])).fit(X)
"""


def test_a_killed_process_leaves_a_fit_that_goes_on(tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), path], check=False)
    assert done.returncode == -signal.SIGKILL
    X = np.random.default_rng(0).standard_normal((200, 4))
    assert load(path).n_iter_ == 3
    # What the process had locked and had half written is no hindrance.
    (tmp_path / "model.0.partial").write_bytes(b"half")
    resumed = Checkpoint.resume(path).fit(X)
    assert resumed.loss_curve_ == VAE(2, max_iter=5, random_state=0).fit(X).loss_curve_
    assert sorted(f.name for f in tmp_path.iterdir()) == ["model", "model.earlier"]


def test_a_disk_that_is_full_leaves_the_earlier_file_whole(X, tmp_path, monkeypatch):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=3, random_state=0)
    fsync, calls = os.fsync, []

    def fails_at_the_second(number):
        calls.append(1)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(number)

    monkeypatch.setattr(os, "fsync", fails_at_the_second)
    with pytest.raises(OSError, match="model' could not be written .No space left") as caught:
        model.set_callbacks(Checkpoint(path)).fit(X)
    assert caught.value.errno == errno.ENOSPC
    assert load(path).n_iter_ == 1
    assert list(tmp_path.iterdir()) == [path]
    assert Checkpoint.resume(path).fit(X).n_iter_ == 3


def test_two_fits_cannot_have_one_path(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"

    class Second(Stop):
        """Another fit to the same path, amid the first."""

        def on_fit_task_end(self, estimator, context):
            if context.parent is not None:
                content = path.read_bytes()
                with pytest.raises(BlockingIOError, match="that of another fit"):
                    small_vae().set_callbacks(Checkpoint(path)).fit(X)
                assert path.read_bytes() == content

    small_vae().set_callbacks(Checkpoint(path), Second()).fit(X)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["model", "model.earlier"]


def test_fits_of_a_search_follow_each_other(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    model = VAE(hidden_layer_sizes=(8,), max_iter=4, random_state=0)
    model.set_callbacks(Checkpoint(tmp_path / "model"))
    search = GridSearchCV(model, {"n_components": [1, 2]}, cv=2, error_score="raise").fit(X)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert load(tmp_path / "model").n_iter_ == 4


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

    with reader(path) as epochs:
        for seed in range(3):
            model = VAE(2, hidden_layer_sizes=(8,), max_iter=12, random_state=seed)
            model.set_callbacks(Checkpoint(path)).fit(X)
    assert set(epochs) <= set(range(1, 13))
    assert epochs


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

    def refuse(path, *how):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(os, "open", refuse)
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
