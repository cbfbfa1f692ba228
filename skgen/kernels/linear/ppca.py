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


def least_noise(values, total, d, ratio, rounding):
    """Lower bound of the noise variance: what rounding leaves of it, or a fraction of the mean.

    ``values`` are the leading eigenvalues, ``ratio`` the fraction or None, ``rounding`` the mean
    square of the rounding of the data. Data that are zero throughout have the unit one.
    """
    largest = max(float(values[0]), 0.0) if len(values) else 0.0
    floor = max(d * np.finfo(float).eps * largest, rounding, (ratio or 0.0) * total / d)
    return floor if floor > 0 else 1.0


def dimension_for_fraction(eigenvalues, fraction):
    """Fewest leading eigenvalues whose sum exceeds ``fraction`` of the total."""
    explained = np.cumsum(eigenvalues) / max(eigenvalues.sum(), np.finfo(float).tiny)
    # A sum that only rounding tells from the fraction does not exceed it.
    bound = fraction + len(eigenvalues) * np.finfo(float).eps
    return min(int(np.searchsorted(explained, bound, side="right")) + 1, len(eigenvalues))


def log_evidence(eigenvalues, n):
    """Laplace approximation of the log evidence for k = 1, 2, ..., below d.

    The last k is the rank where some directions have no variance, though there are rows enough
    to show it; else the rank less one. Minka (2000), eq. 77-80. The products over pairs of
    eigenvalues are prefix sums, so that all dimensions together cost O(d^2).
    """
    d = len(eigenvalues)
    rounding = eigenvalues[0] * d * np.finfo(float).eps
    rank = int(np.sum(eigenvalues > rounding))
    # n rows span n - 1 directions at most; that rank is theirs, not the distribution's.
    deficient = rank < min(d, n - 1)
    ks = np.arange(1, rank + 1 if deficient else rank)
    lam = eigenvalues[:rank]
    tail = np.maximum(lam.sum() - np.cumsum(lam), 0.0)[: len(ks)]
    v = np.maximum(tail / (d - ks), rounding / d)

    log_prior = -np.log(2) + gammaln((d - ks + 1) / 2) - np.log(np.pi) * (d - ks + 1) / 2
    m = d * ks - ks * (ks + 1) / 2
    log_lam = np.cumsum(np.log(lam))[: len(ks)]
    evidence = np.cumsum(log_prior) - n / 2 * (log_lam + (d - ks) * np.log(v))
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
    largest = eigenvalues[0]
    evidence = log_evidence(eigenvalues / largest, n) if largest > 0 else np.empty(0)
    return 1 + int(np.argmax(evidence)) if len(evidence) else 1
