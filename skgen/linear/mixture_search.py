"""Where EM of a mixture starts, how it leaves a poor maximum, and how many clusters serve."""

from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from skgen.base.sklearn_compat import ignored
from skgen.kernels.blas_threads import one_blas_thread, openmp_after_fork
from skgen.kernels.grid import grid_of
from skgen.kernels.linear import held_out, masked_gaussian, missing_em
from skgen.kernels.linear.held_out import observed_mean
from skgen.kernels.mixtures import em
from skgen.kernels.mixtures.model import Mixture
from skgen.linear.incomplete import even_start

# What k-means is not sure of: each row gives this share to all clusters.
DOUBT = 0.05
# Steps of factor analysis from noise alone before the first responsibilities.
FIRST_STEPS = 3
CLUSTERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
COMPONENTS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32)
PRIOR_WEIGHTS = (0.0, 1.0, 3.0, 10.0, 30.0)
FIRST_WEIGHT = 3.0
NOISE_FLOORS = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1)
N_FOLDS = 3
# Held-out rows that tell models apart: with more, some folds are left out.
ENOUGH_ROWS = 5000
# Fits of the search: what is left to gain hardly changes which is best.
ROUGH = {"tol": 1e-3, "max_iter": 60}
SHORT = {"tol": 1e-3, "max_iter": 10}
# Rows that differ from the median of a column, below which its variance says little.
LEAST_VARYING = 3
# Distinct rows a cluster, and numbers in the rows a parameter, that a search tries at least.
LEAST_ROWS = 5
NUMBERS_A_PARAMETER = 2.0
# Steps on the grid of clusters, components and priors: first some, then all, then a leap.
UP = ((1, 0, 0), (0, 1, 0))
ALL = (
    *UP,
    *((-1, 0, 0), (0, -1, 0), (1, -1, 0), (-1, 1, 0), (2, 0, 0), (0, 2, 0)),
    *((0, 0, 1), (0, 0, -1), (1, 0, 1), (-1, 0, -1)),
)
# Nats a row that a step to more clusters or components has to be worth.
LEAST_GAIN = 0.005
# On curves a few clusters more may tell nothing, and many a lot.
LEAP = (4, 0, 0)
STEPS_UNTIL_NONE_HELPS = (UP, ALL, (*ALL, LEAP))
# Latent dimensions with which holes are filled before k-means.
FILLING = 8
MOST_PROPOSALS = 5
WORST = -np.inf, None


class Rows(NamedTuple):
    """Rows in units of their columns, prepared for EM."""

    Y: np.ndarray  # (n, d), NaN where missing
    weight: np.ndarray  # (n,)
    prepared: object  # Y itself, or masked_gaussian.Incomplete
    filled: np.ndarray  # (n, d) for k-means
    covariance: np.ndarray  # (d, d), that a cluster is expected to have
    unit: np.ndarray  # (d,), variances of which the noise is a fraction at least

    def among(self, labels):
        """The same, where a cluster is expected to have the covariance within these."""
        R = np.eye(labels.max() + 1)[labels] * self.weight[:, None]
        moments = em.weighted_moments(self.filled, R)
        within = np.tensordot(moments.weight / self.weight.sum(), moments.covariance, axes=1)
        return self._replace(covariance=within)

    def bound(self, rule, m):
        """The rule for m clusters of these rows."""
        return rule.among(m, self.covariance, self.unit)

    def fit(self, mixture, rule, **how):
        """EM from ``mixture``."""
        rule = self.bound(rule, len(mixture.weights))
        return em.fit(self.prepared, self.weight, mixture, rule, **how)


def distinct(X, weight):
    """The distinct rows of X in an order that their values decide, and the weight of each.

    So neither the order of rows nor repeats in place of a weight change what is drawn of them.
    """
    weight = np.ones(len(X)) if weight is None else weight
    order = np.argsort(X[:, -1], kind="stable")
    if not np.all(np.diff(X[order, -1]) > 0):
        order = np.lexsort(X.T)
    X, weight = X[order], weight[order]
    same = (X[1:] == X[:-1]) | (np.isnan(X[1:]) & np.isnan(X[:-1]))
    first = np.flatnonzero(np.concatenate([[True], ~same.all(axis=1)]))
    return X[first], np.add.reduceat(weight, first)


