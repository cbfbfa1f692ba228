"""Which values the pixels of images take, and the distribution that suits them."""

from typing import NamedTuple

import numpy as np

from skgen.base.warn import warn
from skgen.exceptions import DataRangeWarning
from skgen.kernels.grid import decimals_of, grid_of, is_on_grid
from skgen.nets.autoregressive import logistics
from skgen.nets.autoregressive.pixels.values import Bits, Levels, Logistics

MOST_VALUES = 2**21  # that are looked at
MOST_LEVELS = 256  # of a categorical distribution
KINDS = {"bernoulli": "bits", "categorical": "levels", "logistic": "grid"}
# Pixels that the frequencies of all of them count for, in those of one.
N_SHARED = 10.0
LEAST_SPREAD = 1e-2  # of the values of one pixel, in those of all
REACH = 1.0  # ranges of the data, beyond which no draw goes


class PixelValues(NamedTuple):
    """What the fit found of the values that pixels take, the same for all of them."""

    kind: str  # "bits", "levels", "grid" or "real"
    center: float  # the networks see (X - center) / scale
    scale: float
    low: float  # least and greatest value
    high: float
    step: float  # from level to level; 0 of continuous values
    decimals: int  # of the levels as they are written; -1 where they have too many

    @property
    def n_levels(self):
        """Levels of a grid; 0 of continuous values."""
        return round((self.high - self.low) / self.step) + 1 if self.step else 0

    @property
    def is_open(self):
        """Whether there may be levels beyond those that were seen."""
        return self.n_levels > MOST_LEVELS

    @property
    def measure(self):
        """What scores are relative to."""
        return "counting" if self.step else "lebesgue"

    def module(self, n_mixture):
        """The distribution of a pixel by outputs of a network."""
        if self.kind == "bits":
            return Bits()
        if self.kind == "levels":
            return Levels(self.n_levels)
        low, high = ((end - self.center) / self.scale for end in (self.low, self.high))
        reach = REACH * (high - low)
        ends = (low, high) if self.step and not self.is_open else (-np.inf, np.inf)
        half_cell = self.step / (2 * self.scale)
        return Logistics(n_mixture, half_cell, *ends, low - reach, high + reach)

    def snapped(self, X):
        """Rows in units of X with their values at the nearest level, as it is written."""
        if not self.step:
            return X
        X = self.low + self.step * np.rint((X - self.low) / self.step)
        return np.round(X, self.decimals) if self.decimals >= 0 else X

    def nearest(self, X):
        """Rows in units of X with each value at the nearest that has a probability."""
        X = self.snapped(X)
        return X if self.is_open or not self.step else np.clip(X, self.low, self.high)

    def is_possible(self, X):
        """Which values of X have a probability that is not 0; missing ones have."""
        if not self.step:
            return np.ones(X.shape, dtype=bool)
        digits, half = np.finfo(X.dtype).eps, self.step / 2
        on_grid = is_on_grid(X, self.low, self.step, digits)
        within = (self.low - half < X) & (self.high + half > X)
        return np.isnan(X) | (on_grid & (within | self.is_open))

    def first_outputs(self, X, weight, n_mixture):
        """Outputs (n_outputs, n_features) that give each pixel its own distribution."""
        weight = np.ones(len(X)) if weight is None else weight / weight.mean()
        if self.kind in ("bits", "levels"):
            return self._log_frequencies(np.asarray(X, dtype=np.float64), weight)
        z = (np.asarray(X, dtype=np.float64) - self.center) / self.scale
        mean = weight @ z / weight.sum()
        spread = np.sqrt(weight @ np.square(z - mean) / weight.sum()).clip(LEAST_SPREAD)
        around = np.linspace(-1, 1, n_mixture)[:, None] if n_mixture > 1 else 0.0
        location = mean + spread * around
        log_scale = np.log(spread / logistics.SD) + np.zeros((n_mixture, 1))
        return np.concatenate([np.zeros_like(log_scale), location, log_scale])

    def _log_frequencies(self, X, weight):
        """Logarithms of how often each pixel has each level, drawn toward those of all pixels."""
        number = np.rint((X - self.low) / self.step).astype(np.int64)
        counts = np.stack([weight @ (number == k) for k in range(self.n_levels)])
        common = (counts.sum(1) + 0.5) / (counts.sum() + 0.5 * self.n_levels)
        frequency = (counts + N_SHARED * common[:, None]) / (weight.sum() + N_SHARED)
        if self.kind == "levels":
            return np.log(frequency)
        return np.log(frequency[1:]) - np.log(frequency[:1])


def looked_at(columns):
    """Rows that are looked at, all or evenly spaced ones, and their weights."""
    X, weight = columns.X, columns.weight
    most = max(1, MOST_VALUES // columns.n_features)
    if len(X) <= most:
        return np.asarray(X[:]), weight
    rows = np.linspace(0, len(X) - 1, most).astype(int)
    return np.asarray(X[rows]), None if weight is None else weight[rows]


def learn_values(columns, distribution):
    """The ``PixelValues`` of training rows, under a distribution or the one that suits them."""
    X, _ = looked_at(columns)
    values = X.ravel().astype(np.float64)
    low, high = (float(ends) for ends in (columns.extremes()[0].min(), columns.extremes()[1].max()))
    found = grid_of(np.append(values, (low, high)), columns.digits)
    step = found[1] if found else 0.0
    n_levels = round((high - low) / step) + 1 if found else 0
    kind = "real" if not found else "grid" if n_levels > MOST_LEVELS else "levels"
    kind = "bits" if n_levels == 2 else kind
    if distribution != "auto":
        kind = _asked(distribution, kind, n_levels)
    decimals = decimals_of(np.unique(values), columns.digits) if found else None
    decimals = -1 if decimals is None else decimals
    if kind == "bits":
        return PixelValues(kind, low, high - low, low, high, high - low, decimals)
    if kind == "levels":
        return PixelValues(kind, low, step, low, high, step, decimals)
    mean, variance = columns.moments()
    center = float(mean.mean())
    spread = float(np.sqrt(variance.mean() + mean.var()))
    scale = spread if spread > 10 * columns.digits * abs(center) else abs(center) or 1.0
    if kind == "grid":
        return PixelValues(kind, center, max(scale, step / 2), low, high, step, decimals)
    return PixelValues(kind, center, scale, low, high, 0.0, -1)


def _asked(distribution, kind, n_levels):
    """Kind of the values under a distribution that was asked for; refuses one they have not."""
    if distribution == "bernoulli" and kind != "bits":
        said = f"{n_levels} levels" if n_levels else "continuous values"
        raise ValueError(
            f'distribution="bernoulli" describes two values, but X has {said}; use "auto", or '
            "threshold X."
        )
    if distribution == "categorical" and kind not in ("bits", "levels"):
        said = f"{n_levels} levels" if n_levels else "continuous values"
        raise ValueError(
            f'distribution="categorical" describes 2 to {MOST_LEVELS} evenly spaced levels, but X '
            f'has {said}; use "auto" or "logistic", or round X.'
        )
    wanted = KINDS[distribution]
    return "real" if wanted == "grid" and kind == "real" else wanted


def check_possible(possible):
    """Warn of values that have probability 0; say where."""
    if possible.all():
        return
    row, column = np.argwhere(~possible)[0]
    warn(
        f"X has a value in row {row}, column {column}, that is none of the levels between the ends "
        "of the rows of the fit, so that its probability is 0 and the score minus infinity; round "
        "or clip X, or fit on rows that have all levels.",
        DataRangeWarning,
    )
