"""What a fit with the defaults costs, and what it reaches, for every estimator.

The seconds on digits stand on the estimators' pages of the documentation.
"""

import time
from functools import partial
from statistics import mean

from benchmarks import datasets
from benchmarks.core import Case, Contender

BITS = (
    "BernoulliRBM",
    "SigmoidBeliefNetwork",
    "DeepBoltzmannMachine",
    "BoltzmannMachine",
    "ConditionalRBM",
    "RNNRBM",
)
TRANSLATING = ("TranslationGAN",)
NAMES = (
    "ProbabilisticPCA",
    "FactorAnalysis",
    "MixtureOfFactorAnalyzers",
    "SlowFeatureAnalysis",
    "ICA",
    "SparseCoder",
    "Autoencoder",
    "DenoisingAE",
    "SparseAE",
    "ContractiveAE",
    "PredictiveSparseDecomposition",
    "StackedAE",
    "VAE",
    "BernoulliRBM",
    "GaussianBernoulliRBM",
    "MeanCovarianceRBM",
    "ProductOfStudentT",
    "SpikeSlabRBM",
    "EnergyBasedModel",
    "ProductOfExperts",
    "ConvolutionalRBM",
    "ConvolutionalDBN",
    "SigmoidBeliefNetwork",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "BoltzmannMachine",
    "ConditionalRBM",
    "RNNRBM",
    "GAN",
    "TranslationGAN",
    "FullyVisibleBeliefNetwork",
    "PixelCNN",
    "PixelRNN",
)
SECONDS = "CPU seconds"


def load(setup):
    """Training and test rows of each table, as they are and as bits."""
    import numpy as np
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split

    tables = {"digits": (datasets.digits(), 8), "wine": (load_wine().data, None)}
    out = {}
    for name, (X, threshold) in tables.items():
        bits = (np.median(X, axis=0) if threshold is None else threshold) <= X
        for kind, rows in {"values": X, "bits": bits.astype(np.float64)}.items():
            rows = rows[: 100 if setup.quick else None]
            out[name, kind] = train_test_split(rows, test_size=0.2, random_state=0)
    return out


def fit(data, seed, *, name, table):
    """CPU seconds of the fit, and the mean score of the test rows, or None without a score."""
    import skgen

    if name in TRANSLATING:
        return fit_to_pairs(data, seed, name, table)
    train, test = data[table, "bits" if name in BITS else "values"]
    model = getattr(skgen, name)()
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    start = time.process_time()
    model.fit(train)
    seconds = time.process_time() - start
    if not hasattr(model, "score"):
        return seconds, None
    has_rows = hasattr(model, "score_samples")
    return seconds, mean(model.score_samples(test).tolist()) if has_rows else model.score(test)


def fit_to_pairs(data, seed, name, table):
    """The same of what translates rows of bits to their values; the score is R^2."""
    import skgen

    (bits, test_bits), (values, test_values) = data[table, "bits"], data[table, "values"]
    model = getattr(skgen, name)(random_state=seed)
    start = time.process_time()
    model.fit(bits, values)
    return time.process_time() - start, model.score(test_bits, test_values)


def evaluate(result, data):
    seconds, score = result
    return {SECONDS: seconds} | ({} if score is None else {"held-out score": score})


CASE = Case(
    title="Fits with the defaults",
    family="Package",
    description=(
        "CPU seconds of the fit alone, on four fifths of digits and of wine, and the mean score of "
        "the rest; tables of bits for the Boltzmann machines that want them. TranslationGAN learns "
        "values from bits, by R^2."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(f"{name}, {table}", partial(fit, name=name, table=table))
        for name in NAMES
        for table in ("digits", "wine")
    ],
    objective=SECONDS,
    digits=2,
    repeats=1,
    threads=1,
)
