"""Ten tables as people have them, raw, under every estimator as it comes.

Of each pair the case prints a line: what the score is, the held-out score, that of the baseline in
which columns are independent, how wide draws are, how many of their values lie far outside, and
what a refusal says. It holds where scores are finite and not below the baseline and draws have the
scale of the data, or where the estimator says what to do instead.
"""

import time
import warnings
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender

ESTIMATORS = (
    "ProbabilisticPCA",
    "FactorAnalysis",
    "ICA",
    "MixtureOfFactorAnalyzers",
    "SparseCoder",
    "Autoencoder",
    "DenoisingAE",
    "SparseAE",
    "ContractiveAE",
    "StackedAE",
    "VAE",
    "FullyVisibleBeliefNetwork",
    "PixelCNN",
    "PixelRNN",
    "GaussianBernoulliRBM",
    "MeanCovarianceRBM",
    "ProductOfStudentT",
    "SpikeSlabRBM",
    "EnergyBasedModel",
    "ProductOfExperts",
    "BernoulliRBM",
    "ConvolutionalRBM",
    "SigmoidBeliefNetwork",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "BoltzmannMachine",
    "GAN",
)
MOST_ROWS = 500
N_DRAWS = 200
# Spans of a column by which a value lies outside to be far, and how many draws may hold.
FAR = 3.0
MOST_FAR = 0.01
# Of the standard deviations of draws to those of the data, the median over columns.
WIDTHS = 0.25, 4.0
# A baseline needs no validation rows and knows no noise: it may win by a little.
SLACK = 0.05


class Line(NamedTuple):
    """What an estimator made of a table; ``says`` is its refusal or its warning of the range."""

    kind: str = "-"
    score: float = np.nan
    baseline: float = np.nan
    width: float = np.nan
    far: float = np.nan
    says: str = ""

    @property
    def is_sound(self):
        """Whether all three conditions hold, or a remedy is named."""
        if self.says:
            return True
        above = not self.score < self.baseline - SLACK * abs(self.baseline) - SLACK
        wide = WIDTHS[0] <= self.width <= WIDTHS[1]
        return bool(np.isfinite(self.score) and above and wide and self.far <= MOST_FAR)


def tables(n):
    """Training and test rows of each table by name, at most ``n`` in all."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

    rng = np.random.default_rng(0)
    answers = datasets.bfi()[0]
    levels = [3, 4, 5, 6]
    codes = rng.integers(0, levels, (n, 4))
    codes[:, 1] = (codes[:, 0] + rng.integers(0, 2, n)) % 4
    rates = np.exp(0.5 * rng.standard_normal((n, 3)) @ rng.standard_normal((3, 15)))
    found = {
        "wine": load_wine().data,
        "diabetes": load_diabetes().data,
        "breast cancer": load_breast_cancer().data,
        "digits": load_digits().data,
        "bfi": answers[~np.isnan(answers).any(axis=1)],
        "mushrooms": datasets.mushrooms()[0],
        "DNA": datasets.dna()[0],
        "one-hot": np.hstack([np.eye(k)[codes[:, j]] for j, k in enumerate(levels)]),
        "counts": rng.poisson(rates).astype(float),
        "MNIST 0..255": 255 * datasets.mnist()[0][:n],
    }
    return {name: split(X, n) for name, X in found.items()}


def split(X, n):
    """A random fifth of at most ``n`` rows for the test."""
    X = X[np.random.default_rng(0).permutation(len(X))[:n]]
    return X[: len(X) * 4 // 5], X[len(X) * 4 // 5 :]


def independent(train, test, model):
    """Score of the test rows in the model's sense where columns are independent; NaN for none."""
    mean, variance = train.mean(axis=0), train.var(axis=0)
    kind = getattr(model, "measure_", None) or getattr(model, "loss_", type(model).__name__)
    if kind in ("counting", "cross_entropy"):
        if not np.isin(train, (0, 1)).all():
            return np.nan  # counts have no independent law to compare with
        p = (mean * len(train) + 0.5) / (len(train) + 1)
        rows = test * np.log(p) + (1 - test) * np.log1p(-p)
    elif kind == "lebesgue":
        variance = np.where(variance > 0, variance, np.median(variance[variance > 0]))
        rows = -0.5 * (np.log(2 * np.pi * variance) + np.square(test - mean) / variance)
    elif kind == "squared_error":
        rows = -np.square(test - mean)
    elif kind == "SparseCoder":
        rows = -0.5 * np.square(test)
    else:
        return np.nan
    return float(np.mean(np.sum(rows, axis=1)))


