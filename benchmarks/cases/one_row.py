"""Codes and scores of a single row, as a server asks for them."""

import time
from functools import partial
from statistics import median

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender

VERBS = "transform", "score_samples"
N_CALLS = 30
# One pass for each of 64 pixels in each of 16 orders.
MOST_OF = {"FullyVisibleBeliefNetwork.score_samples": 400.0}


FEW = {"max_iter": 3, "random_state": 0}
SETTINGS = {
    "ProbabilisticPCA": {"n_components": 10},
    "FactorAnalysis": {"n_components": 10, "noise_floor": 1e-3},
    "SparseCoder": {"n_components": 64, "max_iter": 2, "random_state": 0},
    "Autoencoder": {"n_components": 10, **FEW},
    "DenoisingAE": {"n_components": 10, **FEW},
    "SparseAE": {"n_components": 64, **FEW},
    "ContractiveAE": {"n_components": 10, **FEW},
    "VAE": {"n_components": 10, **FEW},
    "FullyVisibleBeliefNetwork": {"grid_features": None, **FEW},
    "BernoulliRBM": {"n_components": 64, **FEW},
    "GaussianBernoulliRBM": {"n_components": 64, **FEW},
    "DeepBeliefNetwork": {"hidden_layer_sizes": (64, 32), "visible": "binary", **FEW},
    "DeepBoltzmannMachine": {"hidden_layer_sizes": (64, 32), **FEW},
    "GAN": FEW,
}


def load(setup):
    """Fitted models, and one row in float64."""
    import skgen

    X = datasets.digits(scaled=True)[: 200 if setup.quick else None]
    models = {name: getattr(skgen, name)(**how).fit(X) for name, how in SETTINGS.items()}
    return models, X[:1].astype("float64")


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


CASE = Case(
    title="One row: codes and scores",
    family="Package",
    description="Milliseconds of a call with one row of digits in float64.",
    load=load,
    evaluate=lambda milliseconds, data: {"milliseconds": milliseconds},
    contenders=[
        Contender(f"{name}.{verb}", partial(milliseconds, name=name, verb=verb))
        for name in SETTINGS
        for verb in VERBS
    ],
    objective="milliseconds",
    digits=2,
    repeats=3,
    assertions=[
        Bound(name, "milliseconds", at_most=MOST_OF.get(name, 2))
        for name in (f"{estimator}.{verb}" for estimator in SETTINGS for verb in VERBS)
    ],
)
