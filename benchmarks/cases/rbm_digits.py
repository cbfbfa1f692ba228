"""Exact test likelihood of a small machine on binary digits."""

from benchmarks.cases import _rbm
from benchmarks.core import Bound, Case, Compare, Contender, Headline


def load(setup):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X = (load_digits().data >= 8).astype("float32")
    return train_test_split(X, test_size=360, random_state=0)


CASE = Case(
    title="RBM, 16 hidden, digits >= 8",
    family="Boltzmann machines",
    description="Nats a held-out digit, log Z by enumeration; five seeds.",
    load=load,
    evaluate=_rbm.exact_nats,
    contenders=[
        Contender("skgen", _rbm.skgen_machine(16), note="defaults"),
        Contender(
            "scikit-learn",
            _rbm.sklearn_machine(16, learning_rate=0.01, n_iter=200),
            package="scikit-learn",
            module="sklearn",
            note="200 epochs at its best step, 0.01",
        ),
    ],
    objective="log-likelihood",
    digits=2,
    repeats=5,
    threads=1,
    headline=Headline("better", over="scikit-learn"),
    assertions=[
        Bound("skgen", "log-likelihood", at_least=-18.5, statistic="mean"),
        Bound("skgen", "seconds", at_most=0.5),
        Compare("skgen", "scikit-learn", on="log-likelihood"),
    ],
)
