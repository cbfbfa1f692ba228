"""Digits in 17 levels, pixel by pixel."""

from benchmarks.cases import _pixels
from benchmarks.core import Case, Compare, Contender


def load(setup):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X = load_digits().data.astype("float32")
    train, test = train_test_split(X, test_size=360, random_state=0)
    return (train[:200], test[:50]) if setup.quick else (train, test)


ONCE = {"warm_up": False}
CASE = Case(
    title="Digits pixel by pixel",
    family="ICA, SFA, autoregressive",
    description="Nats a held-out digit of 8 x 8 pixels in 17 levels, all of probabilities, and the "
    "CPU seconds of the fit. A Gaussian mixture has no probabilities of levels: with uniform noise "
    "below each level its mean log-density is a bound on them; its size and least variance are "
    "chosen on held-out rows.",
    load=load,
    evaluate=_pixels.nats,
    contenders=[
        Contender("skgen PixelCNN", _pixels.fitting("PixelCNN"), **ONCE),
        Contender("skgen PixelRNN", _pixels.fitting("PixelRNN"), **ONCE),
        Contender("skgen PixelRNN, rows", _pixels.fitting("PixelRNN", recurrence="row"), **ONCE),
        Contender(
            "skgen FullyVisibleBeliefNetwork",
            _pixels.fitting("FullyVisibleBeliefNetwork"),
            **ONCE,
        ),
        _pixels.MIXTURE,
    ],
    objective="nats",
    digits=2,
    repeats=1,
    threads=1,
    assertions=[
        Compare("skgen PixelCNN", "GaussianMixture", on="nats"),
        Compare("skgen PixelCNN", "skgen FullyVisibleBeliefNetwork", on="nats"),
    ],
)
