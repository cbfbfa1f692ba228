"""Importance-weighted test bound of a VAE on static binary MNIST; a GPU case."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    train, test = datasets.binarized_mnist()
    n, epochs = (1000, 1) if setup.quick else (len(train), 500)
    return train[:n], test, epochs, setup.device


def fit_skgen(data, seed):
    from skgen import VAE

    X, _, epochs, device = data
    return VAE(
        40,
        hidden_layer_sizes=(400,),
        batch_size=128,
        learning_rate=1e-3,
        max_iter=epochs,
        n_score_samples=500,
        device=device,
        random_state=seed,
    ).fit(X)


def evaluate(model, data):
    return {"negative bound": -model.score(data[1])}


CASE = Case(
    title="VAE 784-400-40, static binary MNIST, 500 epochs",
    family="Autoencoders and VAE",
    description="Nats a test image by 500 importance samples; pythae's authors report 89.78.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="negative bound",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "negative bound", at_most=89.0)],
)
