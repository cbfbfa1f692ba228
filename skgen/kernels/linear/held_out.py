"""Choice of a dimension by held-out likelihood, from the moments of a few folds of the rows."""

import numpy as np

from skgen.kernels.linear.spectrum import top_eigenpairs
from skgen.kernels.moments import dense_rows, merge, moments, row_blocks

FOLDS = 3
SMALLEST = 1e-12  # keeps a constant training fold from dividing by zero


def fold_of_rows(X, n_folds=FOLDS):
    """Fold of each row from a hash of its values, shape (n,).

    Neither the order of the rows nor a weight in place of equal rows changes the folds, and equal
    rows never stand on both sides of a split.
    """
    with np.errstate(over="ignore"):
        odd = np.random.default_rng(0).integers(1, 1 << 62, X.shape[1], dtype=np.uint64) * 2 + 1
        folds = np.empty(X.shape[0], dtype=np.intp)
        for rows in row_blocks(*X.shape, itemsize=8):
            # Adding zero turns -0.0, which has bits of its own, into 0.0.
            bits = (dense_rows(X, rows).astype(np.float64) + 0.0).view(np.uint64)
            key = np.sum((bits ^ (bits >> np.uint64(29))) * odd, axis=1, dtype=np.uint64)
            folds[rows] = (key >> np.uint64(33)) % n_folds
    return folds


def fold_moments(X, weight, n_folds):
    """Moments of the rows of each fold; a fold with no row has None."""
    if n_folds == 1:
        return [moments(X, weight)]
    folds = fold_of_rows(X, n_folds)
    out = []
    for v in range(n_folds):
        own = folds == v
        w = None if weight is None else weight[own]
        out.append(moments(X[own], w) if own.any() else None)
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


def dimension(parts, floor_ratio, scale=None):
    """The k of the largest held-out likelihood, from fold moments; 1 if nothing can be held out.

    ``scale`` divides the features first.
    """
    total = 0.0
    for train, test in splits(parts):
        S, E = train.covariance, spread_around(train, test)
        if scale is not None:
            S, E = S / np.outer(scale, scale), E / np.outer(scale, scale)
        d = len(S)
        values, axes = top_eigenpairs(S, d)
        energies = np.einsum("kd,kd->k", axes @ E, axes)
        floor = floor_ratio * np.trace(S) / d + SMALLEST
        curve = log_likelihood_curve(values, energies, np.trace(S), np.trace(E), d, floor)
        total = total + test.weight * curve
    return 1 + int(np.argmax(total))


def dimension_of_gram(G, weight, folds, floor_ratio, d):
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
        floor = floor_ratio * (fraction @ np.diag(K)) / d + SMALLEST
        coordinates = cross @ (U * root).T / np.sqrt(np.maximum(values, floor))
        energies = own @ coordinates**2 / own.sum()
        energy = own @ (np.diag(G)[test] - 2 * test_with_mean + square) / own.sum()
        curve = log_likelihood_curve(values, energies, fraction @ np.diag(K), energy, d, floor)
        total = total + own.sum() * curve
    return 1 + int(np.argmax(total))
