"""Rows of a mixture in units of their columns, with what is expected of its clusters."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.grid import grid_of
from skgen.kernels.linear import masked_gaussian, missing_em
from skgen.kernels.linear.held_out import observed_mean
from skgen.kernels.mixtures import em
from skgen.kernels.mixtures.expected import Expected, within
from skgen.kernels.mixtures.moments import weighted_variances
from skgen.linear import incomplete

# Rows that differ from the median of a column, below which its variance says little.
LEAST_VARYING = 3
# Latent dimensions with which holes are filled before k-means.
FILLING = 8


class Rows(NamedTuple):
    """Rows in units of their columns, prepared for EM."""

    Y: np.ndarray  # (n, d), NaN where missing
    weight: np.ndarray  # (n,)
    prepared: object  # Y itself, or masked_gaussian.Incomplete
    filled: np.ndarray  # (n, d) for k-means
    unit: np.ndarray  # (d,), variances of which the noise is a fraction at least
    expected: Expected | None = None  # covariances of clusters

    def among(self, labels, m, isotropic):
        """The same, where clusters are expected to be as the rows with these labels."""
        R = np.zeros((len(labels), m))
        R[np.arange(len(labels)), labels] = self.weight
        _, mean, variances = weighted_variances(self.filled, R)
        found = within(self.filled, self.weight, labels, mean, variances, isotropic=isotropic)
        return self._replace(expected=found)

    def bound(self, rule):
        """The rule for clusters of these rows."""
        return rule.among(self.expected, self.unit)

    def fit(self, mixture, rule, *, tol, **how):
        """EM from ``mixture``; ``tol`` is in nats a row and feature."""
        tol, rule = tol * self.Y.shape[1], self.bound(rule)
        return em.fit(self.prepared, self.weight, mixture, rule, tol=tol, **how)


def distinct(X, weight):
    """The distinct rows of X in an order that their values decide, and the weight of each.

    So neither the order of rows nor repeats in place of a weight change what is drawn of them.
    """
    weight = np.ones(len(X)) if weight is None else weight
    order = np.argsort(X[:, -1], kind="stable")
    if not np.all(np.diff(X[order, -1]) > 0):
        order = np.lexsort(X.T)
    X, weight = X[order], weight[order]
    same = (X[1:] == X[:-1]) | (np.isnan(X[1:]) & np.isnan(X[:-1]))
    first = np.flatnonzero(np.concatenate([[True], ~same.all(axis=1)]))
    return X[first], np.add.reduceat(weight, first)


def with_rare_columns(rows):
    """The scaled ``rows``, where the scale of columns that hardly vary is that of the others.

    Or how far they went, where that is more: what one or two rows say of a variance is no bound of
    what a new row will bring.
    """
    seen = ~np.isnan(rows.Y)
    # Of a column that hardly varies, most of any five values are the median.
    few = rows.Y[:5] if seen.all() else np.where(seen.any(axis=0), rows.Y, 0.0)
    middle = np.nanmedian(few, axis=0)
    gap = np.where(seen, np.abs(rows.Y - middle), 0.0)
    rare = np.sum(gap > 0, axis=0) < LEAST_VARYING
    if not rare.any() or rare.all():
        return rows
    wide = np.maximum(gap.max(axis=0) * rows.scale, np.median(rows.scale[~rare]))
    scale = np.where(rare, wide, rows.scale)
    return rows._replace(Y=rows.Y * (rows.scale / scale), scale=scale)


def rounding_variance(X):
    """Variance (d,) that rounding to the step of each column brings: step^2 / 12 (Sheppard 1898).

    It is 0 where values lie on no grid, or are all the same.
    """
    digits, found = np.finfo(X.dtype).eps, np.zeros(X.shape[1])
    for j in np.flatnonzero(varying(X)):
        grid = grid_of(X[~np.isnan(X[:, j]), j], digits)
        found[j] = 0.0 if grid is None else grid[1] ** 2 / 12
    return found


def in_units(X, weight, names, *, isotropic):
    """Rows of X for EM, and the offsets and scales (d,) of their units."""
    scaled = incomplete.scaled(X, weight, names, common=isotropic)
    scaled = scaled if isotropic else with_rare_columns(scaled)
    unit = np.maximum(1.0, rounding_variance(X) / scaled.scale**2)
    return prepared(scaled.Y, weight, unit), scaled.offset, scaled.scale


def prepared(Y, weight, unit):
    """Rows for EM; those with NaN are sorted by what they observe."""
    if not np.isnan(Y).any():
        return Rows(Y, weight, Y, Y, unit)
    data = masked_gaussian.prepare(Y)
    Y, weight = Y[data.order], weight[data.order]
    data = data._replace(order=np.arange(len(Y)))
    center = np.nan_to_num(observed_mean(Y, weight))
    C = missing_em.pairwise_covariance(Y - center, weight)
    k, filled = min(FILLING, Y.shape[1] - 1), np.where(np.isnan(Y), center, Y)
    if k:
        W, psi, _ = incomplete.even_start(C, k, lambda values, total: 1e-3)
        filled = center + masked_gaussian.conditional_mean(Y - center, W, psi)
    return Rows(Y, weight, data, filled, unit)


def varying(Y):
    """Columns (d,) of which the rows know more than one value."""
    low, high = np.where(np.isnan(Y), np.inf, Y), np.where(np.isnan(Y), -np.inf, Y)
    return low.min(axis=0) < high.max(axis=0)
