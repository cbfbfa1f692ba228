"""Probabilistic PCA from a spectrum: the closed form, and the choice of its dimension."""

import numpy as np
from scipy.special import gammaln


def closed_form(eigenvalues, total, d, floor):
    """Noise variance and scales of the k loadings at the maximum of the likelihood.

    ``eigenvalues`` are the k largest of the covariance (divided by n), ``total`` is its trace.
    The noise variance is the mean of the d - k others (Tipping & Bishop 1999, eq. 15).
    """
    k = len(eigenvalues)
    rest = max(total - eigenvalues.sum(), 0.0)
    sigma2 = max(rest / (d - k) if k < d else 0.0, floor)
    return sigma2, np.sqrt(np.maximum(eigenvalues - sigma2, 0.0))


def dimension_for_fraction(eigenvalues, fraction):
    """Fewest leading eigenvalues whose sum exceeds ``fraction`` of the total."""
    explained = np.cumsum(eigenvalues) / max(eigenvalues.sum(), np.finfo(float).tiny)
    return min(int(np.searchsorted(explained, fraction, side="right")) + 1, len(eigenvalues))


def log_evidence(eigenvalues, n):
    """Laplace approximation of the log evidence for k = 1 .. rank - 1, shape (rank - 1,).

    Minka (2000), eq. 77-80. The products over pairs of eigenvalues are prefix sums, so that all
    dimensions together cost O(d^2).
    """
    d = len(eigenvalues)
    rank = int(np.sum(eigenvalues > eigenvalues[0] * d * np.finfo(float).eps))
    ks = np.arange(1, rank)
    lam = eigenvalues[:rank]
    tail = np.maximum(lam.sum() - np.cumsum(lam)[:-1], np.finfo(float).tiny)
    v = tail / (d - ks)

    i = np.arange(1, rank)
    log_prior = -np.log(2) + gammaln((d - i + 1) / 2) - np.log(np.pi) * (d - i + 1) / 2
    m = d * ks - ks * (ks + 1) / 2
    evidence = np.cumsum(log_prior) - n / 2 * (np.cumsum(np.log(lam))[:-1] + (d - ks) * np.log(v))
    evidence += (m + ks) / 2 * np.log(2 * np.pi) - ks / 2 * np.log(n)
    return evidence - 0.5 * (_log_hessian(eigenvalues, lam, v, ks) + m * np.log(n))


def _log_hessian(eigenvalues, lam, v, ks):
    """Log determinant of the Hessian over the rotations, without the factors n."""
    tiny = np.finfo(float).tiny
    # gap[i, j] = lam_i - lam_j for j > i, over all d eigenvalues; equal ones count as touching.
    gap = np.maximum(lam[:, None] - eigenvalues[None, :], lam[0] * np.finfo(float).eps)
    upper = np.triu(np.log(gap), 1)
    inner = np.triu(np.log(gap[:, : len(lam)] / np.outer(lam, lam)), 1)
    inner_sum = np.cumsum(inner.sum(axis=0))[ks - 1]
    gap_sum = np.cumsum(upper.sum(axis=1))[ks - 1]
    outer = [np.log(np.maximum(1 / v[k - 1] - 1 / lam[:k], tiny)).sum() for k in ks]
    d = len(eigenvalues)
    return inner_sum + gap_sum + (d - ks) * np.array(outer)


def minka_dimension(eigenvalues, n):
    """Dimension of the largest approximate evidence; 1 when there is no choice."""
    if np.sum(eigenvalues > eigenvalues[0] * len(eigenvalues) * np.finfo(float).eps) < 2:
        return 1
    return 1 + int(np.argmax(log_evidence(eigenvalues, n)))
