"""The importance-weighted autoencoder of Burda et al. on static binary MNIST; a GPU case."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    train, test = datasets.binarized_mnist()
    n, epochs = (1000, 1) if setup.quick else (len(train), 1000)
    return train[:n], test, epochs, setup.device


def fit_skgen(data, seed):
    from skgen import VAE

    X, _, epochs, device = data
    return VAE(
        50,
        hidden_layer_sizes=(200, 200),
        activation="tanh",
        n_importance_samples=50,
        batch_size=128,
        learning_rate=1e-3,
        max_iter=epochs,
        n_score_samples=5000,
        device=device,
        random_state=seed,
    ).fit(X)


def evaluate(model, data):
    return {"negative bound": -model.score(data[1])}


CASE = Case(
    title="IWAE-50, 784-200-200-50 tanh, static binary MNIST",
    family="Autoencoders and VAE",
    description="Nats a test image by 5000 importance samples; reported elsewhere: 87.10.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="negative bound",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "negative bound", at_most=87.0)],
)
