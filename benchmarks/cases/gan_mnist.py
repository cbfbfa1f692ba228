"""Draws of 5000 MNIST digits with the defaults of every model."""

from benchmarks import datasets
from benchmarks.cases import _gan_draws
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    from sklearn.neural_network import MLPClassifier

    (X, y), (test, _) = datasets.mnist("train"), datasets.mnist("test")
    n = 2000 if setup.quick else 20_000
    judge = MLPClassifier((200,), early_stopping=True, random_state=0).fit(X[:n], y[:n])
    rows = 500 if setup.quick else 5000
    return X[:rows], test[:1000], judge, 2 if setup.quick else "auto"


CASE = Case(
    title="Draws of MNIST digits, 5000 training rows",
    family="GAN",
    description="Against 1000 held-out digits: MMD^2, the share of them that draws cover, the "
    "share of draws near one of them, and the classes of the draws as a perceptron names them.",
    load=load,
    evaluate=_gan_draws.evaluate,
    contenders=[
        Contender("GAN", _gan_draws.fit_gan, warm_up=False),
        Contender("VAE", _gan_draws.fit_vae, warm_up=False),
    ],
    objective="MMD^2",
    digits=4,
    repeats=1,
    threads=1,
    assertions=[
        Bound("GAN", "classes", at_least=10),
        Bound("GAN", "KL of the classes", at_most=0.1),
        Bound("GAN", "seconds", at_most=120.0),
        Compare("GAN", "VAE", on="MMD^2", better="lower"),
        Compare("GAN", "VAE", on="coverage"),
    ],
)
