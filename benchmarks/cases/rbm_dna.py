"""Exact test likelihood on DNA, the decay chosen on validation rows."""

from benchmarks import datasets
from benchmarks.cases import _rbm
from benchmarks.core import Bound, Case, Contender


def load(setup):
    train, validation, test = datasets.dna()
    return train, test, validation


def fit_chosen(data, seed):
    """The decay with the highest exact likelihood of the validation rows."""
    train, _, validation = data
    fits = [
        _rbm.skgen_machine(23, weight_decay=decay, max_iter=143)((train, None), seed)
        for decay in (1e-3, 3e-3, 6e-3, 1e-2)
    ]
    return max(fits, key=lambda m: _rbm.exact_nats(m, (train, validation))["log-likelihood"])


CASE = Case(
    title="RBM, 23 hidden, DNA",
    family="Boltzmann machines",
    description="Nats a test row, log Z by enumeration of 2^23 states; three seeds.",
    load=load,
    evaluate=_rbm.exact_nats,
    contenders=[
        Contender("skgen", fit_chosen, note="2000 updates; decay chosen among four", slow=True),
        Contender("skgen, defaults", _rbm.skgen_machine(23)),
        Contender(
            "scikit-learn",
            _rbm.sklearn_machine(23, learning_rate=0.01, n_iter=200),
            package="scikit-learn",
            module="sklearn",
            note="200 epochs at 0.01",
            repeats=1,
        ),
    ],
    objective="log-likelihood",
    digits=2,
    repeats=3,
    threads=1,
    assertions=[Bound("skgen", "log-likelihood", at_least=-96.3, statistic="mean")],
)
