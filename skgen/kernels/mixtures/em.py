"""EM for mixtures of factor analyzers and of probabilistic PCAs.

Of complete rows an M-step sees the weighted covariance of each cluster alone, so that its cost
beside these products is independent of the number of rows.
"""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear import ppca
from skgen.kernels.linear.missing_em import State
from skgen.kernels.mixtures import incomplete_rows
from skgen.kernels.mixtures.model import (
    Mixture,
    joint_log_density,
    normalized,
    stacked_log_density,
    whitening,
)
from skgen.kernels.moments import row_blocks

# Share of the rows below which a cluster keeps what it has.
LEAST_SHARE = 1e-10
# Responsibilities below this one are lost in the rounding of any sum that they would enter.
NO_SHARE = 1e-15
# Features up to which eigenvectors, and products of all pairs of columns, cost little.
SMALL = 16
# Features from which eigenvectors are too dear even once.
LARGE = 128
POWER_STEPS = 4
# Noise down to which the fast density has digits enough.
FAST_FLOOR = 1e-8


class Rule(NamedTuple):
    """What noise may look like, and what is known of covariances before the rows.

    The prior is worth ``prior_weight`` rows a cluster, of the covariance ``prior`` around the
    cluster's own mean: for each covariance C it adds
    ``-prior_weight / 2 (log det C + trace(inverse(C) prior))``.
    """

    isotropic: bool
    shared: bool
    floor: float | np.ndarray = 0.0
    prior_weight: float = 0.0
    prior: np.ndarray | None = None  # (d, d)

    def among(self, m, covariance, unit):
        """The rule for m clusters that are expected to have this covariance; one has no prior.

        The floor, so far a fraction, becomes one of variances ``unit`` (d,), of 1 where all
        features have the same noise.
        """
        rule = self if self.isotropic else self._replace(floor=self.floor * unit)
        if m == 1 or not self.prior_weight:
            return rule._replace(prior_weight=0.0)
        return rule._replace(prior=covariance)


class Fit(NamedTuple):
    """Where EM ended; traces have a value for the start and for each iteration, in nats a row."""

    mixture: Mixture
    objective: list  # log-density and prior
    log_density: list
    gain: float


class ClusterMoments(NamedTuple):
    """Total weights (m,), means (m, d) and covariances (m, d, d) of the rows of each cluster."""

    weight: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


def weighted_moments(Y, R, *, diagonal=False):
    """Moments of the clusters from rows (n, d) and what each gives to each cluster, (n, m).

    Where only the variances count, ``diagonal`` leaves the covariances zero.
    """
    total = R.sum(axis=0)
    share = R / np.where(total > 0, total, 1.0)
    if diagonal:
        moments = _by_squares
    else:
        moments = _by_products if Y.shape[1] <= SMALL else _by_clusters
    return ClusterMoments(total, *moments(Y, share))


def _by_squares(Y, share):
    """Means, and variances as diagonal matrices."""
    mean, square = share.T @ Y, np.zeros((share.shape[1], Y.shape[1]))
    for rows in row_blocks(*Y.shape, itemsize=64):
        square += share[rows].T @ Y[rows] ** 2
    variance = np.maximum(square - mean**2, 0.0)
    return mean, variance[:, :, None] * np.eye(Y.shape[1])


def _by_products(Y, share):
    """Means and covariances by one product of the shares with all products of two columns."""
    d = Y.shape[1]
    i, j = mg.upper_pairs(d)
    mean, second = share.T @ Y, np.zeros((len(i), share.shape[1]))
    for rows in row_blocks(len(Y), len(i), itemsize=64):
        columns = np.ascontiguousarray(Y[rows].T)
        second += (columns[i] * columns[j]) @ share[rows]
    return mean, mg.unpack_symmetric(second.T, d) - mean[:, :, None] * mean[:, None, :]


def _by_clusters(Y, share):
    """The same by a product for each cluster with the rows that belong to it."""
    m, d = share.shape[1], Y.shape[1]
    mean, covariance = share.T @ Y, np.zeros((m, d, d))
    for c in np.flatnonzero(share.any(axis=0)):
        own = share[:, c] > NO_SHARE / len(Y)
        rows, weight = (Y, share[:, c]) if own.all() else (Y[own], share[own, c])
        for block in row_blocks(len(rows), d, itemsize=64):
            centered = (rows[block] - mean[c]) * np.sqrt(weight[block])[:, None]
            covariance[c] += centered.T @ centered
    return mean, covariance


