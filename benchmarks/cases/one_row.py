"""Codes and scores of a single row, as a server asks for them."""

import time
from functools import partial
from statistics import median

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender

# score_samples of these solves a problem a row or runs hundreds of networks; codes do not.
VERBS = "transform", "score_samples"
N_CALLS = 30


def load(setup):
    """Fitted models, and one row in float64."""
    import skgen

    X = datasets.digits(scaled=True)[: 200 if setup.quick else None]
    few = {"max_iter": 3, "random_state": 0}
    models = {
        "ProbabilisticPCA": skgen.ProbabilisticPCA(10),
        "FactorAnalysis": skgen.FactorAnalysis(10, noise_floor=1e-3),
        "SparseCoder": skgen.SparseCoder(64, max_iter=2, random_state=0),
        "Autoencoder": skgen.Autoencoder(10, **few),
        "DenoisingAE": skgen.DenoisingAE(10, **few),
        "SparseAE": skgen.SparseAE(64, **few),
        "ContractiveAE": skgen.ContractiveAE(10, **few),
        "VAE": skgen.VAE(10, **few),
        "BernoulliRBM": skgen.BernoulliRBM(64, **few),
        "GaussianBernoulliRBM": skgen.GaussianBernoulliRBM(64, **few),
        "DeepBeliefNetwork": skgen.DeepBeliefNetwork((64, 32), visible="binary", **few),
        "DeepBoltzmannMachine": skgen.DeepBoltzmannMachine((64, 32), **few),
        "GAN": skgen.GAN(**few),
    }
    return {name: model.fit(X) for name, model in models.items()}, X[:1].astype("float64")


def milliseconds(data, seed, *, name, verb):
    """Median of several calls, after one."""
    models, row = data
    call = getattr(models[name], verb)
    call(row)
    times = []
    for _ in range(N_CALLS):
        start = time.perf_counter()
        call(row)
        times.append(1000 * (time.perf_counter() - start))
    return median(times)


NAMES = (
    "ProbabilisticPCA",
    "FactorAnalysis",
    "SparseCoder",
    "Autoencoder",
    "DenoisingAE",
    "SparseAE",
    "ContractiveAE",
    "VAE",
    "BernoulliRBM",
    "GaussianBernoulliRBM",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "GAN",
)

CASE = Case(
    title="One row: codes and scores",
    family="Package",
    description="Milliseconds of a call with one row of digits in float64.",
    load=load,
    evaluate=lambda milliseconds, data: {"milliseconds": milliseconds},
    contenders=[
        Contender(f"{name}.{verb}", partial(milliseconds, name=name, verb=verb))
        for name in NAMES
        for verb in VERBS
    ],
    objective="milliseconds",
    digits=2,
    repeats=3,
    assertions=[
        Bound(f"{name}.{verb}", "milliseconds", at_most=2) for name in NAMES for verb in VERBS
    ],
)
