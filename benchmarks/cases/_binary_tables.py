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


def fit_chain(architecture, **settings):
    """``fit(data, seed)`` of a network for orders of the columns."""

    def fit(data, seed):
        from skgen import FullyVisibleBeliefNetwork

        network = FullyVisibleBeliefNetwork(
            architecture=architecture, random_state=seed, **settings
        )
        return network.fit(data[0])

    return fit


def fit_machine(data, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(64, random_state=seed).fit(data[0])


def test_nats(model, data):
    return {"test nats": model.score(data[1])}


CONTENDERS = [
    Contender("skgen", fit_network, note="defaults", repeats=1, warm_up=False),
    Contender(
        "nade",
        fit_chain("nade", hidden_layer_sizes=(100,), learning_rate=5e-3, max_iter=150),
        note="100 hidden units, 150 epochs",
        repeats=1,
        warm_up=False,
    ),
    Contender(
        "made",
        fit_chain("made", hidden_layer_sizes=(500,)),
        note="500 hidden units",
        repeats=1,
        warm_up=False,
    ),
    Contender("BernoulliRBM", fit_machine, note="64 hidden units", repeats=1, warm_up=False),
]