def with_rare_columns(rows):
    """The scaled ``rows``, where the scale of columns that hardly vary is that of the others.

    Or how far they went, where that is more: what one or two rows say of a variance is no bound of
    what a new row will bring.
    """
    seen = ~np.isnan(rows.Y)
    # Of a column that hardly varies, most of any five values are the median.
    few = rows.Y[:5] if seen.all() else np.where(seen.any(axis=0), rows.Y, 0.0)
    middle = np.nanmedian(few, axis=0)
    gap = np.where(seen, np.abs(rows.Y - middle), 0.0)
    rare = np.sum(gap > 0, axis=0) < LEAST_VARYING
    if not rare.any() or rare.all():
        return rows
    wide = np.maximum(gap.max(axis=0) * rows.scale, np.median(rows.scale[~rare]))
    scale = np.where(rare, wide, rows.scale)
    return rows._replace(Y=rows.Y * (rows.scale / scale), scale=scale)


def rounding_variance(X):
    """Variance (d,) that rounding to the step of each column brings: step^2 / 12 (Sheppard 1898).

    It is 0 where values lie on no grid, or are all the same.
    """
    digits, found = np.finfo(X.dtype).eps, np.zeros(X.shape[1])
    for j in np.flatnonzero(_varying(X)):
        grid = grid_of(X[~np.isnan(X[:, j]), j], digits)
        found[j] = 0.0 if grid is None else grid[1] ** 2 / 12
    return found


def prepared(Y, weight, unit):
    """Rows for EM; those with NaN are sorted by what they observe."""
    if not np.isnan(Y).any():
        moments = em.weighted_moments(Y, weight[:, None])
        return Rows(Y, weight, Y, Y, moments.covariance[0], unit)
    data = masked_gaussian.prepare(Y)
    Y, weight = Y[data.order], weight[data.order]
    data = data._replace(order=np.arange(len(Y)))
    center = np.nan_to_num(observed_mean(Y, weight))
    C = missing_em.pairwise_covariance(Y - center, weight)
    k, filled = min(FILLING, Y.shape[1] - 1), np.where(np.isnan(Y), center, Y)
    if k:
        W, psi, _ = even_start(C, k, lambda values, total: 1e-3)
        filled = center + masked_gaussian.conditional_mean(Y - center, W, psi)
    return Rows(Y, weight, data, filled, C, unit)


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
    """The mixture after an M-step with responsibilities ``R`` (n, m), softened."""
    m, d = R.shape[1], rows.Y.shape[1]
    R = ((1 - DOUBT) * R + DOUBT / m) * rows.weight[:, None]
    moments = em.weighted_moments(rows.filled, R)
    rule = rows.bound(rule, m)
    noise = np.maximum(np.diagonal(moments.covariance, axis1=1, axis2=2), rule.floor)
    start = Mixture(np.full(m, 1 / m), moments.mean, np.zeros((m, k, d)), noise)
    return em.from_moments(moments, start, rule, FIRST_STEPS)


def best_start(rows, m, k, rule, n_init, seeds):
    """Of ``n_init`` starts by k-means the one that is best after a few iterations.

    Returned with the rows, where a cluster is expected to be as in the first of k-means.
    """
    starts = []
    for _ in range(n_init if m > 1 else 1):
        labels = k_means(rows.filled, rows.weight, m, seeds)
        rows = rows if starts else rows.among(labels)
        starts.append(from_responsibilities(rows, np.eye(m)[labels], k, rule))
    if len(starts) == 1:
        return rows, starts[0]
    found = [rows.fit(start, rule, **SHORT) for start in starts]
    return rows, max(found, key=lambda fit: fit.objective[-1]).mixture


def split_and_merge(rows, found, rule, seeds, ascend, tol):
    """Leave a local maximum: merge two clusters alike, split another, and go on (Ueda et al. 2000).

    ``ascend(start)`` is the fit from a start. Ends where no proposal is better than what was found.
    """
    improved = len(found.mixture.weights) > 2
    while improved:
        improved = False
        R, log_density = em.expectation(rows.prepared, found.mixture, rule)
        for a, b, split in _proposals(rows, R, log_density):
            labels = R.copy()
            labels[:, a] += labels[:, b]
            labels[:, split], labels[:, b] = _halves(rows, labels[:, split], seeds)
            start = from_responsibilities(rows, labels, found.mixture.loadings.shape[1], rule)
            other = ascend(start)
            if other.objective[-1] > found.objective[-1] + tol:
                found, improved = other, True
                break
    return found


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


