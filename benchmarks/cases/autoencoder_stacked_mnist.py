"""The deep autoencoder of Hinton & Salakhutdinov on MNIST, pre-trained by machines or not."""

from benchmarks.cases import autoencoder_mnist
from benchmarks.core import Bound, Case, Compare, Contender

EPOCHS = 10  # of each layer by itself


def fit_skgen(data, seed, pretraining="rbm"):
    from skgen import StackedAE

    X, _, epochs, device = data
    return StackedAE(
        30,
        hidden_layer_sizes=(1000, 500, 250),
        pretraining=pretraining,
        loss="squared_error",
        n_pretraining_iter=EPOCHS if epochs > 1 else 1,
        batch_size=256,
        learning_rate=1e-3,
        max_iter=epochs,
        device=device,
        random_state=seed,
    ).fit(X)


def fit_at_random(data, seed):
    return fit_skgen(data, seed, pretraining=None)


CASE = Case(
    title="Stacked autoencoder 784-1000-500-250-30, MNIST",
    family="Autoencoders and VAE",
    description="Squared error a test image after 80 epochs of fine-tuning, from machines trained "
    "for 10 epochs a layer and from a random start; 3.00 in 2006 (pre-trained by machines).",
    load=autoencoder_mnist.load,
    evaluate=autoencoder_mnist.evaluate,
    contenders=[
        Contender("skgen", fit_skgen, warm_up=False, slow=True, note="pre-trained by machines"),
        Contender("random start", fit_at_random, warm_up=False, slow=True),
        Contender("PCA", autoencoder_mnist.fit_pca, package="scikit-learn", module="sklearn"),
    ],
    objective="squared error",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen", "squared error", at_most=2.5),
        Compare("skgen", "PCA", on="squared error", better="lower"),
    ],
)
