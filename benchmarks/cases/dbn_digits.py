"""Bound of a deep belief network on binary digits against the likelihood of one layer."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare, Contender


def fit_skgen(data, seed):
    from skgen import DeepBeliefNetwork

    return DeepBeliefNetwork((64, 64), n_finetune_iter=100, random_state=seed).fit(data[0])


CASE = Case(
    title="DBN, 64-64 hidden, digits >= 8",
    family="Boltzmann machines",
    description="Nats a held-out digit: the importance-weighted bound of the network, the "
    "likelihood of the machine, both with log Z by annealing.",
    load=_deep.binary_digits,
    evaluate=_deep.nats,
    contenders=[
        Contender("skgen", fit_skgen, note="100 epochs of fine-tuning"),
        Contender("one layer", _deep.fit_rbm, note="BernoulliRBM(64)"),
    ],
    objective="log-likelihood",
    digits=2,
    repeats=3,
    threads=1,
    assertions=[
        Compare("skgen", "one layer", on="log-likelihood"),
        Bound("skgen", "seconds", at_most=20),
    ],
)