class Search:
    """Held-out likelihood of numbers of clusters, of components, and weights of the prior."""

    def __init__(self, rows, rule, floors, seed):
        Y, weight = rows.Y, rows.weight
        labels = held_out.fold_of_rows(Y, held_out.fold_basis(Y, weight), N_FOLDS)
        self.folds = []
        for train, test in held_out.row_splits(labels):
            if sum(len(test.Y) for _, test in self.folds) >= ENOUGH_ROWS:
                break
            columns = _varying(Y[train])
            if train.sum() > 1 and columns.any():
                halves = ((Y[part][:, columns], weight[part]) for part in (train, test))
                pair = (prepared(*half, rows.unit[columns]) for half in halves)
                self.folds.append(tuple(pair))
        self.shape = np.min([train.Y.shape for train, _ in self.folds] or [(1, 1)], axis=0)
        self.rule, self.floors, self.seed = rule, floors, seed
        # Training rows and responsibilities for them, by fold and number of clusters.
        self.known = {}

    def score(self, m, k, prior_weight):
        """Mean log-density of held-out rows in nats, and the floor of the noise that serves it."""
        rule = self.rule._replace(prior_weight=prior_weight, floor=self.floors[0])
        mixtures = [self._fitted(fold, m, k, rule) for fold in range(len(self.folds))]
        least = min((mixture.noise.min() for mixture in mixtures), default=np.inf)
        best = self._held_out(mixtures, rule), rule.floor
        for floor in self.floors[1:]:
            # One below all variances changes nothing.
            if floor > least:
                found = self._held_out(mixtures, rule._replace(floor=floor)), floor
                best = max(best, found, key=lambda pair: pair[0])
        return best

    def _held_out(self, mixtures, rule):
        totals = [0.0]
        for (_, test), mixture in zip(self.folds, mixtures):
            floor = test.bound(rule, len(mixture.weights)).floor
            mixture = mixture._replace(noise=np.maximum(mixture.noise, floor))
            totals.append(test.weight @ em.expectation(test.prepared, mixture, rule)[1])
        return sum(totals) / max(sum(test.weight.sum() for _, test in self.folds), 1.0)

    def _fitted(self, fold, m, k, rule):
        train, _ = self.folds[fold]
        k = min(k, train.Y.shape[1])
        if (fold, m) in self.known:
            train, R = self.known[fold, m]
            # What another number of components made of the rows saves most of the iterations.
            start = from_responsibilities(train, R, k, rule)
        else:
            seeds = np.random.RandomState(self.seed)
            train, start = best_start(train, m, k, rule, 1, seeds)
        mixture = train.fit(start, rule, **ROUGH).mixture
        R, _ = em.expectation(train.prepared, mixture, rule)
        self.known[fold, m] = train, R
        return mixture


def _varying(Y):
    """Columns (d,) of which the rows know more than one value."""
    low, high = np.where(np.isnan(Y), np.inf, Y), np.where(np.isnan(Y), -np.inf, Y)
    return low.min(axis=0) < high.max(axis=0)


def choice(rows, n_clusters, n_components, prior_weight, noise_floor, rule, seed):
    """Numbers of clusters and of components, prior and noise floor, by held-out likelihood.

    A hill is climbed on a grid of what is "auto"; what is given stays.
    """
    given = n_clusters, n_components, 0.0 if n_clusters == 1 else prior_weight
    floors = _grid(NOISE_FLOORS, noise_floor, np.inf)
    if "auto" not in given:
        return *given, floors[0]
    search = Search(rows, rule, floors, seed)
    n, d = search.shape
    grid = (
        _grid(CLUSTERS, n_clusters, max(1, n // LEAST_ROWS)),
        _grid(COMPONENTS, n_components, max(0, min(d, n) - 1)),
        _grid(PRIOR_WEIGHTS, given[2], np.inf),
    )
    at = (0, 0, grid[2].index(FIRST_WEIGHT) if FIRST_WEIGHT in grid[2] else 0)
    known = {}

    def score(place):
        if place in known or not all(0 <= i < len(own) for i, own in zip(place, grid)):
            return known.get(place, WORST)[0]
        m, k, weight = (own[i] for i, own in zip(place, grid))
        affordable = m * (k + 2) * NUMBERS_A_PARAMETER <= n or place[:2] == (0, 0)
        mean, floor = search.score(m, k, weight) if affordable else WORST
        known[place] = mean - LEAST_GAIN * sum(place[:2]), floor
        return known[place][0]

    for steps in STEPS_UNTIL_NONE_HELPS:
        at = _climbed(at, steps, score)
    return *(own[i] for i, own in zip(at, grid)), known[at][1]


def _climbed(at, steps, score):
    """Where no step leads higher."""
    while True:
        near = [tuple(np.add(at, step).tolist()) for step in steps]
        best = max(near, key=score)
        if score(best) <= score(at):
            return at
        at = best


def _grid(values, given, most):
    if given != "auto":
        return (given,)
    return tuple(value for value in values if value <= most)
