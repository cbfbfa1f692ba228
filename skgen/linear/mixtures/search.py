"""How many clusters and factors serve held-out rows, and how much prior and noise."""

import numpy as np

from skgen.kernels.linear import held_out
from skgen.kernels.mixtures import em
from skgen.linear.mixtures.rows import prepared, varying
from skgen.linear.mixtures.starts import best_start, from_responsibilities

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
WORST = -np.inf, None


class Search:
    """Held-out likelihood of numbers of clusters, of components, and weights of the prior."""

    def __init__(self, rows, rule, floors, seed):
        Y, weight = rows.Y, rows.weight
        labels = held_out.fold_of_rows(Y, held_out.fold_basis(Y, weight), N_FOLDS)
        self.folds = []
        for train, test in held_out.row_splits(labels):
            if sum(len(test.Y) for _, test in self.folds) >= ENOUGH_ROWS:
                break
            columns = varying(Y[train])
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
            floor = test.bound(rule).floor
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
