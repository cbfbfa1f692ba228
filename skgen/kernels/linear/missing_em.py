"""Exact EM for a low-rank Gaussian when entries of the rows are missing.

One iteration costs two matrix products of the patterns with the k^2 moments of their latent rows;
there is no loop over rows or features.
"""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import masked_gaussian as mg


class State(NamedTuple):
    """Parameters of the model around a fixed offset."""

    mean: np.ndarray  # (d,)
    W: np.ndarray  # (k, d)
    psi: np.ndarray  # (d,)


class LatentSums(NamedTuple):
    """What the M-step needs, per feature, summed over the rows that observe it."""

    second: np.ndarray  # (d, K) upper triangles of E[(z, 1) (z, 1)']
    cross: np.ndarray  # (d, k + 1) x E[(z, 1)]
    latent: np.ndarray  # (K,) the same second moments over all rows


class Statistics(NamedTuple):
    """The same, the log-likelihood, and what the observed information needs."""

    second: np.ndarray
    cross: np.ndarray
    latent: np.ndarray
    precision: np.ndarray  # (d,) of psi_j (Sigma^-1)_jj, the part of the noise in what j adds
    precision_square: np.ndarray  # (d,) of its square
    log_likelihood: float


class Block(NamedTuple):
    """What is known of the latent rows of a block of rows."""

    observed: np.ndarray  # (p, d) of its patterns
    own: np.ndarray  # (b,) pattern of each row
    weight: np.ndarray  # (b,)
    centered: np.ndarray  # (b, d), zero where missing
    seen: np.ndarray  # (b, d)
    Z: np.ndarray  # (b, k) means
    V: np.ndarray  # (p, k (k + 1) / 2) covariances
    S: np.ndarray  # (p, K) weighted sums of second moments
    log_det: np.ndarray  # (p,)


def latent_sums(data, weight, state, watch=lambda block: None):
    """Expected sufficient statistics at ``state``; ``watch(block)`` sees what they are made of."""
    # numba takes longer to import than a complete data set to fit, and only this needs it.
    from skgen.kernels.linear.batched_inverse import posterior_moments

    k, d = state.W.shape
    n_pairs = (k + 1) * (k + 2) // 2
    second, cross, latent = np.zeros((d, n_pairs)), np.zeros((d, k + 1)), np.zeros(n_pairs)
    i, j = mg.upper_pairs(k)
    products, loadings = (state.W[i] * state.W[j] / state.psi).T, (state.W / state.psi).T
    for rows, patterns in mg.blocks(data, k):
        observed, w = data.observed[patterns], weight[rows]
        own = data.pattern[rows] - patterns.start
        Y = data.values[rows]
        seen = observed[own]
        centered = (Y - state.mean) * seen
        Z1, S = np.ones((len(Y), k + 1)), np.zeros((len(observed), n_pairs))
        V = observed @ products
        log_det = posterior_moments(V, centered @ loadings, own, w, Z1[:, :k], S)
        second += observed.T @ S
        cross += Y.T @ (Z1 * w[:, None])
        latent += S.sum(axis=0)
        watch(Block(observed, own, w, centered, seen, Z1[:, :k], V, S, log_det))
    return LatentSums(second, cross, latent)


def expectation(data, weight, state):
    """Expected sufficient statistics and total log-likelihood at ``state``."""
    k, d = state.W.shape
    i, j = mg.upper_pairs(k)
    doubled = state.W[i] * state.W[j] / state.psi * np.where(i == j, 1.0, 2.0)[:, None]
    log_psi, log_likelihood = np.log(2 * np.pi * state.psi), [0.0]
    precision, precision_square = np.zeros(d), np.zeros(d)

    def watch(block):
        residual = (block.centered - block.Z @ state.W) * block.seen
        mahalanobis = (residual**2) @ (1 / state.psi) + np.sum(block.Z**2, axis=1)
        total = block.seen @ log_psi + block.log_det[block.own] + mahalanobis
        log_likelihood.append(-0.5 * (block.weight @ total))
        noise, count = (1 - block.V @ doubled) * block.observed, block.S[:, -1]
        precision[:] += count @ noise
        precision_square[:] += count @ noise**2

    sums = latent_sums(data, weight, state, watch)
    return Statistics(*sums, precision, precision_square, sum(log_likelihood))


def maximization(statistics, squares, counts, *, isotropic, floor):
    """Parameters that maximize the expected log-likelihood, and the latent scale reset to I.

    The latent rows may take any mean and covariance inside the M-step, which is then folded into
    W and the mean (PX-EM; Liu, Rubin & Wu 1998): still monotone, and many times faster.
    """
    k = statistics.cross.shape[1] - 1
    A = mg.unpack_symmetric(statistics.second, k + 1)
    # A feature that hardly a row observes leaves its coefficients open.
    diagonal = np.arange(k + 1)
    A[:, diagonal, diagonal] *= 1 + 1e-12
    coefficients = np.linalg.solve(A, statistics.cross[:, :, None])[:, :, 0]
    unexplained = np.maximum(squares - np.sum(coefficients * statistics.cross, axis=1), 0.0)
    if isotropic:
        psi = np.full(len(counts), unexplained.sum() / counts.sum())
    else:
        psi = unexplained / counts
    latent = mg.unpack_symmetric(statistics.latent, k + 1)
    latent /= latent[k, k]
    shift = latent[k, :k]
    root = np.linalg.cholesky(latent[:k, :k] - np.outer(shift, shift))
    W = coefficients[:, :k].T
    return State(coefficients[:, k] + shift @ W, root.T @ W, np.maximum(psi, floor))


def fit(data, start, *, floor, tol, max_iter, report):
    """Raise the likelihood of the observed rows ``data`` (see ``missing_fit.observed_rows``).

    Stops when an iteration gains less than ``tol`` nats in total, or when ``report(state, trace)``
    says so. Returns the state, the trace of total log-likelihoods and the last gain.
    """
    state, trace, gain = start, [], np.inf
    statistics = expectation(data.rows, data.weight, state)
    for _ in range(max_iter):
        proposal = maximization(
            statistics, data.squares, data.counts, isotropic=data.isotropic, floor=floor
        )
        statistics_new = expectation(data.rows, data.weight, proposal)
        gain = statistics_new.log_likelihood - statistics.log_likelihood
        state, statistics = proposal, statistics_new
        trace.append(statistics.log_likelihood)
        if report(state, trace) or gain < tol:
            break
    return state, trace, gain


def pairwise_covariance(Y, weight):
    """Covariance from the pairs of entries observed together, made positive semi-definite.

    Y is centered at the means of what is observed and has NaN where missing.
    """
    seen = (~np.isnan(Y)).astype(np.float64)
    filled = np.where(seen > 0, Y, 0.0)
    joint = (seen * weight[:, None]).T @ seen
    products = (filled * weight[:, None]).T @ filled
    C = np.divide(products, joint, out=np.zeros_like(products), where=joint > 0)
    varies = np.diag(C) > 0
    values, V = np.linalg.eigh((C + C.T) / 2)
    C = (V * np.maximum(values, 0.0)) @ V.T
    # Rounding must not give a constant feature a variance.
    return C * np.outer(varies, varies)
