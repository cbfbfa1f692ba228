"""Loadings and noise of factor analyzers from the covariances that their rows have."""

import numpy as np

from skgen.kernels.linear import ppca
from skgen.kernels.mixtures.moments import LARGE, SMALL

POWER_STEPS = 4


def best_loadings(S, W, psi):
    """Loadings (m, k, d) of the highest likelihood for ``Covariances`` S and noise psi (m, d).

    Of many features they are the best in the space to which one power step leads from W. Returned
    with ``(W / psi) S``.
    """
    k, d = W.shape[1:]
    root = np.sqrt(psi)[:, None]
    if not k:
        return W, W
    if S.matrices is not None and (d <= SMALL or (d <= LARGE and not W.any())):
        values, axes = top_eigenpairs(S.matrices / (root * root.transpose(0, 2, 1)), k)
        products = S.times(axes / root)
    else:
        values, axes, products = _ritz_pairs(S, W / root if W.any() else _power_start(S, W), root)
    scales = np.sqrt(np.maximum(values - 1, 0.0))[:, :, None]
    return scales * axes * root, scales * products


def _power_start(S, W):
    """Rows (m, k, d) near the leading eigenvectors, by power steps from random ones."""
    B = np.random.default_rng(0).standard_normal(W.shape[1:]) + np.zeros(W.shape)
    for _ in range(POWER_STEPS):
        B = _orthonormal(S.times(B))
    return B


def _orthonormal(B):
    """Orthonormal rows that span the rows B (m, k, d)."""
    return np.linalg.qr(B.transpose(0, 2, 1))[0].transpose(0, 2, 1)


def top_eigenpairs(C, k):
    """The k largest eigenvalues (m, k) and eigenvectors (m, k, d) of each symmetric matrix."""
    values, V = np.linalg.eigh(C)
    return values[:, ::-1][:, :k], V[:, :, ::-1][:, :, :k].transpose(0, 2, 1)


def _ritz_pairs(S, start, root):
    """Pairs that approach those of C = S / (root' root) from rows: no value is below theirs.

    The third are the vectors divided by the root, times S.
    """
    Q = _orthonormal(S.times(start / root) / root)
    products = S.times(Q / root)
    values, V = top_eigenpairs((products / root) @ Q.transpose(0, 2, 1), start.shape[1])
    return values, V @ Q, V @ products


def isotropic_factors(S, k, floor):
    """The maximum where each cluster has one noise variance: probabilistic PCA of each."""
    m, d = S.shape[:2]
    W, psi = np.zeros((m, k, d)), np.empty((m, d))
    values, axes = top_eigenpairs(S, k)
    values = np.maximum(values, 0.0)
    for c in range(m):
        psi[c], scales = ppca.closed_form(values[c], np.trace(S[c]), d, floor)
        W[c] = scales[:, None] * axes[c]
    return W, psi


def factor_step(S, W, psi):
    """Best loadings, a step of EM (Rubin & Thayer 1982) from them, and the variance they leave."""
    W, PS = best_loadings(S, W, psi)
    if not W.shape[1]:
        return W, S.variances
    P = W / psi[:, None, :]
    V = np.linalg.inv(np.eye(W.shape[1]) + P @ W.transpose(0, 2, 1))
    B, BS = V @ P, V @ PS
    W = np.linalg.solve(V + B @ BS.transpose(0, 2, 1), BS)
    return W, S.variances - np.sum(W * BS, axis=1)
