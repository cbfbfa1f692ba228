"""A deep belief network that backpropagation goes on with."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    return _deep.mnist(setup, 8)


def network(epochs):
    from skgen import DeepBeliefNetwork

    return DeepBeliefNetwork(
        (500, 500, 2000),
        n_gibbs_steps=1,
        learning_rate=0.1,
        learning_rate_schedule="cosine",
        max_iter=epochs,
    )


def fit_skgen(data, seed, pretrain=True):
    return _deep.tuned(
        network(data[5]),
        data,
        seed,
        data[2],
        adversarial_radius=2.0,
        learning_rate=2e-3,
        pretrain=pretrain,
        max_iter=16 if data[5] > 1 else 1,
    )


def fit_at_random(data, seed):
    return fit_skgen(data, seed, pretrain=False)


CASE = Case(
    title="DBN 500-500-2000, fine-tuned, MNIST",
    family="Boltzmann machines",
    description="8 epochs a layer, then 16 of backpropagation on the same 60000 gray images, with "
    "a smooth neighborhood of each (virtual adversarial training); error on the test images. "
    "1.15 % is reported, and missed here by four images.",
    load=load,
    evaluate=_deep.error,
    contenders=[
        Contender("skgen", fit_skgen, warm_up=False),
        Contender("random start", fit_at_random, warm_up=False),
    ],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen", "error %", at_most=1.2),
        Compare("skgen", "random start", on="error %", better="lower"),
    ],
)
