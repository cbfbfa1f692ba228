"""A deep belief network that backpropagation goes on with; a GPU case."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    return _deep.mnist(setup, 50)


def network(epochs):
    from skgen import DeepBeliefNetwork

    return DeepBeliefNetwork(
        (500, 500, 2000),
        n_gibbs_steps=1,
        learning_rate=0.1,
        learning_rate_schedule="cosine",
        max_iter=epochs,
    )


def fit_skgen(data, seed):
    return _deep.tuned(network(data[5]), data, seed, data[2], dropout=0.5, learning_rate=1e-3)


def fit_at_random(data, seed):
    how = {"dropout": 0.5, "learning_rate": 1e-3, "pretrain": False}
    return _deep.tuned(network(data[5]), data, seed, data[2], **how)


CASE = Case(
    title="DBN 500-500-2000, fine-tuned, MNIST",
    family="Boltzmann machines",
    description="Error on the test images; 1.15 % is reported.",
    load=load,
    evaluate=_deep.error,
    contenders=[
        Contender("skgen", fit_skgen, warm_up=False),
        Contender("random start", fit_at_random, warm_up=False),
    ],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[
        Bound("skgen", "error %", at_most=1.15),
        Compare("skgen", "random start", on="error %", better="lower"),
    ],
)
