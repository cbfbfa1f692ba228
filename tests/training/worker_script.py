"""What two workers do in ``test_workers.py``: run by torchrun, or in part by one process."""

import os
import pickle
import signal
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import numpy as np
from sklearn.base import clone

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    BernoulliRBM,
    Checkpoint,
    DenoisingAE,
    LikelihoodMonitor,
    MixtureOfFactorAnalyzers,
    fit_seeds,
)
from skgen.exceptions import FitInterrupted
from skgen.testing import deterministic_verb, labels, toy
from tests.instances import instances, label

N_EPOCHS = 4
EPOCHS = {"max_iter": N_EPOCHS, "random_state": 0}
# 203 rows: the last batches divide neither by twice the batch size, nor by two.
ROWS = toy(203, 6)
BITS = (toy(203, 20) > 1).astype(np.float64)


class Recorder:
    """A callback that says who calls it, and may leave the fit, stop it or press Ctrl-C."""

    def __init__(self, at=None, action=lambda: False):
        self.at, self.action, self.calls = at, action, []

    def setup(self, estimator, context):
        """Note who is called first."""
        self.calls.append("setup")

    def on_fit_task_begin(self, estimator, context):
        """Nothing is told before an epoch."""

    def on_fit_task_end(self, estimator, context):
        """Note the call; what the action returns."""
        if context.parent is None:
            return False
        self.calls.append(os.environ["RANK"])
        return self.action() if len(self.calls) - 1 == self.at else False

    def teardown(self, estimator, context):
        """Nothing to leave."""


class Failing(Recorder):
    """A callback that fails where the whole fit begins, or where it ends."""

    def on_fit_task_begin(self, estimator, context):
        """Fail at the beginning."""
        if context.parent is None and self.at == "begin":
            raise OSError("at the beginning")

    def on_fit_task_end(self, estimator, context):
        """Fail at the end."""
        if context.parent is None and self.at == "end":
            raise OSError("at the end")


