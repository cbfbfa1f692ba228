"""Half of the pixels of binary digits from the other half, by machines and what trains them."""

import numpy as np

from benchmarks.cases import _deep
from benchmarks.core import Case, Compare, Contender

PREDICTION = 'DeepBoltzmannMachine(training="multi_prediction")'
MEAN_FIELD = "DeepBoltzmannMachine()"
FLAT = "BernoulliRBM(64)"
MEANS = "means of the pixels"


def load(setup):
    X, test = _deep.binary_digits(setup)
    holes = np.random.RandomState(0).rand(*test.shape) < 0.5
    return X, np.where(holes, np.nan, test), test


def evaluate(filled, data):
    """Return minus the mean log-probability of a missing pixel, and the error of its mean."""
    _, gaps, truth = data
    holes = np.isnan(gaps)
    p, v = filled[holes].astype(float), truth[holes]
    # A pixel that was never on would be worth any number of nats.
    q = p.clip(1e-4, 1 - 1e-4)
    return {
        "nats": -np.log(np.where(v == 1, q, 1 - q)).mean(),
        "RMSE": np.sqrt(np.mean((p - v) ** 2)),
    }


def fill_by_prediction(data, seed):
    from skgen import DeepBoltzmannMachine

    model = DeepBoltzmannMachine(training="multi_prediction", random_state=seed)
    return model.fit(data[0]).impute(data[1])


def fill_by_mean_field(data, seed):
    from skgen import DeepBoltzmannMachine

    return DeepBoltzmannMachine(random_state=seed).fit(data[0]).impute(data[1])


def fill_by_one_layer(data, seed):
    return _deep.fit_rbm(data, seed).impute(data[1])


def fill_by_means(data, seed):
    return np.where(np.isnan(data[1]), data[0].mean(axis=0), data[1])


CASE = Case(
    title="Half of the pixels from the others, digits >= 8",
    family="Boltzmann machines",
    description="360 digits held out, whose pixels are missing by the toss of a coin, by machines "
    "at their defaults: nats (the mean cross-entropy) and root mean squared error of a missing "
    "pixel.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(PREDICTION, fill_by_prediction, warm_up=False),
        Contender(MEAN_FIELD, fill_by_mean_field, warm_up=False),
        Contender(FLAT, fill_by_one_layer, warm_up=False),
        Contender(MEANS, fill_by_means, warm_up=False),
    ],
    objective="nats",
    digits=3,
    repeats=3,
    threads=1,
    assertions=[
        Compare(PREDICTION, rival, on=objective, better="lower")
        for rival in (MEAN_FIELD, FLAT, MEANS)
        for objective in ("nats", "RMSE")
    ],
)
