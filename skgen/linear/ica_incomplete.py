"""Rows with missing values completed for a fit of independent component analysis.

Stochastic EM (Celeux & Diebolt 1985): what is missing is drawn given what is observed, under the
model that was fitted to the rows as they were completed last. The first rounds take a Gaussian.
"""

from typing import NamedTuple

import numpy as np

from skgen.kernels.ica import rows as ica_rows
from skgen.kernels.ica import source_density
from skgen.kernels.ica.whitening import white_rows
from skgen.kernels.linear import held_out
from skgen.kernels.moments import column_variance, moments, varies
from skgen.linear import ica_fit
from skgen.linear.ica_fit import rounding
from skgen.linear.linear_gaussian import check_range, mean_where_observed

GAUSSIAN_ROUNDS, MOST_ROUNDS = 10, 60
WINDOW = 5  # rounds whose mean shows whether the sources still gain
LEAST_GAIN = 1e-3  # nats of negentropy a source, from one window to the next
SWEEPS = 5  # of Gibbs sampling before a draw
FINAL_DRAWS = 5
ROUND_BITS = np.uint64(40)  # of a seed, below those of the round


class Model(NamedTuple):
    """What missing entries are drawn from."""

    mean: np.ndarray  # (d,)
    C: np.ndarray  # (k, d)
    noise: float
    density: source_density.SourceDensity


class Rows(NamedTuple):
    """Rows of which some are open: they have missing values."""

    X: np.ndarray  # (n, d)
    weight: np.ndarray  # (n,)
    is_open: np.ndarray  # (n,)
    seeds: np.ndarray  # of random numbers, for each open row

    def complete(self):
        """The complete rows and their weights."""
        return self.X[~self.is_open], self.weight[~self.is_open]

    def completed(self, model, n_sweeps, step, n_draws=1):
        """All rows and weights, what is missing drawn ``n_draws`` times; complete rows first."""
        X, weight = self.complete()
        given = self.X[self.is_open]
        parts = model.C, model.noise, model.density
        draws = []
        for number in range(step, step + n_draws):
            seeds = self.seeds + (np.uint64(number) << ROUND_BITS)
            _, own = ica_rows.complete(given - model.mean, *parts, n_sweeps, 0, seeds)
            drawn = np.where(np.isnan(given), own + model.mean, given)
            draws.append(drawn.astype(X.dtype, copy=False))
        shared = np.tile(self.weight[self.is_open] / n_draws, n_draws)
        return np.vstack([X, *draws]), np.concatenate([weight, shared])


class Filled(NamedTuple):
    """Completed rows for a last fit, and where that starts."""

    X: np.ndarray
    weight: np.ndarray
    k: int | None  # number of sources
    components: np.ndarray  # (k, d)


def rows_of(X, weight):
    """Rows that observe something, in an order that only their values decide."""
    weight = np.ones(len(X)) if weight is None else weight
    known = ~np.isnan(X).all(axis=1)
    X, weight = X[known], weight[known]
    # So neither the order of rows nor the units of columns choose the random numbers.
    order = np.lexsort(X.T[::-1])
    X, weight = X[order], weight[order]
    is_open = np.isnan(X).any(axis=1)
    return Rows(X, weight, is_open, np.arange(is_open.sum(), dtype=np.uint64))


def fill(X, weight, k, plan, names):
    """Complete rows for a fit of k sources, which may be "auto", or None for all."""
    mean = mean_where_observed(X, np.ones(len(X)) if weight is None else weight, names)
    variance = column_variance(X, mean, weight)
    check_range(X, variance, names)
    # A column that does not vary is filled by what it is.
    still = ~varies(variance, mean, X.dtype)
    n_known = np.sum(~np.isnan(X).all(axis=1))
    if n_known < 2:
        raise ValueError(
            f"The fit needs two rows that observe something, but only {n_known} of n_samples = "
            f"{len(X)} does; give more rows."
        )
    rows = rows_of(np.where(np.isnan(X) & still, mean, X).astype(X.dtype, copy=False), weight)
    model = _gaussian(rows, mean, variance, k)
    if k == "auto":
        full, own = rows.completed(model, 0, GAUSSIAN_ROUNDS)
        least = rounding(model.mean, X.dtype)
        k = ica_fit.choose_dimension(full, own, held_out.fold_basis(full, own), plan, least)
    rough = plan._replace(
        tol=max(plan.tol, ica_fit.ROUGH_TOL), max_iter=min(plan.max_iter, ica_fit.ROUGH_ITERATIONS)
    )
    start, (whole, whole_weight) = None, rows.complete()
    if len(whole) > ica_fit.ROWS_A_SOURCE * X.shape[1]:
        # Draws of a Gaussian hide the sources: the complete rows show them first.
        model, _ = _fitted(whole, whole_weight, k, rough, start)
        start = model.C
    gains, step = [], GAUSSIAN_ROUNDS
    while len(gains) < MOST_ROUNDS and not _settled(gains):
        step += 1
        model, gain = _fitted(*rows.completed(model, SWEEPS, step), k, rough, start)
        start = model.C
        gains.append(gain)
    return Filled(*rows.completed(model, SWEEPS, step + 1, FINAL_DRAWS), k, model.C)


def _settled(gains):
    """Whether the last rounds found no more in the sources than those before."""
    if len(gains) < 2 * WINDOW:
        return False
    before, now = np.reshape(gains[-2 * WINDOW :], (2, WINDOW)).mean(axis=1)
    return now - before < LEAST_GAIN


def _gaussian(rows, mean, variance, k):
    """The normal distribution of the rows, as a model of so many normal sources."""
    d, dtype = len(mean), rows.X.dtype
    most = max(1, min(d, len(rows.X) // ica_fit.ROWS_A_SOURCE)) if k == "auto" else k
    C, noise = np.diag(1 / np.sqrt(np.where(variance > 0, variance, 1.0))), 0.0
    for step in range(GAUSSIAN_ROUNDS):
        model = Model(mean, C, noise, source_density.standard_normal(len(C)))
        full, weight = rows.completed(model, 0, step)
        moment = moments(full, weight, precise=True)
        white, _ = ica_fit.whitening_for(moment, most, rounding(moment.mean, dtype))
        mean, C, noise = moment.mean, white.K, white.noise
    return Model(mean, C, noise, source_density.standard_normal(len(C)))


def _fitted(X, weight, k, plan, components):
    """A model of complete rows, and the mean negentropy of its sources in nats."""
    moment = moments(X, weight, precise=True)
    white, _ = ica_fit.whitening_for(moment, k, rounding(moment.mean, X.dtype))
    Z = white_rows(X, moment.mean, white.K)
    start = None if components is None else ica_fit.start_at(components, white)
    W = ica_fit.unmix(Z, weight, plan, start=start).W
    found = ica_fit.model_of(moment, white, W, Z, weight, unit_variance=True)
    names = "mean_", "components_", "noise_variance_", "_density"
    return Model(*(found[name] for name in names)), found["negentropy_"].mean()
