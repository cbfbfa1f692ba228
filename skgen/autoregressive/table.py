"""Kinds, scales and grids of the columns of a table, as a network sees them."""

from typing import NamedTuple

import numpy as np

from skgen.base.warn import warn
from skgen.exceptions import DataRangeWarning
from skgen.kernels.grid import closed_ends, decimals_of, grid_of, heaps_of, is_on_grid, least_pile
from skgen.nets.autoregressive.layout import Layout

NORMAL_IQR = 1.349  # interquartile range of a standard Gaussian
HEAVY = 3.0  # standard deviation, in those of the middle half, of a column with heavy tails
MOST_ROWS = 20_000  # that are looked at
NAMES = {"real": "continuous", "grid": "grid", "bits": "binary", "categories": "categorical"}


class Table(NamedTuple):
    """What the fit found of the columns; all arrays are (n_features,)."""

    kinds: np.ndarray  # "real", "grid", "bits" or "categories"
    center: np.ndarray  # of numbers near the mean, of grids on them; the least of bits
    scale: np.ndarray
    step: np.ndarray  # of grids, in units of X; 0 elsewhere
    low: np.ndarray  # closed ends of grids, infinite where open
    high: np.ndarray
    sizes: np.ndarray  # numbers of categories; 0 elsewhere
    multiple: np.ndarray  # of the step at which values are heaped; 0 where they are not
    start: np.ndarray  # steps from the center to a heap
    spread: np.ndarray  # share of the values that are not heaped
    decimals: np.ndarray  # of the values of grids; -1 where they have too many
    least: np.ndarray  # observed values of numbers; 0 elsewhere
    greatest: np.ndarray

    def layout(self):
        """The kinds for the networks, which see ``(X - center) / scale``."""
        where = {kind: np.flatnonzero(self.kinds == kind) for kind in NAMES}
        grid = where["grid"]
        center, scale = self.center[grid], self.scale[grid]
        numbers = np.concatenate([where["real"], grid])
        least, greatest = ((t - self.center)[numbers] for t in (self.least, self.greatest))
        # Draws keep within as far again as the observed values reach.
        reach = np.maximum(greatest - least, self.scale[numbers])
        return Layout(
            least=(least - reach) / self.scale[numbers],
            greatest=(greatest + reach) / self.scale[numbers],
            n_columns=len(self.kinds),
            half_cell=self.step[grid] / (2 * scale),
            heap_step=self.multiple[grid] * self.step[grid] / scale,
            heap_start=self.start[grid] * self.step[grid] / scale,
            spread=self.spread[grid],
            low=(self.low[grid] - center) / scale,
            high=(self.high[grid] - center) / scale,
            sizes=self.sizes[where["categories"]],
            **where,
        )

    @property
    def measure(self):
        """What scores are relative to."""
        is_real = self.kinds == "real"
        return "lebesgue" if is_real.all() else "mixed" if is_real.any() else "counting"

    def snapped(self, X):
        """Rows in units of X with grid columns on their grids, and bits and categories whole."""
        X = np.array(X)
        for j in np.flatnonzero(self.kinds == "grid"):
            place = np.rint((X[:, j] - self.center[j]) / self.step[j])
            X[:, j] = self.center[j] + self.step[j] * place
            if self.decimals[j] >= 0:
                # As the number is written, so that it equals that of the table.
                X[:, j] = np.round(X[:, j], self.decimals[j])
        return X

    def is_between(self, X):
        """Which values of X lie between the places of their grid, (n, d)."""
        between, digits = np.zeros(X.shape, dtype=bool), np.finfo(X.dtype).eps
        for j in np.flatnonzero(self.kinds == "grid"):
            between[:, j] = ~is_on_grid(X[:, j], self.center[j], self.step[j], digits)
        return between & ~np.isnan(X)

    def is_possible(self, X):
        """Which values of X have a probability that is not 0, (n, d); missing ones have."""
        possible = np.ones(X.shape, dtype=bool)
        for j in np.flatnonzero(self.kinds != "real"):
            x = X[:, j]
            if self.kinds[j] == "grid":
                half = self.step[j] / 2
                possible[:, j] = (x > self.low[j] - half) & (x < self.high[j] + half)
            elif self.kinds[j] == "bits":
                ends = self.center[j], self.center[j] + self.scale[j]
                possible[:, j] = np.isclose(x, ends[0]) | np.isclose(x, ends[1])
        return possible | np.isnan(X)


def looked_at(X, weight=None):
    """Rows that are looked at, all or evenly spaced ones, and their weights."""
    if len(X) <= MOST_ROWS:
        return np.asarray(X[:]), weight
    rows = np.linspace(0, len(X) - 1, MOST_ROWS).astype(int)
    return np.asarray(X[rows]), None if weight is None else weight[rows]


