"""Digits as bits, pixel by pixel."""

from benchmarks.cases import _pixels, pixel_digits
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    """Rows of ``pixel_digits`` with what is at least half the range as ink."""
    return tuple((rows >= 8).astype("float32") for rows in pixel_digits.load(setup))


ONCE = {"warm_up": False}
CASE = Case(
    title="Digits as bits, pixel by pixel",
    family="ICA, SFA, autoregressive",
    description="Nats a held-out digit of 8 x 8 pixels, of which those at 8 and more of 16 are "
    "ink, and the CPU seconds of the fit. An exact machine of 16 hidden units reaches -18.42 and "
    "the bound of a deep belief network -16.7 on rows of the same kind.",
    load=load,
    evaluate=_pixels.nats,
    contenders=[
        Contender("skgen PixelCNN", _pixels.fitting("PixelCNN"), **ONCE),
        Contender("skgen PixelRNN", _pixels.fitting("PixelRNN"), **ONCE),
    ],
    objective="nats",
    digits=2,
    repeats=1,
    threads=1,
    assertions=[
        Bound("skgen PixelCNN", "nats", at_least=-17.6),
        Bound("skgen PixelCNN", "CPU seconds", at_most=120.0),
        Compare("skgen PixelRNN", "skgen PixelCNN", on="nats"),
    ],
)
