"""Exact test likelihood of sixteen hidden units on thresholded MNIST."""

from benchmarks import datasets
from benchmarks.cases import _rbm
from benchmarks.core import Bound, Case, Contender


def load(setup):
    n = 2000 if setup.quick else 60_000
    train, test = datasets.mnist("train")[0][:n], datasets.mnist("test")[0]
    return (train >= 0.5).astype("float32"), (test >= 0.5).astype("float32")


CASE = Case(
    title="RBM, 16 hidden, MNIST >= 0.5",
    family="Boltzmann machines",
    description="Nats a test image, log Z by enumeration; a centered PCD-1 machine of 50 epochs "
    "is reported at -142.56, a plain one at -149.05.",
    load=load,
    evaluate=_rbm.exact_nats,
    contenders=[
        Contender("skgen", _rbm.skgen_machine(16), note="defaults"),
        Contender(
            "skgen, 50 epochs",
            _rbm.skgen_machine(16, max_iter=50, learning_rate_schedule="cosine"),
            warm_up=False,
            slow=True,
        ),
        Contender(
            "scikit-learn",
            _rbm.sklearn_machine(16, learning_rate=0.01, n_iter=10, batch_size=100),
            package="scikit-learn",
            module="sklearn",
            note="10 epochs at 0.01, batch 100",
            repeats=1,
            warm_up=False,
            slow=True,
        ),
    ],
    objective="log-likelihood",
    digits=2,
    repeats=3,
    threads=1,
    assertions=[
        Bound("skgen", "log-likelihood", at_least=-136.0, statistic="mean"),
        Bound("skgen", "seconds", at_most=10),
        Bound("skgen, 50 epochs", "log-likelihood", at_least=-135.0, statistic="mean"),
    ],
)