def learn_table(X, categories, grid_features):
    """The ``Table`` of rows X (n, d) with NaN, whose categorical columns hold numbers.

    ``categories`` are the categories by column, and ``grid_features`` says whether grids are
    looked for: "auto", None for none, or a mask of columns that are on grids if they can be.
    """
    d = X.shape[1]
    digits = np.finfo(X.dtype if X.dtype.kind == "f" else float).eps
    columns = []
    rows = [X[~np.isnan(X[:, j]), j].astype(np.float64) for j in range(d)]
    # A rare second value among counts may not be the last; in a table of bits it is.
    all_bits = all(_n_rarer(v) >= 0 for j, v in enumerate(rows) if j not in categories and len(v))
    for j, values in enumerate(rows):
        if j in categories:
            column = "categories", 0.0, 1.0, 0.0, -np.inf, np.inf, len(categories[j])
        else:
            may = grid_features is not None and (
                isinstance(grid_features, str) or bool(grid_features[j])
            )
            column = _learn_column(values, digits, may, all_bits)
        ends = (values.min(), values.max()) if len(values) else (0.0, 0.0)
        columns.append((*column, *_learn_writing(column, values, digits), *ends))
    return Table(*map(np.array, zip(*columns)))


def _learn_writing(column, values, digits):
    """Heaps of a column on a grid, and decimals of its values."""
    kind, center, _, step, *_ = column
    if kind != "grid" or not len(values):
        return 0, 0, 1.0, -1
    decimals = decimals_of(values, digits)
    heaps = heaps_of(np.rint((values - center) / step)) or (0, 0, 1.0)
    return *heaps, -1 if decimals is None else decimals


def _n_rarer(values):
    """How often the rarer of two values occurs, 0 if there is one, -1 if there are more."""
    at_least, at_most = np.sum(values == values.min()), np.sum(values == values.max())
    if at_least == len(values):
        return 0
    return int(min(at_least, at_most)) if at_least + at_most == len(values) else -1


def _learn_column(values, digits, may_be_grid, all_bits):
    """Kind, center, scale, step, ends and no categories of one numeric column."""
    if not len(values):
        return "grid", 0.0, 1.0, 1.0, 0.0, 0.0, 0
    open_ends = -np.inf, np.inf
    low, high = values.min(), values.max()
    if may_be_grid:
        n_rarer = _n_rarer(values)
        if n_rarer > 0 and len(values) > 2 and (all_bits or n_rarer >= least_pile(len(values))):
            return "bits", low, high - low, 0.0, *open_ends, 0
        found = grid_of(values, digits)
        if found is not None:
            step = found[1]
            closed = closed_ends(values) if low < high else (False, False)
            ends = (low if closed[0] else -np.inf, high if closed[1] else np.inf)
            # A step is the least spread that counts: a constant column has no other.
            center, scale = location_scale(values)
            center = found[0] + step * np.rint((center - found[0]) / step)
            return "grid", center, max(scale, step), step, *ends, 0
    center, scale = location_scale(values)
    if not scale > 10 * digits * max(abs(low), abs(high)):
        scale = abs(center) or 1.0
    return "real", center, scale, 0.0, *open_ends, 0


def location_scale(values):
    """Mean and standard deviation; of heavy tails median and spread of the middle half."""
    largest = np.abs(values).max() or 1.0
    relative = values / largest
    mean, sd = relative.mean(), relative.std()
    quarter, median, three = np.quantile(relative, (0.25, 0.5, 0.75))
    middle = (three - quarter) / NORMAL_IQR
    if middle > 0 and sd > HEAVY * middle:
        mean, sd = median, middle
    return float(mean * largest), float(sd * largest)


def placed(X, table):
    """Rows (n, d) on the grids of a table, and which of their values have a probability.

    A value that is written more finely than those of the fit stands for the cell that it is in.
    """
    between = table.is_between(X)
    rows = np.where(between, table.snapped(X), X)
    possible = table.is_possible(rows)
    _tell(
        between & possible,
        "lies off the grid of the rows of the fit, so that its score is that of the nearest value "
        "on the grid",
    )
    _tell(
        ~possible,
        "lies beyond the ends of the rows of the fit, or is none of the two that they have, so "
        "that its probability is 0 and the score minus infinity",
    )
    return rows, possible


def _tell(where, what):
    """Warn of some values; say where the first one is."""
    if not where.any():
        return
    row, column = np.argwhere(where)[0]
    warn(
        f"Column {column} of X has a value in row {row} that {what}; leave the column out of "
        "grid_features to model it by a density.",
        DataRangeWarning,
    )
