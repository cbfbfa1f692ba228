"""A density for each source: a mixture of Gaussians whose centers and widths are given.

Only the weights are fitted, to counts of the sources in cells. That is a concave problem, so the
density depends on nothing but the counts.
"""

from typing import NamedTuple

import numpy as np

FARTHEST = 4.0  # at which a cell's place is half of its limit
CELLS = 321
SPACING = 1.5  # of centers, in widths: their sum ripples by 3e-4
REACH = 13  # centers of one width on each side
ITERATIONS = 40
LEAST_WEIGHT = 1e-5
PRIOR_ROWS = 1.0  # rows of a unit Gaussian that stand for what no row shows


class SourceDensity(NamedTuple):
    """Mixtures of Gaussians, one for each source, one after another."""

    starts: np.ndarray  # (k + 1,) where the components of each source begin
    weights: np.ndarray  # (m,)
    centers: np.ndarray  # (m,)
    widths: np.ndarray  # (m,)

    def of(self, j):
        """Slice of the components of source j."""
        return slice(self.starts[j], self.starts[j + 1])


def cell_places():
    """Centers (CELLS,) of the cells: even near zero, ever wider far from it."""
    u = FARTHEST * np.linspace(-1.0, 1.0, CELLS + 2)[1:-1]
    return FARTHEST * u / (FARTHEST - np.abs(u))


def components(n_rows, farthest):
    """Centers and widths of the components for so many rows; sources reach to ``farthest``."""
    finest = max(0.06, n_rows**-0.2)
    widths, centers = [], []
    width = finest
    while True:
        reach = min(REACH, int(np.ceil(farthest / (SPACING * width))))
        own = SPACING * width * np.arange(-reach, reach + 1)
        centers.append(own)
        widths.append(np.full(len(own), width))
        if width >= max(1.0, farthest / 4):
            return np.concatenate(centers), np.concatenate(widths)
        width *= 2.0


def standard_normal(k):
    """Densities of k normal sources of variance 1."""
    return SourceDensity(np.arange(k + 1), np.ones(k), np.zeros(k), np.ones(k))


def scaled(density, scale):
    """The densities of the sources times ``scale`` (k,)."""
    each = np.repeat(scale, np.diff(density.starts))
    return density._replace(centers=density.centers * each, widths=density.widths * each)


def fit(counts):
    """Densities of sources of mean 0 from the counts (k, CELLS) of each.

    The weights are fitted by expectation maximization: the likelihood of the counts, and of
    ``PRIOR_ROWS`` more that are Gaussian. Cells that widen and iterations that stop early leave
    skewed sources a mean, which is taken out at the end.
    """
    places = cell_places()
    seen = np.flatnonzero(counts.sum(axis=0) > 0)
    farthest = float(np.abs(places[seen]).max(initial=1.0))
    total = counts[0].sum()
    centers, widths = components(total, farthest)
    gaussian = np.exp(-0.5 * places**2)
    counts = counts + PRIOR_ROWS * gaussian / gaussian.sum()
    inside = np.abs(places) <= 1.2 * max(farthest, 4.0)
    counts, places = counts[:, inside] / (total + PRIOR_ROWS), places[inside]
    B = _normal(places, centers, widths)
    # A Gaussian start, each width with the same share.
    start = _normal(centers, 0.0, 1.0) * widths + 1e-6
    weights = np.tile(start / start.sum(), (len(counts), 1))
    for _ in range(ITERATIONS):
        weights *= (counts / (weights @ B.T)) @ B
        weights /= weights.sum(axis=1, keepdims=True)
    return _centered(_pruned(weights, centers, widths))


def _centered(density):
    """The densities moved to mean 0."""
    mean = np.repeat(moments(density)[0], np.diff(density.starts))
    return density._replace(centers=density.centers - mean)


def _normal(y, centers, widths):
    scaled = (np.asarray(y)[:, None] - centers) / widths
    out = np.exp(-0.5 * scaled**2) / (np.sqrt(2 * np.pi) * widths)
    return out if np.ndim(centers) else out[:, 0]


def _pruned(weights, centers, widths):
    """The mixtures without components that hardly count."""
    kept = weights >= LEAST_WEIGHT
    weights = np.where(kept, weights, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    source, which = np.nonzero(kept)
    starts = np.searchsorted(source, np.arange(len(weights) + 1))
    return SourceDensity(starts, weights[kept], centers[which], widths[which])


def moments(density):
    """Mean and variance of each source, shape (k,)."""
    first = np.add.reduceat(density.weights * density.centers, density.starts[:-1])
    second = density.weights * (density.centers**2 + density.widths**2)
    return first, np.add.reduceat(second, density.starts[:-1]) - first**2


def draw(density, n, rng):
    """Independent sources, shape (n, k)."""
    k = len(density.starts) - 1
    out = rng.standard_normal((n, k))
    uniform = rng.uniform(size=(n, k))
    for j in range(k):
        own = density.of(j)
        edges = np.cumsum(density.weights[own])
        which = np.searchsorted(edges[:-1], uniform[:, j], side="right")
        out[:, j] = density.centers[own][which] + density.widths[own][which] * out[:, j]
    return out
