"""Digits in 17 levels, and as bits, pixel by pixel."""

from benchmarks.cases import _pixels
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X = load_digits().data.astype("float32")
    train, test = train_test_split(X, test_size=360, random_state=0)
    return (train[:200], test[:50]) if setup.quick else (train, test)


def bits(data):
    """The same images with what is at least half the range as ink."""
    return tuple((rows >= 8).astype("float32") for rows in data)


def of_bits(name):
    run = _pixels.fitting(name)
    return lambda data, seed: run(bits(data), seed)


def nats_of_bits(model, data):
    return _pixels.nats(model, bits(data))


ONCE = {"warm_up": False}
CASE = Case(
    title="Digits pixel by pixel",
    family="Autoregressive models",
    description="Nats a held-out digit of 8 x 8 pixels, all of probabilities: in 17 levels, and as "
    "bits of which those at 8 and more are ink, where an exact machine of 16 hidden units reaches "
    "-18.42 and the bound of a deep belief network -16.7. A Gaussian mixture has no probabilities "
    "of levels: with uniform noise below each level its mean log-density is a bound on them; its "
    "size and least variance are chosen on held-out rows.",
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
        Contender("PixelCNN, bits", of_bits("PixelCNN"), evaluate=nats_of_bits, **ONCE),
        Contender("PixelRNN, bits", of_bits("PixelRNN"), evaluate=nats_of_bits, **ONCE),
    ],
    objective="nats",
    digits=2,
    repeats=1,
    assertions=[
        Compare("skgen PixelCNN", "GaussianMixture", on="nats"),
        Compare("skgen PixelCNN", "skgen FullyVisibleBeliefNetwork", on="nats"),
        Bound("PixelCNN, bits", "nats", at_least=-17.6),
        Bound("PixelCNN, bits", "seconds", at_most=120.0),
    ],
)
