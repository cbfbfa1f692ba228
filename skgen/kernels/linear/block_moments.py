"""What a block of rows adds to the moments of all: exact, whatever the blocks."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import held_out
from skgen.kernels.moments import column_mean, column_variance


class Spread(NamedTuple):
    """Means and variances of the columns of some rows."""

    weight: float
    mean: np.ndarray  # (d,)
    variance: np.ndarray  # (d,)
    dtype: np.dtype

    @property
    def basis(self):
        """Basis of the folds of these rows."""
        return held_out.basis_of(self.mean, self.variance, self.dtype)


class FoldedMoments(NamedTuple):
    """Moments of each fold, and between which values each column lies."""

    parts: list
    corners: np.ndarray  # (2, d), the least and the greatest


def spread(X, weight):
    """``Spread`` of the rows of X (n, d); weights (n,) or None."""
    mean = column_mean(X, weight)
    total = float(len(X) if weight is None else weight.sum())
    return Spread(total, mean, column_variance(X, mean, weight), X.dtype)


def merged_spread(a, b):
    """``Spread`` of all rows."""
    weight = a.weight + b.weight
    fraction = b.weight / weight
    gap = b.mean - a.mean
    variance = (1 - fraction) * a.variance + fraction * b.variance
    variance += fraction * (1 - fraction) * gap**2
    return Spread(weight, a.mean + fraction * gap, variance, np.promote_types(a.dtype, b.dtype))


def folded(X, weight, basis):
    """``FoldedMoments`` of the rows of X (n, d); one fold where ``basis`` is None."""
    parts = held_out.fold_moments(X, weight, basis, precise=True)
    return FoldedMoments(parts, np.stack([X.min(axis=0), X.max(axis=0)]))


def merged_folded(a, b):
    """``FoldedMoments`` of all rows."""
    parts = [held_out.merge_all(pair) for pair in zip(a.parts, b.parts)]
    low, high = np.minimum(a.corners[0], b.corners[0]), np.maximum(a.corners[1], b.corners[1])
    return FoldedMoments(parts, np.stack([low, high]))
