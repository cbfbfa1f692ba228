"""Fits in processes of their own that are killed at random moments, and go on in other ones."""

import hashlib
import os
import signal
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import skgen
from benchmarks import datasets

SEED = {"random_state": 0}
MODELS = {
    "VAE": lambda: skgen.VAE(4, hidden_layer_sizes=(32,), early_stopping=True, max_iter=12, **SEED),
    "GAN": lambda: skgen.GAN(4, hidden_layer_sizes=(32,), max_iter=8, **SEED),
    "BernoulliRBM": lambda: skgen.BernoulliRBM(32, max_iter=30, **SEED),
    "DeepBeliefNetwork": lambda: skgen.DeepBeliefNetwork(
        (24, 16), visible="binary", max_iter=8, n_finetune_iter=4, **SEED
    ),
    "SparseCoder": lambda: skgen.SparseCoder(32, alpha=0.3, max_iter=30, tol=0, **SEED),
}
N_ROWS = 400
# Seconds that a process may take.
PATIENCE = 300


def rows():
    """Rows of digits in [0, 1]."""
    return datasets.digits(scaled=True)[:N_ROWS]


def fit(name, path, *, saves=True):
    """Fit a model, with a checkpoint after each epoch or none; leave its digest beside it."""
    model = MODELS[name]()
    if saves:
        model.set_callbacks(skgen.Checkpoint(path))
    leave_digest(model.fit(rows()), path)


def resume(path):
    """Go on with a fit that was killed."""
    leave_digest(skgen.Checkpoint.resume(path).fit(rows()), path)


def leave_digest(model, path):
    """Write what changes with any bit of the weights, the curves and the draws of a model."""
    state = model.__getstate__()
    arrays = dict(state.get("_weights", {}), loss_curve=state["loss_curve_"])
    arrays |= {name: x for name, x in state.items() if isinstance(x, np.ndarray)}
    arrays["draws"] = model.sample(20, random_state=1)
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(name.encode() + np.asarray(arrays[name]).tobytes())
    Path(f"{path}.digest").write_text(f"{found.hexdigest()} {model.n_iter_}")


def process(target, *args, **kwargs):
    """Start a function in a copy of this process, which has compiled the kernels."""
    started = get_context("fork").Process(target=target, args=args, kwargs=kwargs, daemon=True)
    started.start()
    return started


def ended(target, path, *args, **kwargs):
    """The digest that a function leaves in a process that nobody kills."""
    one = process(target, *args, path, **kwargs)
    one.join(PATIENCE)
    if one.exitcode != 0:
        one.kill()
        return f"exit status {one.exitcode}"
    return Path(f"{path}.digest").read_text()


def kill_and_resume(name, n_kills, seed):
    """How many of so many fits were killed, and how many of these ended as if they were not.

    A kill comes at a random moment between the first file and the end of the fit.
    """
    rng, counts = np.random.default_rng(seed), {"kills": 0, "resumed": 0}
    with tempfile.TemporaryDirectory() as folder:
        fit(name, os.path.join(folder, "warm-up"), saves=False)
        truth = ended(fit, os.path.join(folder, "whole"), name, saves=False)
        length = _seconds(name, os.path.join(folder, "timed"))
        for number in range(3 * n_kills):
            path = os.path.join(folder, str(number))
            if _killed(name, path, rng.uniform(0, length)):
                counts["kills"] += 1
                counts["resumed"] += ended(resume, path) == truth
            if counts["kills"] == n_kills:
                break
    return counts


def _seconds(name, path):
    """Seconds from the first file of a fit to its end."""
    one = process(fit, name, path)
    start = _begun(one, path)
    one.join(PATIENCE)
    return time.perf_counter() - start


def _killed(name, path, seconds):
    """Whether a fit was still under way when it was killed, so long after its first file."""
    one = process(fit, name, path)
    _begun(one, path)
    time.sleep(seconds)
    os.kill(one.pid, signal.SIGKILL)
    one.join(PATIENCE)
    return one.exitcode == -signal.SIGKILL and not os.path.exists(f"{path}.digest")


def _begun(one, path):
    """Wait for the first file of a fit; the time of it."""
    while one.is_alive() and not os.path.exists(path):
        time.sleep(0.001)
    return time.perf_counter()
