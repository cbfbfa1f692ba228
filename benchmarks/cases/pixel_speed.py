"""One PixelCNN, one number of updates: the loop against plain torch, and draws by increments."""

from dataclasses import dataclass

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _pixels
from benchmarks.core import Bound, Case, Compare, Contender, Speedup


@dataclass(frozen=True)
class Task:
    """Rows of bits, and the network and updates that all contenders take."""

    train: np.ndarray
    test: np.ndarray
    epochs: int
    sides: tuple = (8, 8)
    width: int = 16
    n_layers: int = 5
    dropout: float = 0.15
    batch_size: int = 32
    learning_rate: float = 5e-3

    def __getitem__(self, number):
        return (self.train, self.test)[number]


def load(setup):
    X = (datasets.digits() >= 8).astype("float32")
    X = X[np.random.default_rng(0).permutation(len(X))]
    n, epochs = (64, 1) if setup.quick else (640, 12)
    return Task(X[:n], X[-300:], epochs)


def fit_skgen(task, seed):
    from skgen import PixelCNN

    return PixelCNN(
        task.width,
        n_layers=task.n_layers,
        dropout=task.dropout,
        batch_size=task.batch_size,
        learning_rate=task.learning_rate,
        max_iter=task.epochs,
        early_stopping=False,
        random_state=seed,
    ).fit(task.train)


def fit_torch(task, seed):
    from benchmarks.cases import _plain_pixels

    return _plain_pixels.fit(task, seed)


CASE = Case(
    title="PixelCNN of 16 filters and 5 layers, 640 digits as bits, batch 32, twelve epochs",
    family="ICA, SFA, autoregressive",
    description="Time of equal updates of one gated network, ours with a moving average of its "
    "weights; nats a held-out digit, and how much faster images are drawn than by a pass of "
    "the network for each pixel.",
    load=load,
    evaluate=_pixels.nats,
    contenders=[
        Contender("skgen", _pixels.cpu_timed(fit_skgen), evaluate=_pixels.drawing_speed),
        Contender("torch + DataLoader", _pixels.cpu_timed(fit_torch), package="torch"),
    ],
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
