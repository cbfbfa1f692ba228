"""Held-out likelihood of natural image patches under independent sources and under a Gaussian."""

import warnings
from typing import NamedTuple

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _ica
from benchmarks.core import Bound, Case, Compare, Contender, Speedup

SIDE = 14
# 278.11 - 260.06 nats: what independent sources gained over the Gaussian on white patches of this
# size in the literature.
PUBLISHED_GAIN = 18.05
MAX_ITER = 100
ANY = 1e6  # tolerance that no gradient exceeds
OURS, GAUSSIAN = "skgen", "Gaussian"


class Patches(NamedTuple):
    """Training rows, and test rows from another part of each photograph."""

    X: np.ndarray
    test: np.ndarray


def load(setup):
    """Draw patches of two photographs, the test from their right quarter; logarithms of gray."""
    n = 2000 if setup.quick else 20_000
    rng = np.random.default_rng(0)
    drawn = [[], []]
    for image in datasets.photographs():
        # Noise of the step between two gray values makes a density of them.
        gray = np.log(255 * image + 1 + rng.uniform(-0.5, 0.5, image.shape))
        cut = 3 * gray.shape[1] // 4
        for rows, part, size in zip(drawn, (gray[:, :cut], gray[:, cut:]), (n // 2, n // 8)):
            i, j = (rng.integers(0, length - SIDE + 1, size) for length in part.shape)
            windows = np.lib.stride_tricks.sliding_window_view(part, (SIDE, SIDE))
            rows.append(windows[i, j].reshape(size, -1))
    return Patches(*(np.vstack(rows) for rows in drawn))


def fit_gaussian(data, seed):
    from skgen import ProbabilisticPCA

    return ProbabilisticPCA(None).fit(data.X)


def evaluate(W, data):
    """Nats a held-out patch beyond the Gaussian, with a density fitted to each source."""
    from sklearn.exceptions import ConvergenceWarning

    from skgen import ICA

    # One iteration from where a contender stopped fits densities to anybody's sources.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        plain = ICA(None, tol=ANY).fit(data.X)
        start = W @ np.linalg.pinv(plain.whitening_)
        model = ICA(None, tol=ANY, w_init=start).fit(data.X)
    gaussian = fit_gaussian(data, 0)
    return {
        "nats beyond the Gaussian": model.score(data.test) - gaussian.score(data.test),
        "gradient": model.gradient_norm_,
    }


def evaluate_gaussian(model, data):
    return {"nats beyond the Gaussian": 0.0, "log-likelihood": model.score(data.test)}


CASE = Case(
    title=f"ICA of {SIDE} x {SIDE} patches of photographs",
    family=_ica.FAMILY,
    description=(
        f"20000 patches of two photographs, at most {MAX_ITER} iterations; held-out nats a patch "
        "beyond a Gaussian, with the densities that skgen fits to each contender's sources."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        _ica.ours(OURS, max_iter=MAX_ITER, warm_up=False),
        _ica.ours("skgen, not orthogonal", max_iter=MAX_ITER, orthogonal=False, warm_up=False),
        _ica.sklearn(max_iter=MAX_ITER, warm_up=False),
        _ica.picard(max_iter=MAX_ITER, warm_up=False),
        Contender(GAUSSIAN, fit_gaussian, evaluate=evaluate_gaussian),
    ],
    objective="nats beyond the Gaussian",
    digits=2,
    repeats=1,
    threads=1,
    assertions=[
        Bound(OURS, "nats beyond the Gaussian", at_least=PUBLISHED_GAIN),
        Speedup(OURS, over="scikit-learn FastICA", at_least=1.0),
        Speedup(OURS, over="python-picard", at_least=1.0),
        Compare(OURS, "scikit-learn FastICA", on="nats beyond the Gaussian", slack=1.0),
        Compare(OURS, "python-picard", on="nats beyond the Gaussian", relative=0.01),
    ],
)
