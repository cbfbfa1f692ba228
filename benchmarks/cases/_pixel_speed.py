"""Contenders that train the same gated network of images of bits for the same updates."""

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.cases import _pixels
from benchmarks.cases._floor import Conv, Dense, floors
from benchmarks.core import Contender


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
    device: str = "cpu"

    def __getitem__(self, number):
        return (self.train, self.test)[number]

    @property
    def X(self):
        """The rows of the updates."""
        return self.train


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
        device=task.device,
        random_state=seed,
    ).fit(task.train)


def fit_torch(task, seed):
    from benchmarks.cases import _plain_pixels

    return _plain_pixels.fit(task, seed)


def layers(task):
    """The convolutions of the network, without the weights that a mask would hide."""
    w, n = task.width, task.batch_size
    seeing, mixing = [], []
    for i in range(task.n_layers):
        n_in, above, reach = (w, 2, 1) if i else (1, 2, 2)
        seeing += [
            Conv(n_in, 2 * w, task.sides, (above, 2 * reach + 1), padding=(above // 2, reach)),
            Conv(n_in, 2 * w, task.sides, (1, reach + 1), padding=(0, reach)),
        ]
        mixing += [Dense(2 * w, 2 * w), Dense(w, 2 * w)]
    mixing += [Dense(w, w), Dense(w, 1)]
    return [(seeing, n), (mixing, n * math.prod(task.sides))]


CONTENDERS = [
    Contender("skgen", _pixels.cpu_timed(fit_skgen), evaluate=_pixels.drawing_speed),
    Contender("torch + DataLoader", _pixels.cpu_timed(fit_torch), package="torch"),
]
FLOORS = floors(layers)
