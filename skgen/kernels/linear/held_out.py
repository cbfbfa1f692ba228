"""Choice of a dimension by held-out likelihood, from the moments of a few folds of the rows."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import sparse

from skgen.kernels.linear.spectrum import top_eigenpairs
from skgen.kernels.moments import (
    column_mean,
    column_variance,
    dense_rows,
    merge,
    moments,
    row_blocks,
    varies,
)

FOLDS = 3
SMALL = 8  # dimensions all of which are tried
CELLS = 4096  # to a standard deviation of a random mixture of the columns


class FoldBasis(NamedTuple):
    """What the folds of rows are measured in: changes of units change nothing."""

    center: np.ndarray  # (d,)
    mixture: np.ndarray  # (d,) random weights over the scales of the columns
    missing: np.ndarray  # (d,) what a missing value adds


def fold_basis(X, weight=None):
    """Basis of the folds of the rows of X and of rows that may follow."""
    # NaN or infinity in X is for the caller to find.
    with np.errstate(invalid="ignore", over="ignore"):
        center = column_mean(X, weight) if sparse.issparse(X) else observed_mean(X, weight)
        variance = column_variance(X, center, weight)
    return basis_of(center, variance, X.dtype)


def basis_of(center, variance, dtype):
    """Basis of the folds of rows with these means and variances."""
    d, scale = len(center), np.sqrt(variance)
    known = varies(variance, center, dtype)
    if not known.any():
        # One row, or equal ones: those that follow are measured by the size of the values.
        scale, known = np.abs(center), center != 0
    a, b = np.random.default_rng(0).standard_normal((2, d))
    # Values that only rounding tells apart must not choose a fold.
    mixture = np.where(known, a / np.where(known, scale, 1.0), 0.0)
    return FoldBasis(center, mixture, b)


def observed_mean(X, weight=None):
    """Weighted mean of what each column observes, shape (d,); 0 where nothing is."""
    total = column_mean(X, weight)
    gaps = np.flatnonzero(np.isnan(total))
    if len(gaps):
        seen = ~np.isnan(X[:, gaps])
        w = np.ones(len(X)) if weight is None else weight
        sums = w @ np.where(seen, X[:, gaps], 0.0).astype(np.float64, copy=False)
        total[gaps] = sums / np.maximum(w @ seen, np.finfo(float).tiny)
    return total


def fold_of_rows(X, basis=None, n_folds=FOLDS):
    """Fold of each row by a hash of its values, shape (n,).

    Neither the order of the rows, nor the units of the columns, nor a weight in place of equal
    rows changes the folds, and equal rows never stand on both sides of a split.
    """
    basis = fold_basis(X) if basis is None else basis
    folds = np.empty(X.shape[0], dtype=np.intp)
    for rows in row_blocks(*X.shape, itemsize=8):
        with np.errstate(invalid="ignore", over="ignore"):
            Y = dense_rows(X, rows) - basis.center
            gaps = np.isnan(Y)
            place = np.where(gaps, 0.0, Y) @ basis.mixture + gaps @ basis.missing
            # Far outliers share the last cell.
            cell = np.clip(np.floor(place * CELLS), -(2.0**60), 2.0**60)
            folds[rows] = cell.astype(np.int64) % n_folds
    return folds


def fold_moments(X, weight, basis, *, precise=False):
    """Moments of the rows of each fold; a fold with no row has None. Without basis, one fold."""
    if basis is None:
        return [moments(X, weight, precise=precise)]
    folds = fold_of_rows(X, basis)
    out = []
    for v in range(FOLDS):
        own = folds == v
        w = None if weight is None else weight[own]
        out.append(moments(X[own], w, precise=precise) if own.any() else None)
    return out


def all_finite(parts):
    """Whether every mean is finite, which one NaN or infinity anywhere in the rows prevents."""
    return all(part is None or np.isfinite(part.mean).all() for part in parts)


def merge_all(parts):
    """Moments of all rows from those of disjoint parts, any of which may be None."""
    total = None
    for part in parts:
        if part is not None:
            total = part if total is None else merge(total, part)
    return total


def splits(parts):
    """Pairs of training and test moments, one for each fold that has rows."""
    present = [part for part in parts if part is not None]
    if len(present) < 2:
        return []
    return [(merge_all(present[:v] + present[v + 1 :]), test) for v, test in enumerate(present)]


def row_splits(folds):
    """Pairs of boolean masks of the training and test rows, one for each fold that has rows."""
    present = np.unique(folds)
    return [(folds != v, folds == v) for v in present] if len(present) > 1 else []


def spread_around(train, test):
    """Mean outer product of the test rows around the training mean, shape (d, d)."""
    gap = test.mean - train.mean
    return test.covariance + np.outer(gap, gap)


def log_likelihood_curve(values, energies, total, total_energy, d, floor):
    """Held-out log-likelihood a row of probabilistic PCA with k = 1, 2, ... axes.

    ``values`` are the leading training eigenvalues and ``total`` their full sum; ``energies`` are
    the mean squared test coordinates on the same axes and ``total_energy`` the mean squared norm.
    """
    most = max(min(len(values), d - 1), 1)
    k = np.arange(1, most + 1)
    values, energies = np.maximum(values[:most], floor), energies[:most]
    sigma2 = np.maximum((total - np.cumsum(values)) / np.maximum(d - k, 1), floor)
    explained = np.cumsum(np.log(values) + energies / values)
    rest = np.maximum(total_energy - np.cumsum(energies), 0.0)
    return -0.5 * (d * np.log(2 * np.pi) + explained + (d - k) * np.log(sigma2) + rest / sigma2)


def dimension(parts, floor_of, scale=None):
    """The k of the largest held-out likelihood, from fold moments; 1 if nothing can be held out.

    ``floor_of(values, total)`` bounds the noise; ``scale`` divides the features first.
    """
    total = 0.0
    for train, test in splits(parts):
        S, E = train.covariance, spread_around(train, test)
        if scale is not None:
            S, E = S / np.outer(scale, scale), E / np.outer(scale, scale)
        d = len(S)
        values, axes = top_eigenpairs(S, d)
        energies = np.einsum("kd,kd->k", axes @ E, axes)
        floor = floor_of(values, np.trace(S))
        curve = log_likelihood_curve(values, energies, np.trace(S), np.trace(E), d, floor)
        total = total + test.weight * curve
    return 1 + first_best(total)


def dimension_of_gram(G, weight, folds, floor_of, d):
    """The same from the inner products G (n, n) of n rows with d features, for n < d."""
    total = 0.0
    pairs = row_splits(folds)
    most = min((int(train.sum()) for train, _ in pairs), default=1) - 1
    for train, test in pairs if most > 0 else []:
        own, size = weight[test], weight[train].sum()
        fraction = weight[train] / size
        # Inner products with the training mean center every block.
        with_mean = G[np.ix_(train, train)] @ fraction
        test_with_mean = G[np.ix_(test, train)] @ fraction
        square = fraction @ with_mean
        K = G[np.ix_(train, train)] - with_mean[:, None] - with_mean + square
        cross = G[np.ix_(test, train)] - test_with_mean[:, None] - with_mean + square
        root = np.sqrt(fraction)
        values, U = top_eigenpairs(K * np.outer(root, root), most)
        floor = floor_of(values, fraction @ np.diag(K))
        coordinates = cross @ (U * root).T / np.sqrt(np.maximum(values, floor))
        energies = own @ coordinates**2 / own.sum()
        energy = own @ (np.diag(G)[test] - 2 * test_with_mean + square) / own.sum()
        curve = log_likelihood_curve(values, energies, fraction @ np.diag(K), energy, d, floor)
        total = total + own.sum() * curve
    return 1 + first_best(total)


def first_best(curve):
    """Index of the largest value; of values that differ by rounding, of the first."""
    curve = np.atleast_1d(curve)
    return int(np.argmax(curve >= curve.max() - 1e-10 * np.abs(curve).max()))


def best_size(score, most, *, growth, resolution=None):
    """The k from 1 to ``most`` with the largest ``score(k)``.

    All small k, then a grid whose steps grow by ``growth`` is tried to its end, since a score may
    dip before it rises; then the gaps around the best are halved until none is left, or none wider
    than k / ``resolution``.
    """
    values, k = {}, 1
    while k <= most:
        values[k] = score(k)
        k = k + 1 if k < SMALL else int(k * growth)
    if most not in values:
        values[most] = score(most)
    while True:
        tried = sorted(values)
        best = max(tried, key=values.get)
        at = tried.index(best)
        around = tried[max(at - 1, 0) : at + 2]
        widest = 1 if resolution is None else max(1, best // resolution)
        fresh = [(a + b) // 2 for a, b in pairwise(around) if b - a > widest]
        if not fresh:
            return best
        values.update((k, score(k)) for k in fresh)
