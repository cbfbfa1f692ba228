"""The low-rank Gaussian on rows with missing entries: marginals, posteriors, conditionals, EM.

A row that observes the features o has the posterior precision
``M = I + sum over j in o of w_j w_j' / psi_j``: for all rows at once that is one matrix product,
the mask times the outer products of W's columns. Rows with the same pattern share M.
"""

from typing import NamedTuple

import numpy as np

BLOCK_FLOATS = 1 << 17  # temporaries that stay in the cache
MOST_SIGNAL_TO_NOISE = 1e8  # of a feature, by which errors of a density are below 1e-8 nats


class Incomplete(NamedTuple):
    """Rows with missing entries, prepared once for many passes."""

    values: np.ndarray  # (n, d), zero where missing
    observed: np.ndarray  # (n_patterns, d), 0.0 or 1.0
    pattern: np.ndarray  # (n,), row of ``observed`` that each row has
    order: np.ndarray  # (n,), the caller's position of each row; rows are sorted by pattern


def prepare(Y):
    """Sort the rows of Y, where NaN is missing, by their pattern."""
    missing = np.isnan(Y)
    packed = np.packbits(missing, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(pattern, kind="stable")
    values = np.where(missing, 0.0, Y).astype(np.float64, copy=False)[order]
    return Incomplete(values, 1.0 - missing[first], pattern[order], order)


def blocks(data, k):
    """Slices of rows, and of the patterns they hold, that keep the temporaries small."""
    n, d = data.values.shape
    step = max(1, BLOCK_FLOATS // (k * k + d))
    for a in range(0, n, step):
        b = min(a + step, n)
        yield slice(a, b), slice(data.pattern[a], data.pattern[b - 1] + 1)


def upper_pairs(k):
    """Row and column indices of the upper triangle of a k x k matrix, column by column.

    So the pairs of a k x k matrix are the first of those of a larger one.
    """
    column, row = np.tril_indices(k)
    return row, column


def unpack_symmetric(flat, k):
    """Symmetric matrices (..., k, k) from their upper triangles (..., k (k + 1) / 2)."""
    full = np.empty((*flat.shape[:-1], k, k))
    i, j = upper_pairs(k)
    full[..., i, j] = flat
    full[..., j, i] = flat
    return full


def pattern_posterior(observed, W, psi):
    """Posterior covariance (p, k, k) of each pattern and log determinant (p,) of its marginal."""
    # numba takes longer to import than a complete data set to fit, and only this needs it.
    from skgen.kernels.linear.batched_inverse import invert_all

    k = len(W)
    V = information(observed, W, psi)
    diagonal = np.arange(k)
    V[:, diagonal, diagonal] += 1.0
    log_det = invert_all(V)
    return V, observed @ np.log(psi) + log_det


def information(observed, W, psi):
    """What each pattern tells about z: sums of w_j w_j' / psi_j over its features, (p, k, k)."""
    k = len(W)
    i, j = upper_pairs(k)
    return unpack_symmetric(observed @ (W[i] * W[j] / psi).T, k)


def posterior_rows(Y, V, pattern, W, psi):
    """Posterior means (n, k) of rows whose missing entries are zero."""
    # Without repeats the rows of a block stand in the order of their patterns: no copy of V.
    own = V if len(V) == len(Y) else V[pattern]
    return np.matmul(own, (Y @ (W / psi).T)[:, :, None])[:, :, 0]


def all_but_noiseless(W, psi):
    """Whether rounding spoils precisions: relative errors grow by the cube of signal to noise."""
    return np.max(np.square(W).sum(axis=0) / psi) > MOST_SIGNAL_TO_NOISE


def posterior_by_covariances(Y, observed, own, W, psi):
    """What ``pattern_posterior`` and ``posterior_rows`` give, from the covariance of each pattern.

    Slower, by an eigendecomposition of the observed features for each pattern, and exact where the
    noise is as small as rounding.
    """
    V, log_det = np.empty((len(observed), len(W), len(W))), np.empty(len(observed))
    Z = np.empty((len(Y), len(W)))
    for p, mask in enumerate(observed.astype(bool)):
        loadings, rows = W[:, mask], own == p
        variances, axes = np.linalg.eigh(loadings.T @ loadings + np.diag(psi[mask]))
        variances = np.maximum(variances, psi.min())
        signal = loadings @ axes
        log_det[p] = np.log(variances).sum()
        Z[rows] = (Y[np.ix_(rows, mask)] @ axes / variances) @ signal.T
        left, directions = np.linalg.eigh(np.eye(len(W)) - signal / variances @ signal.T)
        # Draws take a root of it.
        V[p] = directions * np.maximum(left, np.finfo(np.float64).eps) @ directions.T
    return V, log_det, Z


def per_row(data, W, psi, compute, width):
    """Apply ``compute(Y, observed, Z, V, log_det)`` block by block, in the caller's order."""
    out = np.empty((len(data.pattern), *width))
    noiseless = all_but_noiseless(W, psi)
    for rows, patterns in blocks(data, len(W)):
        observed = data.observed[patterns]
        own = data.pattern[rows] - patterns.start
        Y = data.values[rows]
        if noiseless:
            V, log_det, Z = posterior_by_covariances(Y, observed, own, W, psi)
        else:
            V, log_det = pattern_posterior(observed, W, psi)
            Z = posterior_rows(Y, V, own, W, psi)
        out[data.order[rows]] = compute(Y, observed[own], Z, V[own], log_det[own])
    return out


def log_density(Y, W, psi):
    """Log marginal density of what each centered row observes, shape (n,)."""
    return log_density_of(prepare(Y), W, psi)


def log_density_of(data, W, psi):
    """The same of rows that ``prepare`` has sorted, in the caller's order."""

    def compute(Y, observed, Z, V, log_det):
        residual = (Y - Z @ W) * observed
        mahalanobis = np.sum(residual**2 / psi, axis=1) + np.sum(Z**2, axis=1)
        return -0.5 * (observed.sum(axis=1) * np.log(2 * np.pi) + log_det + mahalanobis)

    return per_row(data, W, psi, compute, ())


def posterior_mean(Y, W, psi):
    """Mean of z given what each centered row observes, shape (n, k)."""
    return per_row(prepare(Y), W, psi, lambda Y, observed, Z, V, log_det: Z, (len(W),))


def posterior_covariance(Y, W, psi):
    """Covariance of z given what each centered row observes, shape (n, k, k)."""
    k = len(W)
    return per_row(prepare(Y), W, psi, lambda Y, observed, Z, V, log_det: V, (k, k))


def bartlett_mean(Y, W, psi):
    """Weighted least-squares z given what each centered row observes, shape (n, k)."""

    def compute(Y, observed, Z, V, log_det):
        M = information(observed, W, psi)
        # Fewer observed features than factors leave a least-squares solution of least norm.
        return np.einsum("nkl,nl->nk", np.linalg.pinv(M, hermitian=True), Y @ (W / psi).T)

    return per_row(prepare(Y), W, psi, compute, (len(W),))


def conditional_mean(Y, W, psi):
    """Centered rows with every NaN replaced by its conditional mean."""
    return np.where(np.isnan(Y), posterior_mean(Y, W, psi) @ W, Y)


def conditional_draws(Y, n_draws, W, psi, rng):
    """Draws of the missing entries given the observed ones, shape (n_draws, n, d)."""
    n, d = Y.shape
    k = len(W)
    Z = posterior_mean(Y, W, psi)
    root = np.linalg.cholesky(posterior_covariance(Y, W, psi))
    z = Z + np.einsum("nkl,mnl->mnk", root, rng.standard_normal((n_draws, n, k)))
    draws = z @ W + np.sqrt(psi) * rng.standard_normal((n_draws, n, d))
    return np.where(np.isnan(Y), draws, Y)
