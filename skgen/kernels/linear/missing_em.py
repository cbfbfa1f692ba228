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


class Statistics(NamedTuple):
    """What the M-step needs, per feature, summed over the rows that observe it."""

    second: np.ndarray  # (d, K) upper triangles of E[(z, 1) (z, 1)']
    cross: np.ndarray  # (d, k + 1) x E[(z, 1)]
    latent: np.ndarray  # (K,) the same second moments over all rows
    precision: np.ndarray  # (d,) of psi_j (Sigma^-1)_jj, the part of the noise in what j adds
    precision_square: np.ndarray  # (d,) of its square
    log_likelihood: float


def expectation(data, weight, state):
    """Expected sufficient statistics and total log-likelihood at ``state``."""
    # numba takes longer to import than a complete data set to fit, and only this needs it.
    from skgen.kernels.linear.batched_inverse import posterior_moments

    k, d = state.W.shape
    n_pairs = (k + 1) * (k + 2) // 2
    second, cross = np.zeros((d, n_pairs)), np.zeros((d, k + 1))
    latent, log_likelihood = np.zeros(n_pairs), 0.0
    i, j = mg.upper_pairs(k)
    products = state.W[i] * state.W[j] / state.psi
    doubled, loadings = products * np.where(i == j, 1.0, 2.0)[:, None], (state.W / state.psi).T
    precision, precision_square = np.zeros(d), np.zeros(d)
    log_psi = np.log(2 * np.pi * state.psi)
    for rows, patterns in mg.blocks(data, k):
        observed, w = data.observed[patterns], weight[rows]
        own = data.pattern[rows] - patterns.start
        Y = data.values[rows]
        seen = observed[own]
        centered = (Y - state.mean) * seen
        Z1, S = np.ones((len(Y), k + 1)), np.zeros((len(observed), n_pairs))
        Z = Z1[:, :k]
        V = observed @ products.T
        log_det = posterior_moments(V, centered @ loadings, own, w, Z, S)
        residual = (centered - Z @ state.W) * seen
        mahalanobis = (residual**2) @ (1 / state.psi) + np.sum(Z**2, axis=1)
        log_likelihood -= 0.5 * (w @ (seen @ log_psi + log_det[own] + mahalanobis))
        second += observed.T @ S
        cross += Y.T @ (Z1 * w[:, None])
        latent += S.sum(axis=0)
        noise = (1 - V @ doubled) * observed
        precision += S[:, -1] @ noise
        precision_square += S[:, -1] @ noise**2
    return Statistics(second, cross, latent, precision, precision_square, log_likelihood)


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

    Stops when an iteration gains less than ``tol`` nats in total, or when ``report(state)`` says
    so. Returns the state, the trace of total log-likelihoods and the last gain.
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
        if report(state) or gain < tol:
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
