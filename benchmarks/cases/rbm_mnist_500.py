"""Test likelihood of 500 hidden units on static binary MNIST; a GPU case."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    train, test = datasets.binarized_mnist()
    if setup.quick:
        return train[:500], test[:100], 1, setup.device, {"n_chains": 20, "n_steps": 20}
    return train, test, 250, setup.device, {"n_chains": 1000, "n_steps": 20_000}


def fit_skgen(data, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(
        500,
        n_gibbs_steps=25 if data[2] > 1 else 2,
        n_chains=1000,
        batch_size=500,
        learning_rate=0.1,
        learning_rate_schedule="cosine",
        max_iter=data[2],
        device=data[3],
        random_state=seed,
    ).fit(data[0])


def evaluate(model, data):
    forward, reverse = model.log_partition_bracket(**data[4])
    free_energy = model.free_energy(data[1]).mean()
    return {"AIS": -free_energy - forward, "reverse AIS": -free_energy - reverse}


CASE = Case(
    title="RBM, 500 hidden, static binary MNIST",
    family="Boltzmann machines",
    description="Nats a test image by annealing forward (flatters) and backward (does not); CD-25 "
    "is reported at -86.34.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="AIS",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[
        Bound("skgen", "AIS", at_least=-86.3),
        Bound("skgen", "reverse AIS", at_least=-87.3),
    ],
)
