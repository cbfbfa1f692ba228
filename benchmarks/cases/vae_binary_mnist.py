"""Importance-weighted test bound of a VAE on binary MNIST; a GPU case."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    X, test = datasets.mnist("train")[0], datasets.binarized_mnist()[1]
    n, n_test, epochs = (1000, 50, 1) if setup.quick else (len(X), len(test), 300)
    return X[:n], test[:n_test], epochs, setup.device


def fit_skgen(data, seed):
    from skgen import VAE

    X, _, epochs, device = data
    return VAE(
        50,
        hidden_layer_sizes=(500, 500),
        activation="silu",
        likelihood="bernoulli",
        binarize=True,
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
    title="VAE 784-500-500-50, binary MNIST, 300 epochs",
    family="Autoencoders and VAE",
    description="Bits of the training images are drawn anew at each visit, those of the test "
    "images once. Nats a test image by 5000 importance samples; 86.76 is reported.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="negative bound",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "negative bound", at_most=87.0)],
)
