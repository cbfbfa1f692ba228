"""Where EM of a mixture starts, how it leaves a poor maximum, and how many clusters serve."""

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans

from skgen.kernels.linear import held_out, masked_gaussian, missing_em
from skgen.kernels.mixtures import em
from skgen.kernels.mixtures.model import Mixture, n_rows, responsibilities
from skgen.linear.incomplete import even_start

# What k-means is not sure of: each row gives this share to all clusters.
DOUBT = 0.05
CLUSTERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
COMPONENTS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
# Fits of the search: half of what is left to gain does not change which is best.
ROUGH = {"tol": 2e-4, "max_iter": 120}
# Parameters of a fit that rows of a fold are enough for: this many numbers each.
NUMBERS_A_PARAMETER = 2.0
# Latent dimensions with which holes are filled before k-means.
FILLING = 8
MOST_PROPOSALS = 5


class Rows(NamedTuple):
    """Scaled rows in an order that their values decide, prepared for EM."""

    Y: np.ndarray  # (n, d), NaN where missing
    weight: np.ndarray  # (n,)
    prepared: object  # Y itself, or masked_gaussian.Incomplete
    filled: np.ndarray  # (n, d) for k-means


def prepared(Y, weight):
    """Rows of Y in the order of their values, so that the caller's order changes nothing."""
    order = np.lexsort(Y.T)
    Y, weight = Y[order], weight[order]
    if not np.isnan(Y).any():
        return Rows(Y, weight, Y, Y)
    data = masked_gaussian.prepare(Y)
    Y, weight = Y[data.order], weight[data.order]
    data = data._replace(order=np.arange(len(Y)))
    C = missing_em.pairwise_covariance(Y, weight)
    W, psi, _ = even_start(C, min(FILLING, Y.shape[1] - 1), lambda values, total: 1e-3)
    filled = masked_gaussian.conditional_mean(Y, W, psi) if len(W) else np.nan_to_num(Y)
    return Rows(Y, weight, data, filled)


def from_labels(rows, labels, m, k, rule):
    """The mixture of m clusters after an M-step with these labels, or responsibilities (n, m)."""
    R = np.eye(m)[labels] if np.ndim(labels) == 1 else labels
    R = (1 - DOUBT) * R + DOUBT / m
    d = rows.Y.shape[1]
    empty = Mixture(
        np.full(m, 1 / m), np.zeros((m, d)), np.zeros((m, k, d)), np.full((m, d), 1.0)
    )
    weighted = R * rows.weight[:, None]
    # Loadings of zero would stay so: the first step is that of complete rows with noise of their own.
    first = rule._replace(shared=False)
    moments = [em.weighted_moments(rows.filled, w) for w in weighted.T]
    return em.from_moments(moments, empty, first)


def best_start(rows, m, k, rule, n_init, seeds):
    """Of ``n_init`` starts by k-means the one that is best after a few iterations."""
    best = None
    for seed in seeds.randint(2**31 - 1, size=n_init if m > 1 else 1):
        labels = np.zeros(len(rows.Y), dtype=int)
        if m > 1:
            means = KMeans(m, n_init=1, random_state=seed)
            labels = means.fit(rows.filled, sample_weight=rows.weight).labels_
        start = from_labels(rows, labels, m, k, rule)
        short = {"tol": 1e-3, "max_iter": 10 if n_init > 1 else 1}
        mixture, trace, _ = em.fit(rows.prepared, rows.weight, start, rule, **short)
        if best is None or trace[-1] > best[1]:
            best = mixture, trace[-1]
    return best[0]


def split_and_merge(rows, mixture, rule, seeds, *, tol, max_iter, report):
    """Leave a local maximum: merge two clusters alike, split one that fits badly, and go on.

    Kept where the likelihood has risen, and tried anew until no proposal does (Ueda et al. 2000).
    Yields mixture, trace and gain of each fit that was better.
    """
    R, log_density = responsibilities(rows.prepared, mixture)
    best = np.average(log_density, weights=rows.weight)
    m, k = len(mixture.weights), mixture.loadings.shape[1]
    improved = m > 2
    while improved:
        improved = False
        for a, b, split in _proposals(rows, mixture, R):
            labels = R.copy()
            labels[:, a] += labels[:, b]
            labels[:, b] = 0.0
            labels[:, split], labels[:, b] = _halves(rows, labels[:, split], seeds)
            start = from_labels(rows, labels, m, k, rule)
            how = {"tol": tol, "max_iter": max_iter, "report": report}
            found, trace, gain = em.fit(rows.prepared, rows.weight, start, rule, **how)
            if trace[-1] > best + tol:
                mixture, best, improved = found, trace[-1], True
                yield found, trace, gain
                R, _ = responsibilities(rows.prepared, mixture)
                break