def models(n_workers):
    """Models by name, whose batches have as many rows whether one works or several."""
    batch = {"batch_size": 20 // n_workers, **EPOCHS}
    small = {"hidden_layer_sizes": (8,), **batch}
    return {
        "vae": (VAE(2, early_stopping=True, **small), ROWS),
        "rbm": (BernoulliRBM(8, n_chains=31, sparsity_target=0.2, **batch), BITS),
        "gan": (GAN(2, **small), ROWS),
        "rows on disk": (DenoisingAE(2, **small), on_disk(ROWS)),
    }


def on_disk(X):
    """The rows as a memory map, which is read batch by batch."""
    with tempfile.NamedTemporaryFile() as file:
        rows = np.memmap(file, X.dtype, "w+", shape=X.shape)
        rows[:] = X
        return rows


def state(model):
    """What a fit leaves: weights and curves."""
    (one,) = [model] if not isinstance(model, list) else model
    weights = {name: value.numpy() for name, value in one.module_.state_dict().items()}
    return {"weights": weights, "losses": one.loss_curves_, "scores": one.validation_scores_}


def fits(n_workers):
    """States of the fitted models by name."""
    return {name: state(model.fit(X)) for name, (model, X) in models(n_workers).items()}


def small_autoencoder(**options):
    return Autoencoder(2, hidden_layer_sizes=(4,), **{"batch_size": 10, **EPOCHS, **options})


def followed_fit(folder):
    """A fit that a monitor follows, and one that a callback stops after two epochs."""
    monitor, recorder = LikelihoodMonitor(ROWS[:20]), Recorder()
    small_autoencoder(verbose=True).set_callbacks(monitor, recorder).fit(ROWS)
    stopped = small_autoencoder().set_callbacks(Recorder(2, lambda: True)).fit(ROWS)
    mixture = MixtureOfFactorAnalyzers(2, 1, max_iter=2, tol=0, verbose=True, random_state=0)
    mixture.set_callbacks(Checkpoint(folder / "mixture.pkl")).fit(ROWS)
    yield "monitor", monitor.scores_
    yield "best", state(monitor.best_estimator_)
    yield "calls", recorder.calls
    yield "epochs until a callback stopped", stopped.n_iter_


def resumed_fit(folder):
    """A fit that one process leaves, and what goes on from its checkpoint."""
    path = folder / "rbm.pkl"
    model, X = models(2)["rbm"]
    yield "unbroken", state(clone(model).fit(X))
    model.set_callbacks(Checkpoint(path), Recorder(2, sys.exit))
    try:
        model.fit(X)
    except (SystemExit, RuntimeError) as error:
        yield "left by", repr(error)
    resumed = Checkpoint.resume(path).set_callbacks(Checkpoint(path), Recorder())
    yield "epochs before", resumed.n_iter_
    yield "resumed", state(resumed.fit(X))


def interrupted_fit(folder):
    """A fit during which one process gets Ctrl-C."""
    recorder = Recorder(2, lambda: signal.raise_signal(signal.SIGINT))
    try:
        small_autoencoder(max_iter=50).set_callbacks(recorder).fit(ROWS)
    except FitInterrupted as error:
        yield "interrupted", (error.estimator.n_iter_, state(error.estimator))


def odd_fits(folder):
    """Fits of what is not the same in all processes, or that are no matter of all."""
    rank = int(os.environ["RANK"])
    gap = ROWS.copy()
    gap[3, 2] = np.nan
    lost = Checkpoint(folder / "no such folder" / "fit.pkl")
    for name, model, X in [
        ("a gap in one worker", small_autoencoder(), gap if rank else ROWS),
        ("no folder", small_autoencoder().set_callbacks(lost), ROWS),
        ("begin", small_autoencoder().set_callbacks(Failing("begin")), ROWS),
        ("end", small_autoencoder().set_callbacks(Failing("end")), ROWS),
        ("gaps in all", small_autoencoder(), gap),
        ("rows", small_autoencoder(), ROWS + rank),
        ("fewer rows", small_autoencoder(), ROWS[rank:]),
        ("parameters", small_autoencoder(learning_rate=0.01 / (1 + rank)), ROWS),
        ("too few rows", small_autoencoder(), ROWS[:1]),
    ]:
        try:
            model.fit(X)
        except (ValueError, OSError, RuntimeError) as error:
            yield name, f"{type(error).__name__}: {error}"
    np.random.seed(rank)
    yield "no seed", state(small_autoencoder(random_state=None).fit(ROWS))
    random_state = np.random.RandomState(rank)
    yield "unlike generators", state(small_autoencoder(random_state=random_state).fit(ROWS))
    alone = small_autoencoder()
    thread = threading.Thread(target=alone.fit, args=(ROWS[rank:],))
    thread.start()
    thread.join()
    yield "thread", state(alone)
    yield "partial", state(small_autoencoder().partial_fit(ROWS).partial_fit(ROWS))
    seeds = GAN(2, hidden_layer_sizes=(4,), batch_size=10, max_iter=2)
    normalized = GAN(2, hidden_layer_sizes=(4,), batch_size=10, normalization="batch", max_iter=2)
    yield "batch normalization", state(normalized.fit(ROWS))
    yield "seeds", [state(model) for model in fit_seeds(seeds, ROWS, range(2))]


def every_fit(n_workers):
    """State of one of every estimator on the loop, by its name."""
    X = toy(100)
    for estimator in instances():
        if not hasattr(estimator, "_build"):
            continue
        model = clone(estimator).set_params(batch_size=40 // n_workers, max_iter=3, random_state=0)
        model.fit(X, labels(len(X)))
        verb = getattr(model, deterministic_verb(model))
        yield label(estimator), {**state(model), "result": np.asarray(verb(X))}


def main(folder, part):
    """Do a part, and leave what came of it in a file of this process."""
    warnings.simplefilter("ignore")
    if part == "every":
        found = dict(every_fit(2))
    else:
        found = fits(2)
        for some in (followed_fit, resumed_fit, interrupted_fit, odd_fits):
            found |= dict(some(folder))
    (folder / f"{os.environ['RANK']}.pkl").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
