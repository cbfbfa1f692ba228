"""Where EM of a mixture starts, and how it leaves a poor maximum."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from skgen.base.sklearn_compat import ignored
from skgen.kernels.blas_threads import one_blas_thread, openmp_after_fork
from skgen.kernels.mixtures import em
from skgen.kernels.mixtures.model import Mixture

# What k-means is not sure of: each row gives this share to all clusters.
DOUBT = 0.05
# Steps of factor analysis from noise alone before the first responsibilities.
FIRST_STEPS = 3
# Fits that tell which start is best.
SHORT = {"tol": 1e-3, "max_iter": 10}
MOST_PROPOSALS = 5


def k_means(Y, weight, m, seeds):
    """Cluster of each row, of at most m clusters."""
    if m == 1:
        return np.zeros(len(Y), dtype=np.intp)
    means = KMeans(m, n_init=1, random_state=seeds.randint(2**31 - 1))
    # Rows that differ only in what they miss may be filled alike, and then be too few. KMeans sets
    # the threads of BLAS, and would put back what it found.
    with ignored(ConvergenceWarning), one_blas_thread(), openmp_after_fork():
        return means.fit(Y, sample_weight=weight).labels_


def from_responsibilities(rows, R, k, rule):
    """The mixture after an M-step with responsibilities ``R`` (n, m)."""
    m, d = R.shape[1], rows.Y.shape[1]
    bound = rows.bound(rule)
    noise = np.maximum(rows.expected.scale**2, bound.floor)
    start = Mixture(np.full(m, 1 / m), np.zeros((m, d)), np.zeros((m, k, d)), noise)
    return em.maximization(rows.filled, R * rows.weight[:, None], start, bound, FIRST_STEPS)


def from_labels(rows, labels, m, k, rule):
    """The rows, where clusters are expected to be as those with each label, and a start there."""
    rows = rows.among(labels, m, rule.isotropic)
    doubt = DOUBT * rows.weight.sum() / m
    rule = rule._replace(prior_weight=max(rule.prior_weight, doubt))
    return rows, from_responsibilities(rows, np.eye(m)[labels], k, rule)


def best_start(rows, m, k, rule, n_init, seeds):
    """Of ``n_init`` starts by k-means the one that is best after a few iterations.

    Returned after the rows, where clusters are expected to be as those of k-means.
    """
    starts = []
    for _ in range(n_init if m > 1 else 1):
        labels = k_means(rows.filled, rows.weight, m, seeds)
        starts.append(from_labels(rows, labels, m, k, rule))
    if len(starts) == 1:
        return starts[0]
    found = [rows.fit(start, rule, **SHORT) for rows, start in starts]
    best = max(range(len(found)), key=lambda i: found[i].objective[-1])
    return starts[best][0], found[best].mixture


def fit_from(start, rule, **how):
    """EM of rows from a mixture, the pair that is the start."""
    rows, mixture = start
    return rows.fit(mixture, rule, **how)


def split_and_merge(rows, found, rule, seeds, ascend, tol):
    """Leave a local maximum: merge two clusters alike, split another, and go on (Ueda et al. 2000).

    ``ascend((rows, start))`` is the fit from a start. Ends where no proposal is better than what
    was found, and returns it after its rows.
    """
    m, k = found.mixture.loadings.shape[:2]
    improved = m > 2
    while improved:
        improved = False
        R, log_density = em.expectation(rows.prepared, found.mixture, rule)
        for a, b, split in _proposals(rows, R, log_density):
            shares = R.copy()
            shares[:, a] += shares[:, b]
            shares[:, split], shares[:, b] = _halves(rows, shares[:, split], seeds)
            labels = np.argmax(shares, axis=1)
            start = from_labels(rows, labels, m, k, rule)
            other = ascend(start)
            if other.objective[-1] > found.objective[-1] + tol * rows.Y.shape[1]:
                rows, found, improved = start[0], other, True
                break
    return rows, found


def _proposals(rows, R, log_density):
    """Pairs of clusters that share rows, each with a cluster whose rows have a low density."""
    weighted = R * rows.weight[:, None]
    tiny = np.finfo(float).tiny
    norms = np.sqrt((R * weighted).sum(axis=0)) + tiny
    alike = (R.T @ weighted) / np.outer(norms, norms)
    first, second = np.triu_indices(len(alike), 1)
    pairs = np.argsort(-alike[first, second], kind="stable")[:MOST_PROPOSALS]
    mean_density = log_density @ weighted / np.maximum(weighted.sum(axis=0), tiny)
    lowest = np.argsort(mean_density, kind="stable")
    proposals = []
    for a, b in zip(first[pairs], second[pairs]):
        proposals += [(a, b, c) for c in lowest if c not in (a, b)][:2]
    return proposals[:MOST_PROPOSALS]


def _halves(rows, share, seeds):
    """Responsibilities for a cluster, split in two by k-means."""
    left = k_means(rows.filled, share * rows.weight, min(2, len(rows.Y)), seeds) == 0
    return share * left, share * ~left
