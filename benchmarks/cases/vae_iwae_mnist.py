"""The importance-weighted autoencoder of Burda et al. on binary MNIST; a GPU case."""

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
        hidden_layer_sizes=(200, 200),
        activation="tanh",
        likelihood="bernoulli",
        binarize=True,
        n_importance_samples=50,
        batch_size=256,
        learning_rate=2e-3,
        max_iter=epochs,
        n_score_samples=5000,
        device=device,
        random_state=seed,
    ).fit(X)


def evaluate(model, data):
    return {"negative bound": -model.score(data[1])}


CASE = Case(
    title="IWAE-50, 784-200-200-50 tanh, binary MNIST, 300 epochs",
    family="Autoencoders and VAE",
    description="Bits of the training images are drawn anew at each visit, those of the test "
    "images once. Nats a test image by 5000 importance samples; 84.78 is reported.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="negative bound",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "negative bound", at_most=85.5)],
)
