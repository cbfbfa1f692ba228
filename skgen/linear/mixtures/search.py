"""How many clusters and factors serve held-out rows, and how much prior and noise."""

import numpy as np

from skgen.kernels.linear import held_out
from skgen.kernels.mixtures import em
from skgen.linear.mixtures.rows import prepared, varying
from skgen.linear.mixtures.starts import best_start, from_responsibilities

CLUSTERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
COMPONENTS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
PRIOR_WEIGHTS = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0)
FIRST_WEIGHT = 30.0
NOISE_FLOORS = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1)
N_FOLDS = 3
# Held-out rows, or numbers in them, that tell models apart: with more, some folds are left out.
ENOUGH_ROWS, ENOUGH_NUMBERS = 5000, 200_000
# Fits of the search: what is left to gain hardly changes which is best.
ROUGH = {"tol": 3e-4, "max_iter": 60}
# Distinct rows a cluster, and numbers in the rows a parameter, that a search tries at least.
LEAST_ROWS = 5
NUMBERS_A_PARAMETER = 0.5
# Places on the grid of clusters, components and priors that a step leads on: far ones first.
FAR_TO_NEAR = (4, 2, 1)
SIZES = ((1, 1, 0), (1, 0, 0), (0, 1, 0))
LAST = (*SIZES, (1, -1, 0), (0, 0, 1), (1, 0, 1), (0, 1, 1))
# Nats a row that a step to more clusters or components has to be worth.
LEAST_GAIN = 0.005
# Multiplications after which a search goes no farther: about half a minute.
MOST_WORK = 2.5e11
WORST = -np.inf, None


class Search:
    """Held-out likelihood of numbers of clusters, of components, and weights of the prior."""

    def __init__(self, rows, rule, floors, seed):
        Y, weight = rows.Y, rows.weight
        labels = held_out.fold_of_rows(Y, held_out.fold_basis(Y, weight), N_FOLDS)
        self.folds = []
        for train, test in held_out.row_splits(labels):
            told = sum(len(test.Y) for _, test in self.folds)
            if told >= min(ENOUGH_ROWS, ENOUGH_NUMBERS // Y.shape[1]):
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
        self.work = 0.0

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
        found = train.fit(start, rule, **ROUGH)
        mixture, (n, d) = found.mixture, train.Y.shape
        self.work += len(found.log_density) * m * (k + 2) * d * (n + 3 * d)
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
        if place in known:
            return known[place][0]
        m, k, weight = (own[i] for i, own in zip(place, grid))
        few = m * (k + 2) * NUMBERS_A_PARAMETER <= n and search.work < MOST_WORK
        affordable = few or place[:2] == (0, 0)
        mean, floor = search.score(m, k, weight) if affordable else WORST
        known[place] = mean - LEAST_GAIN * sum(place[:2]), floor
        return known[place][0]

    ends = [len(own) - 1 for own in grid]
    for step in FAR_TO_NEAR:
        directions = SIZES if step > 1 else LAST
        at = _climbed(at, np.multiply(directions, step), ends, score)
    return *(own[i] for i, own in zip(at, grid)), known[at][1]


def _climbed(at, steps, ends, score):
    """Where none of the steps, forth and back, leads higher: each is repeated while it does."""
    moved = True
    while moved:
        moved = False
        for step in (*steps, *-steps):
            while score(near := tuple(np.clip(at + step, 0, ends).tolist())) > score(at):
                at, moved = near, True
    return at


def _grid(values, given, most):
    if given != "auto":
        return (given,)
    return tuple(value for value in values if value <= most)