def judge(estimator, train, test, seed):
    """Fit, score and draw; the ``Line`` of it."""
    import skgen
    from skgen.exceptions import DataRangeWarning

    model = getattr(skgen, estimator)()
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model.fit(train)
            score = float(model.score(test))
            draws = model.sample(N_DRAWS, random_state=seed).astype(np.float64)
        except ValueError as error:
            return Line(says=str(error))
    says = [str(w.message) for w in caught if isinstance(w.message, DataRangeWarning)]
    varies = train.std(axis=0) > 0
    low, high = train.min(axis=0)[varies], train.max(axis=0)[varies]
    beyond = np.maximum(low - draws[:, varies], draws[:, varies] - high)
    return Line(
        getattr(model, "measure_", None) or model.likelihood_kind_,
        score,
        np.nan if says else independent(train, test, model),
        float(np.median(draws.std(axis=0)[varies] / train.std(axis=0)[varies])),
        float(np.mean(~(beyond <= FAR * (high - low)))),
        says[0] if says else "",
    )


def try_tables(estimator, data, seed):
    lines = []
    for name, (train, test) in data.items():
        start = time.perf_counter()
        line = judge(estimator, train, test, seed)
        lines.append(line)
        print(_text(name, estimator, line, time.perf_counter() - start), flush=True)
    return lines


def _text(table, estimator, line, seconds):
    numbers = "".join(f"{value:12.4g}" for value in line[1:5])
    fault = "" if line.is_sound else "FAULT "
    return (
        f"    {table:14}{estimator:22}{line.kind:10}{numbers}  {seconds:4.0f} s  {fault}{line.says}"
    )


def evaluate(lines, data):
    fitted = [line for line in lines if not line.says]
    return {
        "faults": sum(not line.is_sound for line in lines),
        "refused": len(lines) - len(fitted),
        "least gain": min((line.score - line.baseline for line in fitted), default=np.nan),
        "least width": min((line.width for line in fitted), default=np.nan),
        "greatest width": max((line.width for line in fitted), default=np.nan),
        "far": max((line.far for line in fitted), default=np.nan),
    }


def load(setup):
    found = tables(60 if setup.quick else MOST_ROWS)
    return {name: found[name] for name in ("wine", "one-hot")} if setup.quick else found


CASE = Case(
    title="Ten raw tables, every estimator as it comes",
    family="Package",
    description="Wine, diabetes, breast cancer, digits, bfi, mushrooms, DNA, one-hot codes, "
    "counts and MNIST from 0 to 255; at most 500 rows each, nothing scaled, nothing chosen. "
    "Faults: tables with a score that is not finite or below that of independent columns (of a "
    "guess of the mean, or of no codes, where there is no density), or draws of another scale than "
    "the data; refused: those where an error or a warning names the remedy. Width: of draws, in "
    "standard deviations of the data (median over columns); far: the fraction of values more than "
    "three spans outside. The run prints each table.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(name, partial(try_tables, name), repeats=1, warm_up=False) for name in ESTIMATORS
    ],
    objective="faults",
    digits=2,
    # Most networks are small: two threads would wait for each other.
    threads=1,
    assertions=[Bound(name, "faults", at_most=0) for name in ESTIMATORS],
)
