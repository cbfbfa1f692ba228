"""What the cases of binary tables share."""

import numpy as np

from benchmarks.core import Contender

DESCRIPTION = (
    "Nats a test row in the usual split. The network holds a tenth of the training and validation "
    "rows out; the machine trains on both, with its log Z by enumeration or annealing."
)


def table(parts, quick):
    """Training and validation rows in one array, and test rows."""
    train, valid, test = parts
    train = np.concatenate([train, valid]).astype(np.float64)
    if quick:
        return train[:300], test[:100].astype(np.float64)
    return train, test.astype(np.float64)


def fit_network(data, seed):
    from skgen import FullyVisibleBeliefNetwork

    return FullyVisibleBeliefNetwork(random_state=seed).fit(data[0])


def fit_machine(data, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(64, random_state=seed).fit(data[0])


def test_nats(model, data):
    return {"test nats": model.score(data[1])}


CONTENDERS = [
    Contender("skgen", fit_network, note="defaults", repeats=1, warm_up=False),
    Contender("BernoulliRBM", fit_machine, note="64 hidden units", repeats=1, warm_up=False),
]
