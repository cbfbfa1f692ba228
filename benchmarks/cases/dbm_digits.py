"""Bound of a deep Boltzmann machine on binary digits against the likelihood of one layer."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare, Contender


def fit_skgen(data, seed):
    from skgen import DeepBoltzmannMachine

    return DeepBoltzmannMachine((64, 64), random_state=seed).fit(data[0])


CASE = Case(
    title="DBM, 64-64 hidden, digits >= 8",
    family="Boltzmann machines",
    description="Nats a held-out digit: the mean-field bound of the deep machine, the likelihood "
    "of the flat one, both with log Z by annealing.",
    load=_deep.binary_digits,
    evaluate=_deep.nats,
    contenders=[
        Contender("skgen", fit_skgen, note="defaults"),
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
