"""Densities in all clusters at once, and steps of EM, for rows with missing entries."""

import numpy as np

from skgen.kernels.linear import lowrank_gaussian as lg
from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear import missing_em
from skgen.kernels.mixtures.model import log_weights

# Share of a cluster's rows that observe a feature, below which it keeps what it knows of it.
LEAST_SEEN = 1e-10
# Responsibilities below this one change what a cluster learns by less than EM can gain.
NO_SHARE = 1e-10


def stacked_log_density(rows, mixture):
    """Log of each row's density in each cluster times its weight, (n, m), in the rows' order.

    ``rows`` are prepared in their own order and near the origin: as for complete rows the
    Mahalanobis distances are differences.
    """
    # numba takes longer to import than a complete data set to fit, and only this needs it.
    from skgen.kernels.mixtures.marginals import add_latent_terms

    _, means, W, psi = mixture
    m, k, d = W.shape
    i, j = mg.upper_pairs(k)
    products = (W[:, i] * W[:, j] / psi[:, None]).reshape(-1, d).T
    P = W / psi[:, None]
    loadings = P.reshape(m * k, d).T
    shift = (P * means[:, None]).reshape(m * k, d).T
    slope, curve = (means / psi).T, (0.5 / psi).T
    constant = 0.5 * (np.log(2 * np.pi * psi) + means**2 / psi).T
    joint = np.empty((len(rows.pattern), m))
    for own, patterns in mg.blocks(rows, max(1, k) * int(np.ceil(np.sqrt(m)))):
        observed, pattern = rows.observed[patterns], rows.pattern[own] - patterns.start
        Y, out = rows.values[own], joint[own]
        out[:] = Y @ slope - (Y**2) @ curve - (observed @ constant)[pattern]
        if k:
            slopes = Y @ loadings - (observed @ shift)[pattern]
            add_latent_terms(
                (observed @ products).reshape(len(observed), m, -1),
                slopes.reshape(len(Y), m, k),
                pattern,
                out,
            )
    return joint + log_weights(mixture)


def cluster_step(rows, w, state, rule):
    """A step of EM in one cluster to which the rows belong by ``w`` (n,).

    Returns its mean and loadings, and what these leave of the variance of each feature.
    """
    own = np.flatnonzero(w > NO_SHARE * w.max())
    rows, w = (rows, w) if len(own) == len(w) else (_chosen(rows, own), w[own])
    counts = np.bincount(rows.pattern, w, len(rows.observed)) @ rows.observed
    update = _with_factors if len(state.W) else _independent
    return update(rows, w, counts, state, rule)


def _chosen(rows, own):
    """The rows at the places ``own``, which ascend, and the patterns that they have."""
    pattern = rows.pattern[own]
    fresh = np.concatenate([[True], pattern[1:] != pattern[:-1]])
    return mg.Incomplete(
        rows.values[own],
        rows.observed[pattern[fresh]],
        np.cumsum(fresh) - 1,
        np.arange(len(pattern)),
    )


def _independent(rows, w, counts, state, rule):
    """Mean, loadings and variance of a cluster without factors."""
    known = counts > LEAST_SEEN * w.sum()
    count = np.where(known, counts, 1.0)
    mean = np.where(known, w @ rows.values / count, state.mean)
    squares = w @ ((rows.values - mean) * rows.observed[rows.pattern]) ** 2
    squares = np.where(known, squares, state.psi * count)
    if rule.prior_weight:
        squares, count = (
            squares + rule.prior_weight * rule.prior.scale[0] ** 2,
            count + rule.prior_weight,
        )
    return mean, state.W, squares / count


def _with_factors(rows, w, counts, state, rule):
    """Mean, loadings and what these leave of the variance."""
    known = counts > LEAST_SEEN * w.sum()
    expected = missing_em.latent_sums(rows, w, state)
    # A feature that no row observes leaves its coefficients open: it keeps its mean and variance.
    expected.second[~known] = expected.latent
    expected.cross[~known] = (
        state.mean[~known, None] * mg.unpack_symmetric(expected.latent, len(state.W) + 1)[-1]
    )
    total = expected.latent[-1]
    counts = np.where(known, counts, total)
    kept = state.mean**2 + state.psi + np.sum(state.W**2, axis=0)
    squares = np.where(known, w @ rows.values**2, total * kept)
    if rule.prior_weight:
        expected, squares = _with_prior(expected, squares, state, rule)
        counts = counts + rule.prior_weight
    found = missing_em.maximization(expected, squares, counts, isotropic=False, floor=0.0)
    return found.mean, found.W, found.psi


def _with_prior(expected, squares, state, rule):
    """Statistics to which the rows of the prior are added, which have the mean of their cluster."""
    k, tau = len(state.W), rule.prior_weight
    V = lg.posterior_covariance(state.W, state.psi)
    B = V @ (state.W / state.psi)
    prior = rule.prior.times(B[None])[0]
    outer, latent = tau * (V + prior @ B.T), mg.unpack_symmetric(expected.latent, k + 1)
    i, j = mg.upper_pairs(k)
    # They say nothing of the mean: they stand around it, wherever it is.
    expected.second[:, : len(i)] += outer[i, j]
    expected.cross[:, :k] += tau * prior.T
    total, shift = latent[k, k], latent[k, :k] / latent[k, k]
    spread = latent[:k, :k] - total * np.outer(shift, shift)
    spread = (spread + outer) * total / (total + tau) + total * np.outer(shift, shift)
    expected.latent[: len(i)] = spread[i, j]
    return expected, squares + tau * rule.prior.scale[0] ** 2
