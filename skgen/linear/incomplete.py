"""Fits of the linear-Gaussian models to rows with missing values."""

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skgen.base.warn import warn
from skgen.kernels.linear import held_out, masked_gaussian, missing_em, missing_fit, ppca
from skgen.kernels.linear.spectrum import top_eigenpairs
from skgen.kernels.moments import column_variance, varies
from skgen.linear.held_out_choice import Fold, choose
from skgen.linear.linear_gaussian import check_range, mean_where_observed

MOST_CHOSEN = 32  # an iteration costs k^2 a feature, so the search for k goes no further
ROUGH = {"max_iter": 10, "report": lambda state, trace: False}
ROUGH_NATS = 0.02  # a row


class Rows(NamedTuple):
    """Rows with NaN, centered and scaled to unit variances, and the way back."""

    Y: np.ndarray  # (n, d)
    weight: np.ndarray  # (n,)
    offset: np.ndarray  # (d,)
    scale: np.ndarray  # (d,)

    def choice(self, chosen, columns):
        """The chosen rows and columns."""
        return Rows(
            self.Y[chosen][:, columns],
            self.weight[chosen],
            self.offset[columns],
            self.scale[columns],
        )

    def tolerance(self, tol):
        """Nats in total that count as ``tol`` does, where small weights scale the likelihood."""
        return tol * min(1.0, self.weight.sum() / len(self.Y))


class Solution(NamedTuple):
    """Where a fit ended, in the units of the data; likelihoods are nats in total."""

    mean: np.ndarray  # (d,)
    W: np.ndarray  # (k, d)
    psi: np.ndarray  # (d,)
    trace: list
    gain: float
    at_floor: np.ndarray  # (d,)


def scaled(X, weight, names, *, common):
    """The rows of X in units of each column, or of one unit for all where ``common``."""
    weight = np.ones(len(X)) if weight is None else weight
    offset = mean_where_observed(X, weight, names)
    variance = column_variance(X, offset, weight)
    check_range(X, variance, names)
    known = varies(variance, offset, X.dtype)
    if common:
        scale = np.full(len(offset), np.sqrt(variance.mean()))
    else:
        scale = feature_scale(variance, known)
    Y = (X - offset) / np.where(scale > 0, scale, 1.0)
    # What only rounding tells apart is equal.
    Y[:, ~known] *= 0.0
    return Rows(Y, weight, offset, np.where(scale > 0, scale, 1.0))


def feature_scale(variance, known):
    """Standard deviations (d,); a constant feature has no scale, it takes that of a typical one."""
    typical = np.median(variance[known]) if known.any() else 1.0
    return np.sqrt(np.where(known, variance, typical))


def even_start(C, k, floor_of):
    """Probabilistic PCA of a covariance: W, psi and the floor of psi."""
    d, total = len(C), np.trace(C)
    values, axes = top_eigenpairs(C, max(k, 1))
    values = np.maximum(values, 0)
    floor = floor_of(values, total)
    sigma2, scales = ppca.closed_form(values[:k], total, d, floor)
    return scales[:, None] * axes[:k], np.full(d, sigma2), floor


def choose_even(rows, start):
    """Number of latent dimensions of probabilistic PCA by held-out likelihood."""
    folds = list(split(rows, start, isotropic=True))
    n_train = min((fold.n_rows for fold in folds), default=2)
    # With more dimensions than half of what a row observes, the likelihood creeps for hundreds of
    # iterations toward no noise at all.
    half = int(0.5 * np.mean(np.sum(~np.isnan(rows.Y), axis=1)))
    most = max(1, min(MOST_CHOSEN, rows.Y.shape[1] - 1, n_train - 1, half))
    return choose(folds, most, growth=1.5, resolution=4)[0]


def split(rows, start, *, isotropic):
    """Folds that fit the model to the rows of all other folds and score their own."""
    labels = held_out.fold_of_rows(rows.Y, held_out.fold_basis(rows.Y, rows.weight))
    for train, test in held_out.row_splits(labels):
        columns = np.sum(~np.isnan(rows.Y[train]), axis=0) > 1
        if train.sum() > 1 and columns.any():
            own, rest = rows.choice(train, columns), rows.choice(test, columns)
            C = missing_em.pairwise_covariance(own.Y, own.weight)
            yield Fold(
                rest.weight.sum(),
                len(own.Y),
                columns,
                partial(_rough, own, C, start, isotropic),
                partial(_mean_log_density, masked_gaussian.prepare(rest.Y), rest.weight),
            )


def _rough(rows, C, start, isotropic, k, earlier):
    W, psi, floor = start(C, k)
    state, _, _ = missing_fit.fit(
        rows.Y,
        rows.weight,
        missing_em.State(np.zeros(len(psi)), W, psi),
        isotropic=isotropic,
        floor=floor,
        tol=ROUGH_NATS * rows.weight.sum(),
        **ROUGH,
    )
    return state


def _mean_log_density(data, weight, state, psi):
    values = (data.values - state.mean) * data.observed[data.pattern]
    density = masked_gaussian.log_density_of(data._replace(values=values), state.W, psi)
    return np.average(density, weights=weight)


def fit(rows, start, *, isotropic, floor, tol, max_iter, report):
    """Maximum likelihood from ``start``, a pair (W, psi) in the units of ``rows``."""
    W, psi = start
    first = missing_em.State(np.zeros(len(psi)), W, psi)
    seen = rows.weight @ ~np.isnan(rows.Y)
    jacobian = seen @ np.log(rows.scale)

    def unscaled(state, trace, gain):
        return _unscaled(rows, state, [value - jacobian for value in trace], gain, floor)

    if len(W):
        state, trace, gain = missing_fit.fit(
            rows.Y,
            rows.weight,
            first,
            isotropic=isotropic,
            floor=floor,
            tol=rows.tolerance(tol),
            max_iter=max_iter,
            report=lambda state, trace: report(unscaled(state, trace, np.inf)),
        )
    else:
        state = _independent(rows, first, seen, isotropic, floor)
        trace, gain = [rows.weight @ masked_gaussian.log_density(rows.Y, W, state.psi)], 0.0
    return unscaled(state, trace, gain)


def _independent(rows, state, seen, isotropic, floor):
    """The maximum without latent dimensions, which needs no iteration."""
    squares = rows.weight @ np.nan_to_num(rows.Y) ** 2
    psi = np.full(len(seen), squares.sum() / seen.sum()) if isotropic else squares / seen
    return state._replace(psi=np.maximum(psi, floor))


def _unscaled(rows, state, trace, gain, floor):
    return Solution(
        rows.offset + state.mean * rows.scale,
        state.W * rows.scale,
        state.psi * rows.scale**2,
        trace,
        gain,
        state.psi <= floor * (1 + 1e-9),
    )


def warn_of_gain(gain, tol, max_iter):
    """Warn where a fit stopped with more nats to gain than asked for, but was not asked to."""
    if gain >= tol:
        warn(
            f"The log-likelihood has about {gain:.1e} nats left to gain; raise "
            f"max_iter={max_iter} or tol={tol}.",
            ConvergenceWarning,
        )
