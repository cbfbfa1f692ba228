"""Laplacian sources mixed at random: time, Amari distance and gradient of the contenders."""

from typing import NamedTuple

import numpy as np

from benchmarks.cases import _ica
from benchmarks.core import Bound, Case, Compare, Speedup

OURS, FREE, FITTED = "skgen", "skgen, not orthogonal", "skgen, fitted densities"
FASTICA, TIGHT = "scikit-learn FastICA", "scikit-learn FastICA, tol 1e-8"
PICARD, PICARD_FREE = "python-picard", "python-picard, not orthogonal"


class Mixture(NamedTuple):
    """Rows, and the matrix that mixed their sources."""

    X: np.ndarray
    A: np.ndarray


def task(n, k):
    """Return the ``load`` of a case: n rows of k sources."""

    def load(setup):
        rng = np.random.default_rng(0)
        S = rng.laplace(size=(n // 10 if setup.quick else n, k))
        A = rng.standard_normal((k, k))
        return Mixture(S @ A.T, A)

    return load


def evaluate(W, data):
    """Distance from the truth, and the largest entry of the gradient of log cosh."""
    from skgen.metrics import amari_distance

    Y = (data.X - data.X.mean(axis=0)) @ W.T
    Y /= Y.std(axis=0)
    T = np.tanh(Y)
    signs = np.where(np.mean(1 - T**2, axis=0) < np.mean(T * Y, axis=0), -1.0, 1.0)
    G = signs[:, None] * (T.T @ Y) / len(Y)
    return {"Amari distance": amari_distance(W, data.A), "gradient": np.abs(G - G.T).max() / 2}


def case(n, k, *, threads, most_seconds, free_seconds, over_tight, repeats):
    """Return the case of n rows of k Laplacian sources."""
    slow = {"repeats": max(1, repeats // 3), "warm_up": False}
    return Case(
        title=f"ICA, {k} Laplacian sources, {n} rows",
        family=_ica.FAMILY,
        description=(
            "Fits of all sources from mixed rows, float64; Amari distance as python-picard "
            "defines it. Of skgen the time includes the densities of the sources, which the "
            "others do not have."
        ),
        load=task(n, k),
        evaluate=evaluate,
        contenders=[
            _ica.ours(OURS),
            _ica.ours(FREE, orthogonal=False),
            _ica.ours(FITTED, fun="fitted", **slow),
            _ica.sklearn(FASTICA),
            _ica.sklearn(TIGHT, tol=1e-8, **slow),
            _ica.picard(PICARD, **slow),
            _ica.picard(PICARD_FREE, ortho=False, extended=True, **slow),
        ],
        objective="Amari distance",
        digits=5,
        repeats=repeats,
        threads=threads,
        assertions=[
            Bound(OURS, "seconds", at_most=most_seconds),
            Bound(FREE, "seconds", at_most=free_seconds),
            Bound(OURS, "gradient", at_most=1e-4),
            Bound(FREE, "Amari distance", at_most=0.0063),
            Speedup(OURS, over=FASTICA, at_least=1.0),
            Speedup(OURS, over=TIGHT, at_least=over_tight),
            Speedup(OURS, over=PICARD, at_least=2.0),
            Compare(OURS, FASTICA, on="Amari distance", better="lower", relative=0.01),
            Compare(FREE, FASTICA, on="Amari distance", better="lower"),
            Compare(FITTED, PICARD_FREE, on="Amari distance", better="lower"),
        ],
    )
