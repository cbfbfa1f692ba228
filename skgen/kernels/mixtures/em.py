"""EM for mixtures of factor analyzers and of probabilistic PCAs.

Of complete rows an M-step sees the weighted covariance of each cluster alone, so that its cost
beside these products is independent of the number of rows.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear.missing_em import State
from skgen.kernels.mixtures import incomplete_rows
from skgen.kernels.mixtures.expected import Expected
from skgen.kernels.mixtures.loadings import factor_step, isotropic_factors
from skgen.kernels.mixtures.model import (
    Mixture,
    joint_log_density,
    normalized,
    stacked_log_density,
    whitening,
)
from skgen.kernels.mixtures.moments import explicit, is_wide, of_rows, weighted_moments

# Share of the rows below which a cluster keeps what it has.
LEAST_SHARE = 1e-10
# Expected variance of a feature, in units of its own, where the noise has no floor.
LEAST_VARIANCE = 1e-9
# Noise down to which the fast density has digits enough.
FAST_FLOOR = 1e-8


class Rule(NamedTuple):
    """What noise may look like, and what is known of covariances before the rows.

    The prior is worth ``prior_weight`` rows a cluster, of the expected covariance around the
    cluster's own mean. Their density is that in units of the expected scales: to each covariance C
    with the expected E belongs
    ``-prior_weight / 2 (log det C - sum of log diag(E) + trace(inverse(C) E))``.
    """

    isotropic: bool
    shared: bool
    floor: float | np.ndarray = 0.0
    prior_weight: float = 0.0
    prior: Expected | None = None

    def among(self, expected, unit):
        """The rule for clusters of which this is expected; of one alone, or None, nothing is.

        The floor, so far a fraction, becomes one of variances ``unit`` (d,), of 1 where all
        features have the same noise.
        """
        rule = self if self.isotropic else self._replace(floor=self.floor * unit)
        if expected is None or len(expected.scale) == 1 or not self.prior_weight:
            return rule._replace(prior_weight=0.0)
        return rule._replace(prior=expected.bounded(np.maximum(rule.floor, LEAST_VARIANCE)))

    def of(self, c):
        """The rule for one of the clusters."""
        return self._replace(prior=self.prior.of([c])) if self.prior_weight else self


class Fit(NamedTuple):
    """Where EM ended; traces have a value for the start and for each iteration, in nats a row."""

    mixture: Mixture
    objective: list  # log-density and prior
    log_density: list
    gain: float


def from_moments(moments, mixture, rule, n_steps=1):
    """The mixture after an M-step from ``mixture``, of which weights and means do not matter.

    Each of ``n_steps`` raises the expected likelihood: the best loadings for the present noise,
    which loadings of zero do not hold back, then one step of factor analysis for both.
    """
    known = _known(moments.weight)
    S = explicit(moments.covariance[known])
    return _from_covariances(moments.weight, moments.mean[known], S, mixture, rule, n_steps)


def _known(weight):
    """Clusters (m,) that have rows; the others keep what they have."""
    return weight > LEAST_SHARE * weight.sum()


def _from_covariances(weight, mean, S, mixture, rule, n_steps):
    """The same from weights (m,), and the means and covariances of clusters that have rows."""
    known, means = _known(weight), mixture.means.copy()
    means[known] = mean
    share = weight[known]
    if rule.prior_weight:
        S = S.shrunk(share / (share + rule.prior_weight), rule.prior.of(known))
        share = share + rule.prior_weight
    loadings, noise = mixture.loadings.copy(), mixture.noise.copy()
    W, psi = loadings[known], noise[known]
    for _ in range(n_steps):
        if rule.isotropic and not rule.shared and S.matrices is not None:
            W, psi = isotropic_factors(S.matrices, W.shape[1], rule.floor)
        else:
            W, left = factor_step(S, W, psi)
            psi = pooled(left, share, rule)
    loadings[known], noise[known] = W, psi
    if rule.shared and known.any():  # none is where the weights are not finite
        noise[:] = psi[0]
    return Mixture(weight / weight.sum(), means, loadings, noise)


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
    k, d = mixture.loadings.shape[1:]
    if not k or is_wide(d, k):
        weight = R.sum(axis=0)
        _, mean, S = of_rows(rows, R[:, _known(weight)])
        return _from_covariances(weight, mean, S, mixture, rule, n_steps)
    return from_moments(weighted_moments(rows, R), mixture, rule, n_steps)


def _of_incomplete(rows, R, mixture, rule):
    """A step of EM in each cluster over what rows observe."""
    weights = R.sum(axis=0) / R.sum()
    means, loadings, noise = (array.copy() for array in mixture[1:])
    left, counts = noise.copy(), R.T @ rows.observed[rows.pattern]
    known = np.flatnonzero(weights > LEAST_SHARE)
    for c in known:
        state = State(means[c], loadings[c], noise[c])
        means[c], loadings[c], left[c] = incomplete_rows.cluster_step(
            rows, R[:, c], state, rule.of(c)
        )
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
    variances = rule.prior.scale**2
    trace = np.sum(variances / mixture.noise) - np.sum(rule.prior.times(B) * B)
    return -0.5 * rule.prior_weight * (log_det.sum() - np.log(variances).sum() + trace)


def expectation(rows, mixture, rule):
    """Responsibilities (n, m) and log-densities (n,) of rows in units of their columns."""
    if np.min(rule.floor) < FAST_FLOOR:
        return normalized(joint_log_density(rows, mixture))
    if isinstance(rows, mg.Incomplete):
        return normalized(incomplete_rows.stacked_log_density(rows, mixture))
    return normalized(stacked_log_density(rows, mixture))


def _of_one(moments, R, mixture, rule, n_steps):
    return from_moments(moments, mixture, rule, n_steps)


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

    # The moments of a cluster alone stay what they are.
    step = partial(maximization, rows)
    if len(mixture.weights) == 1 and not isinstance(rows, mg.Incomplete):
        moments = weighted_moments(rows, weight[:, None])
        step = partial(_of_one, moments)

    stop = False
    if saved is None:
        R = appraised(mixture)
    else:
        mixture, objective[:], trace[:] = saved
        R, _ = expectation(rows, mixture, rule)
        gain = objective[-1] - objective[-2]
        stop = report(mixture, objective, trace) or gain < tol
    while len(trace) <= max_iter and not stop:
        mixture = step(R * weight[:, None], mixture, rule, n_steps)
        R = appraised(mixture)
        gain = objective[-1] - objective[-2]
        stop = report(mixture, objective, trace) or gain < tol
    return Fit(mixture, objective, trace, gain)
