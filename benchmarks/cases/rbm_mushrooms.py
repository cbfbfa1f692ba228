"""Exact test likelihood on the mushrooms."""

from benchmarks import datasets
from benchmarks.cases import _rbm
from benchmarks.core import Bound, Case, Compare, Contender, Headline


def load(setup):
    train, _, test = datasets.mushrooms()
    return train, test


CASE = Case(
    title="RBM, 23 hidden, mushrooms",
    family="Boltzmann machines",
    description="Nats a test row, log Z by enumeration of 2^23 states; five seeds.",
    load=load,
    evaluate=_rbm.exact_nats,
    contenders=[
        Contender("skgen", _rbm.skgen_machine(23), note="defaults"),
        Contender(
            "skgen, longer",
            _rbm.skgen_machine(23, n_gibbs_steps=10, max_iter=2500),
            note="10 sweeps, 50000 updates",
            slow=True,
        ),
        Contender(
            "scikit-learn",
            _rbm.sklearn_machine(23, learning_rate=0.01, n_iter=500),
            package="scikit-learn",
            module="sklearn",
            note="500 epochs at 0.01",
            repeats=1,
        ),
    ],
    objective="log-likelihood",
    digits=2,
    repeats=5,
    threads=1,
    headline=Headline("better", over="scikit-learn"),
    assertions=[
        Bound("skgen", "log-likelihood", at_least=-13.8, statistic="mean"),
        Bound("skgen, longer", "log-likelihood", at_least=-12.7, statistic="mean"),
        Compare("skgen", "scikit-learn", on="log-likelihood"),
    ],
)
