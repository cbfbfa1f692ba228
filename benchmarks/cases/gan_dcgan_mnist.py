"""A DCGAN on MNIST: ``python -m benchmarks.run --device cuda --only gan_dcgan_mnist``."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    from sklearn.linear_model import LogisticRegression

    (X, y), (test, _) = datasets.mnist("train"), datasets.mnist("test")
    n, epochs = (1000, 1) if setup.quick else (len(X), 30)
    judge = LogisticRegression(max_iter=200).fit(X[: min(n, 10_000)], y[: min(n, 10_000)])
    return X[:n], test, judge, epochs, setup.device


def fit_gan(data, seed):
    from skgen import GAN

    X, _, _, epochs, device = data
    model = GAN(
        64,
        image_shape=(28, 28),
        hidden_layer_sizes=(128, 64),
        critic_layer_sizes=(64, 128),
        normalization="batch",
        learning_rate=1e-3,
        batch_size=128,
        max_iter=epochs,
        device=device,
        random_state=seed,
    )
    return model.fit(X)


def evaluate(model, data):
    """Classes of the draws, coverage and MMD."""
    from skgen.kernels.two_sample.coverage import coverage

    _, test, judge, _, _ = data
    draws = model.sample(len(test))
    share = np.bincount(judge.predict(draws), minlength=10) / len(draws)
    present = share > 0
    return {
        "KL of the classes": float((share[present] * np.log(10 * share[present])).sum()),
        "classes": int((share > 0.02).sum()),
        "coverage": coverage(test[:2000], draws[:2000]),
        "MMD^2": -model.score(test[:4096]),
    }


CASE = Case(
    title="DCGAN, MNIST, thirty epochs on a GPU",
    family="GAN",
    description="Two stride-2 layers, batch 128; classes named by a logistic regression.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_gan, warm_up=False)],
    objective="KL of the classes",
    digits=4,
    repeats=1,
    devices=("cuda",),
    assertions=[
        Bound("skgen", "classes", at_least=10),
        Bound("skgen", "KL of the classes", at_most=0.1),
    ],
)