def merged(a, b):
    """Moments of the union of two sets of rows (Chan, Golub & LeVeque 1983)."""
    weight = a.weight + b.weight
    fraction = (b.weight / np.maximum(weight, np.finfo(float).tiny))[:, None]
    gap, matrix = b.mean - a.mean, fraction[:, :, None]
    covariance = (1 - matrix) * a.covariance + matrix * b.covariance
    covariance += matrix * (1 - matrix) * gap[:, :, None] * gap[:, None, :]
    return ClusterMoments(weight, a.mean + fraction * gap, covariance)


def from_moments(moments, mixture, rule, n_steps=1):
    """The mixture after an M-step from ``mixture``, of which weights and means do not matter.

    Each of ``n_steps`` raises the expected likelihood: the best loadings for the present noise,
    which loadings of zero do not hold back, then one step of factor analysis for both.
    """
    known = moments.weight > LEAST_SHARE * moments.weight.sum()
    weights = moments.weight / moments.weight.sum()
    means = np.where(known[:, None], moments.mean, mixture.means)
    S, share = moments.covariance[known], weights[known]
    if rule.prior_weight:
        trust = (moments.weight[known] / (moments.weight[known] + rule.prior_weight))[:, None, None]
        S = trust * S + (1 - trust) * rule.prior
        share = moments.weight[known] + rule.prior_weight
    loadings, noise = mixture.loadings.copy(), mixture.noise.copy()
    W, psi = loadings[known], noise[known]
    for _ in range(n_steps):
        if rule.isotropic and not rule.shared:
            W, psi = _isotropic(S, W.shape[1], rule.floor)
        else:
            W, left = _factor_step(S, best_loadings(S, W, psi), psi)
            psi = pooled(left, share, rule)
    loadings[known], noise[known] = W, psi
    if rule.shared and known.any():  # none is where the weights are not finite
        noise[:] = psi[0]
    return Mixture(weights, means, loadings, noise)


def best_loadings(S, W, psi):
    """Loadings (m, k, d) of the highest likelihood for covariances S (m, d, d) and noise (m, d).

    Of many features they are the best in the space to which one power step leads from W.
    """
    k, d = W.shape[1:]
    if not k:
        return W
    root = np.sqrt(psi)[:, :, None]
    if d <= SMALL or (d <= LARGE and not W.any()):
        values, axes = _top_eigenpairs(S / (root * root.transpose(0, 2, 1)), k)
    else:
        start = W.transpose(0, 2, 1) / root if W.any() else _power_start(S, k)
        values, axes = _ritz_pairs(lambda Q: S @ (Q / root) / root, start)
    return np.sqrt(np.maximum(values - 1, 0.0))[:, :, None] * axes * root.transpose(0, 2, 1)


def _power_start(S, k):
    """Columns (m, d, k) near the leading eigenvectors, by power steps from random ones."""
    Q = np.random.default_rng(0).standard_normal((S.shape[1], k))
    for _ in range(POWER_STEPS):
        Q = np.linalg.qr(S @ Q)[0]
    return Q


def _top_eigenpairs(C, k):
    """The k largest eigenvalues (m, k) and eigenvectors (m, k, d) of each symmetric matrix."""
    values, V = np.linalg.eigh(C)
    return values[:, ::-1][:, :k], V[:, :, ::-1][:, :, :k].transpose(0, 2, 1)


def _ritz_pairs(times, start):
    """Pairs that approach those of ``times`` from columns: no value is below what these have."""
    Q = np.linalg.qr(times(start))[0]
    values, V = _top_eigenpairs(Q.transpose(0, 2, 1) @ times(Q), start.shape[2])
    return values, V @ Q.transpose(0, 2, 1)


def _isotropic(S, k, floor):
    """The maximum where each cluster has one noise variance: probabilistic PCA of each."""
    m, d = S.shape[:2]
    W, psi = np.zeros((m, k, d)), np.empty((m, d))
    values, axes = _top_eigenpairs(S, k)
    values = np.maximum(values, 0.0)
    for c in range(m):
        psi[c], scales = ppca.closed_form(values[c], np.trace(S[c]), d, floor)
        W[c] = scales[:, None] * axes[c]
    return W, psi


def _factor_step(S, W, psi):
    """Loadings after a step of EM (Rubin & Thayer 1982), and the variance that they leave."""
    P = W / psi[:, None, :]
    V = np.linalg.inv(np.eye(W.shape[1]) + P @ W.transpose(0, 2, 1))
    B = V @ P
    SB = S @ B.transpose(0, 2, 1)
    W = np.linalg.solve(V + B @ SB, SB.transpose(0, 2, 1))
    left = np.diagonal(S, axis1=1, axis2=2) - np.einsum("mkd,mdk->md", W, SB)
    return W, left


