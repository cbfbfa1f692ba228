"""One PixelCNN, one number of updates: the loop against plain torch, and draws by increments."""

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _pixel_speed, _pixels
from benchmarks.core import Bound, Case, Compare, Speedup


def load(setup):
    X = (datasets.digits() >= 8).astype("float32")
    X = X[np.random.default_rng(0).permutation(len(X))]
    n, epochs = (64, 1) if setup.quick else (640, 12)
    return _pixel_speed.Task(X[:n], X[-300:], epochs)


CASE = Case(
    title="PixelCNN of 16 filters and 5 layers, 640 digits as bits, batch 32, twelve epochs",
    family="ICA, SFA, autoregressive",
    description="Time of equal updates of one gated network, ours with a moving average of its "
    "weights; nats a held-out digit, and how much faster images are drawn than by a pass of "
    "the network for each pixel.",
    load=load,
    evaluate=_pixels.nats,
    contenders=_pixel_speed.CONTENDERS,
    objective="nats",
    digits=2,
    repeats=5,
    threads=1,
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=1.2),
        Compare("skgen", "torch + DataLoader", on="nats", slack=0.2),
        Bound("skgen", "100 draws, times naive", at_least=5.0),
    ],
)
