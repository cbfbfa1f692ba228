"""Held-out likelihood of patches of photographs under machines with hidden covariances."""

from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender

SIDE, N_TEST_IMAGES = 8, 5
MACHINES = ("MeanCovarianceRBM", "SpikeSlabRBM", "ProductOfStudentT")
PEERS = ("FactorAnalysis", "GaussianBernoulliRBM")


class Patches(NamedTuple):
    """Training rows, and test rows from other photographs, of gray levels in [0, 1]."""

    X: np.ndarray
    test: np.ndarray


def load(setup):
    """Draw patches; noise of the step between two gray values makes a density of them."""
    images = datasets.kodak()
    n = 2000 if setup.quick else 50_000
    parts = (images[:-N_TEST_IMAGES], n, 0), (images[-N_TEST_IMAGES:], n // 10, 1)
    return Patches(*(_drawn(*part) for part in parts))


def _drawn(images, n, seed):
    rng = np.random.default_rng(seed)
    windows = np.lib.stride_tricks.sliding_window_view(images, (SIDE, SIDE), axis=(1, 2))
    index = [rng.integers(size, size=n) for size in windows.shape[:3]]
    rows = windows[tuple(index)].reshape(n, -1)
    return rows + rng.uniform(0, 1 / 255, rows.shape)


def fit(name, data, seed):
    import skgen

    sizes = {"FactorAnalysis": {"n_components": 32}}
    random = {"n_components": 128, "random_state": seed}
    return getattr(skgen, name)(**sizes.get(name, random)).fit(data.X)


def evaluate(model, data):
    nats = model.score(data.test)
    return {"nats": nats, "error of log Z": getattr(model, "log_partition_std_", 0.0)}


def _contender(name):
    note = "32 factors" if name == "FactorAnalysis" else "128 units"
    return Contender(name, partial(fit, name), note=note, repeats=1, warm_up=False)


CASE = Case(
    title="Patches of photographs, 8 x 8",
    family="Boltzmann machines",
    description="Nats a held-out patch of 24 Kodak photographs, 19 for training; log Z by "
    "annealing. Factors and units that move the mean share one covariance.",
    load=load,
    evaluate=evaluate,
    contenders=[_contender(name) for name in (*MACHINES, *PEERS)],
    objective="nats",
    digits=2,
    repeats=1,
    threads=1,
    assertions=[
        *(Compare(ours, peer, on="nats") for ours in MACHINES for peer in PEERS),
        *(Bound(ours, "error of log Z", at_most=0.5) for ours in MACHINES),
    ],
)