def pooled(left, weights, rule):
    """Noise of clusters from the variance that factors leave: for ``rule`` the likeliest."""
    if rule.isotropic:
        left = np.repeat(left.mean(axis=1, keepdims=True), left.shape[1], axis=1)
    if rule.shared:
        left = np.tile(weights @ left / weights.sum(), (len(left), 1))
    return np.maximum(left, rule.floor)


def maximization(rows, R, mixture, rule, n_steps=1):
    """The mixture after an M-step; ``R`` (n, m) are responsibilities times weights of rows."""
    if isinstance(rows, mg.Incomplete):
        return _of_incomplete(rows, R, mixture, rule)
    moments = weighted_moments(rows, R, diagonal=not mixture.loadings.shape[1])
    return from_moments(moments, mixture, rule, n_steps)


def _of_incomplete(rows, R, mixture, rule):
    """A step of EM in each cluster over what rows observe."""
    weights = R.sum(axis=0) / R.sum()
    means, loadings, noise = (array.copy() for array in mixture[1:])
    left, counts = noise.copy(), R.T @ rows.observed[rows.pattern]
    known = np.flatnonzero(weights > LEAST_SHARE)
    for c in known:
        state = State(means[c], loadings[c], noise[c])
        means[c], loadings[c], left[c] = incomplete_rows.cluster_step(rows, R[:, c], state, rule)
    noise[known] = _pooled_by_counts(left[known], counts[known] + rule.prior_weight, rule)
    if rule.shared:
        noise[:] = noise[known[0]]
    return Mixture(weights, means, loadings, noise)


def _pooled_by_counts(left, counts, rule):
    """``pooled``, where each variance rests on a number of rows of its own."""
    axes = tuple(axis for axis, joint in enumerate((rule.shared, rule.isotropic)) if joint)
    if axes:
        total = counts.sum(axis=axes, keepdims=True)
        left = np.broadcast_to((left * counts).sum(axis=axes, keepdims=True) / total, left.shape)
    return np.maximum(left, rule.floor)


def log_prior(mixture, rule):
    """What the prior adds to the log-likelihood, in nats."""
    if not rule.prior_weight:
        return 0.0
    B, log_det = whitening(mixture.loadings, mixture.noise)
    trace = np.sum(np.diag(rule.prior) / mixture.noise) - np.sum((B @ rule.prior) * B)
    return -0.5 * rule.prior_weight * (log_det.sum() + trace)


def expectation(rows, mixture, rule):
    """Responsibilities (n, m) and log-densities (n,) of rows in units of their columns."""
    if np.min(rule.floor) < FAST_FLOOR:
        return normalized(joint_log_density(rows, mixture))
    if isinstance(rows, mg.Incomplete):
        return normalized(incomplete_rows.stacked_log_density(rows, mixture))
    return normalized(stacked_log_density(rows, mixture))


def unwatched(mixture, objective, trace):
    """A report of nothing."""
    return False


def fit(rows, weight, mixture, rule, *, tol, max_iter, report=unwatched, saved=None):
    """Raise likelihood times prior until an iteration gains less than ``tol`` nats a row.

    It also ends where ``report(mixture, objective, trace)`` says so; the trace is that of
    log-likelihoods. With what was reported as ``saved`` it goes on from there, bitwise, and begins
    with that report.
    """
    # A cluster alone has nothing to wait for.
    n_steps, gain = (1 if len(mixture.weights) > 1 else 10), np.inf
    objective, trace = [], []

    def appraised(mixture):
        R, log_density = expectation(rows, mixture, rule)
        trace.append(float(np.average(log_density, weights=weight)))
        objective.append(trace[-1] + log_prior(mixture, rule) / weight.sum())
        return R

    stop = False
    if saved is None:
        R = appraised(mixture)
    else:
        mixture, objective[:], trace[:] = saved
        R, _ = expectation(rows, mixture, rule)
        gain = objective[-1] - objective[-2]
        stop = report(mixture, objective, trace) or gain < tol
    while len(trace) <= max_iter and not stop:
        mixture = maximization(rows, R * weight[:, None], mixture, rule, n_steps)
        R = appraised(mixture)
        gain = objective[-1] - objective[-2]
        stop = report(mixture, objective, trace) or gain < tol
    return Fit(mixture, objective, trace, gain)
