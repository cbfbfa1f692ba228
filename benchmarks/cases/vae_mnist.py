"""Test bound of a small VAE on gray MNIST after ten epochs."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    n = 2000 if setup.quick else 60_000
    return datasets.mnist("train")[0][:n], datasets.mnist("test")[0], setup.device


def fit_skgen(data, seed):
    from skgen import VAE

    return VAE(
        20,
        hidden_layer_sizes=(400,),
        batch_size=128,
        learning_rate=3e-3,
        max_iter=10,
        device=data[2],
        random_state=seed,
    ).fit(data[0])


def evaluate(model, data):
    return {
        "negative ELBO": -model.set_params(n_score_samples=1).score(data[1]),
        "negative bound of 64": -model.set_params(n_score_samples=64).score(data[1][:2000]),
    }


CASE = Case(
    title="VAE 784-400-20, gray MNIST, ten epochs",
    family="Autoencoders and VAE",
    description="Nats a test image; gray values as Bernoulli probabilities. "
    "The PyTorch example reaches 105.6.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="negative ELBO",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[Bound("skgen", "negative ELBO", at_most=105.0)],
)
