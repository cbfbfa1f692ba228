"""Test bound of a deep Boltzmann machine on static binary MNIST; a GPU case."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    train, test = datasets.binarized_mnist()
    if setup.quick:
        return train[:500], test[:100], 1, setup.device, {"n_chains": 20, "n_steps": 20}
    return train, test, 150, setup.device, {"n_chains": 1000, "n_steps": 20_000}


def fit_skgen(data, seed):
    from skgen import DeepBoltzmannMachine

    return DeepBoltzmannMachine(
        (500, 1000),
        n_mean_field_steps=10,
        n_chains=500,
        batch_size=200,
        learning_rate=0.05,
        learning_rate_schedule="cosine",
        max_iter=data[2],
        device=data[3],
        random_state=seed,
    ).fit(data[0])


def evaluate(model, data):
    forward, reverse = model.log_partition_bracket(**data[4])
    model.estimate_log_partition("ais", **data[4])
    bound = model.score(data[1])
    return {"bound": bound, "reverse bound": bound + forward - reverse}


CASE = Case(
    title="DBM, 500-1000 hidden, static binary MNIST",
    family="Boltzmann machines",
    description="Nats a test image: the mean-field bound with log Z by annealing, forward "
    "(flatters) and backward. -84.62 and -86.37 are reported.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="bound",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "bound", at_least=-84.6)],
)