def _proposals(rows, mixture, R):
    """Pairs of clusters that share rows, each with the cluster that fits its own rows worst."""
    weighted = R * rows.weight[:, None]
    norms = np.sqrt((R * weighted).sum(axis=0)) + 1e-300
    alike = (R.T @ weighted) / np.outer(norms, norms)
    first, second = np.triu_indices(len(alike), 1)
    pairs = np.argsort(-alike[first, second], kind="stable")
    # Nats a row that its cluster lacks to a normal density around the row's own neighborhood.
    _, log_density = responsibilities(rows.prepared, mixture)
    share = weighted / np.maximum(weighted.sum(axis=0), 1e-300)
    misfit = -(share * log_density[:, None]).sum(axis=0)
    worst = np.argsort(-misfit, kind="stable")
    proposals = []
    for pair in pairs[:MOST_PROPOSALS]:
        a, b = first[pair], second[pair]
        others = [c for c in worst if c not in (a, b)]
        proposals += [(a, b, c) for c in others[:2]]
    return proposals[:MOST_PROPOSALS]


def _halves(rows, share, seeds):
    """Responsibilities of a cluster, split in two by k-means."""
    members = share * rows.weight
    means = KMeans(2, n_init=1, random_state=seeds.randint(2**31 - 1))
    left = means.fit(rows.filled, sample_weight=members).labels_ == 0
    return share * left, share * ~left


def chosen_sizes(rows, n_clusters, n_components, rule, seed):
    """Numbers of clusters and of components by the likelihood of held-out rows.

    Where both are "auto" a hill is climbed on a grid of both; what is given stays.
    """
    d = rows.Y.shape[1]
    labels = held_out.fold_of_rows(rows.Y, held_out.fold_basis(rows.Y, rows.weight), 5)
    folds = [
        (prepared(rows.Y[train], rows.weight[train]), prepared(rows.Y[test], rows.weight[test]))
        for train, test in held_out.row_splits(labels)
        if train.sum() > 1
    ]
    n = min((len(train.Y) for train, _ in folds), default=1)
    clusters = _grid(CLUSTERS, n_clusters, max(1, n // 5))
    components = _grid(COMPONENTS, n_components, max(0, d - 1))
    known = {}

    def score(i, j):
        if not (0 <= i < len(clusters) and 0 <= j < len(components)):
            return -np.inf
        m, k = clusters[i], components[j]
        if (i, j) != (0, 0) and m * (k + 2) * d > n * d / NUMBERS_A_PARAMETER:
            return -np.inf
        if (i, j) not in known:
            fits = partial(_held_out, m=m, k=k, rule=rule, seed=seed)
            known[i, j] = np.mean([fits(*fold) for fold in folds]) if folds else 0.0
        return known[i, j]

    at = 0, min(1, len(components) - 1)
    if score(*at) == -np.inf:
        at = 0, 0
    while True:
        i, j = at
        near = [(i + 1, j), (i, j + 1), (i + 1, j - 1), (i - 1, j + 1), (i - 1, j), (i, j - 1)]
        best = max(near, key=lambda place: score(*place))
        if score(*best) <= score(*at):
            # A step over a dip.
            best = max([(i + 2, j), (i, j + 2)], key=lambda place: score(*place))
            if score(*best) <= score(*at):
                return clusters[i], components[j]
        at = best


def _grid(values, given, most):
    if given != "auto":
        return (given,)
    return tuple(value for value in values if value <= most)


def _held_out(train, test, *, m, k, rule, seed):
    """Mean log-density of the test rows under a rough fit to the others."""
    start = best_start(train, m, k, rule, 1, np.random.RandomState(seed))
    mixture, _, _ = em.fit(train.prepared, train.weight, start, rule, **ROUGH)
    _, log_density = responsibilities(test.prepared, mixture)
    return np.average(log_density, weights=test.weight) if n_rows(test.prepared) else 0.0
