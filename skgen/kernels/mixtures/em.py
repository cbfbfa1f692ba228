"""EM for mixtures of factor analyzers and of probabilistic PCAs.

Of complete rows an M-step sees the weighted covariance of each cluster alone, so that its cost beside
these products is independent of the number of rows.
"""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import factor_em, factor_fit, missing_em, ppca
from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear.spectrum import top_eigenpairs
from skgen.kernels.mixtures.model import Mixture, responsibilities

# Iterations of a cluster's own factor analysis in an M-step: any number raises the likelihood.
INNER_STEPS = 3
# Share of the rows below which a cluster keeps what it has.
LEAST_SHARE = 1e-10


class Rule(NamedTuple):
    """What noise may look like."""

    isotropic: bool
    shared: bool
    floor: float


def weighted_moments(Y, weight):
    """Total weight, mean and covariance of rows; the sums behind them can be added up."""
    total = max(weight.sum(), np.finfo(float).tiny)
    mean = weight @ Y / total
    centered = (Y - mean) * np.sqrt(weight / total)[:, None]
    return total, mean, centered.T @ centered


def maximization(rows, R, mixture, rule):
    """The mixture after an M-step; ``R`` (n, m) are responsibilities times weights of rows."""
    if isinstance(rows, mg.Incomplete):
        return _of_incomplete(rows, R, mixture, rule)
    moments = [weighted_moments(rows, R[:, c]) for c in range(R.shape[1])]
    return from_moments(moments, mixture, rule)


def from_moments(moments, mixture, rule):
    """The same from weight, mean and covariance of each cluster."""
    k = mixture.loadings.shape[1]
    totals = np.array([total for total, _, _ in moments])
    weights = totals / totals.sum()
    means, loadings, noise = (array.copy() for array in mixture[1:])
    for c, (_, mean, S) in enumerate(moments):
        if weights[c] < LEAST_SHARE:
            continue
        means[c] = mean
        loadings[c], noise[c] = _factors(S, k, loadings[c], noise[c], rule)
    return Mixture(weights, means, loadings, _pooled(noise, weights, rule))


def _factors(S, k, W, psi, rule):
    """Loadings and noise of a cluster that has the covariance S."""
    d = len(S)
    if rule.shared:
        floor = np.finfo(float).tiny
        if not k:
            W, psi = W, np.diag(S).copy()
        else:
            W, psi, _ = factor_em.em_step(S, W, psi, floor)
    elif rule.isotropic:
        values, axes = top_eigenpairs(S, max(k, 1))
        values, axes = np.maximum(values[:k], 0.0), axes[:k]
        sigma2, scales = ppca.closed_form(values, np.trace(S), d, rule.floor)
        W, psi = scales[:, None] * axes, np.full(d, sigma2)
    else:
        floor = np.full(d, rule.floor)
        if k and W.any():
            for _ in range(INNER_STEPS):
                W, psi, _ = factor_em.em_step(S, W, psi, floor)
        else:
            how = {"tol": 0.0, "max_iter": INNER_STEPS, "report": factor_fit.unwatched}
            solution = factor_fit.from_covariance(S, k, psi, floor, **how)
            W, psi = solution.W, solution.psi
    return W, psi


def _pooled(noise, weights, rule):
    if rule.isotropic:
        noise = np.repeat(noise.mean(axis=1, keepdims=True), noise.shape[1], axis=1)
    if rule.shared:
        noise = np.tile(weights @ noise, (len(weights), 1))
    return np.maximum(noise, rule.floor)


def _of_incomplete(rows, R, mixture, rule):
    """A step of EM in each cluster over what rows observe."""
    observed = rows.observed[rows.pattern]
    weights = R.sum(axis=0) / R.sum()
    means, loadings, noise = (array.copy() for array in mixture[1:])
    k = loadings.shape[1]
    for c in np.flatnonzero(weights >= LEAST_SHARE):
        w = R[:, c]
        counts = np.maximum(w @ observed, 1e-12 * w.sum())
        squares = w @ rows.values**2
        if not k:
            mean = w @ rows.values / counts
            means[c], noise[c] = mean, np.maximum(squares / counts - mean**2, rule.floor)
            continue
        state = missing_em.State(means[c], loadings[c], noise[c])
        expected = missing_em.expectation(rows, w, state)
        how = {"isotropic": False, "floor": rule.floor}
        means[c], loadings[c], noise[c] = missing_em.maximization(expected, squares, counts, **how)
    return Mixture(weights, means, loadings, _pooled(noise, weights, rule))


def fit(rows, weight, mixture, rule, *, tol, max_iter, report=None):
    """Raise the likelihood until an iteration gains less than ``tol`` nats a row.

    Returns the mixture, the trace of mean log-densities and the last gain.
    """
    trace, gain = [], np.inf
    for _ in range(max_iter):
        R, log_density = responsibilities(rows, mixture)
        trace.append(weight @ log_density / weight.sum())
        gain = trace[-1] - trace[-2] if len(trace) > 1 else np.inf
        if gain < tol or (report is not None and report(mixture)):
            break
        mixture = maximization(rows, R * weight[:, None], mixture, rule)
    return mixture, trace, gain
