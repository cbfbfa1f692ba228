"""Rows drawn from a fitted machine, freely or with some of their features clamped."""

import numpy as np
import torch

from skgen.boltzmann.learning.state import new_chains
from skgen.nets.boltzmann.rbm import gibbs

N_PARALLEL = 1000


def sample_rows(estimator, machine_of, n_samples, generator):
    """Visible rows (n_samples, d) float32 of ``machine_of(module)``, from at most 1000 chains."""
    n_chains = min(n_samples, N_PARALLEL)
    chains = estimator._chains
    if estimator.sample_start == "chance":
        own = torch.Generator().manual_seed(generator.initial_seed())
        (chains,) = new_chains(1, n_chains, chains.shape[1], own)
    start = chains.repeat(-(-n_chains // len(chains)), 1)[:n_chains].numpy()

    def run(module, h):
        net = machine_of(module)
        v = gibbs(net, net.draw_visible(h, generator), estimator.n_burn_in, generator)
        sets = [v]
        while len(sets) * n_chains < n_samples:
            v = gibbs(net, v, estimator.n_thinning, generator)
            sets.append(v)
        return torch.stack(sets, 1)

    rows = estimator._apply(run, start)
    return rows.transpose(1, 0, 2).reshape(-1, rows.shape[-1])[:n_samples]


def mean_rows(estimator, rows, generator):
    """Means of visible rows given hidden units drawn from ``rows``, those of the same layers."""

    def run(module, v):
        net = estimator._two_layers(module)
        return net.visible_mean(net.draw_hidden(net.hidden_input(v), generator))

    return estimator._apply(run, rows)


def clamped_sweeps(net, x, missing, n_steps, generator):
    """Draws and means of rows x whose missing entries are sampled, step by step."""
    for _ in range(n_steps):
        h = net.draw_hidden(net.hidden_input(x), generator)
        x = torch.where(missing, net.draw_visible(h, generator), x)
        yield x, torch.where(missing, net.visible_mean(h), x)


def clamped_means(estimator, X, n_steps, generator):
    """X with each NaN at the mean of its draws given the rest of the row.

    They are those of the second half of a chain of ``2 n_steps`` steps.
    """

    def run(module, both):
        x, missing = both.chunk(2, dim=1)
        missing, total = missing.bool(), torch.zeros_like(x)
        sweeps = estimator._sweeps(module, x, missing, 2 * n_steps, generator)
        for step, (_, mean) in enumerate(sweeps):
            if step >= n_steps:
                total += mean / n_steps
        return total

    return filled(estimator, X, estimator._apply(run, _start(estimator, X)))


def clamped_mean_field(estimator, X, n_steps):
    """X with each NaN of bits at its mean by so many steps of mean field, given the rest."""

    def run(module, both):
        x, missing = both.chunk(2, dim=1)
        *_, log_odds = module.averaged_net.completed(x, missing.bool(), n_steps)
        return torch.sigmoid(log_odds[:, : x.shape[1]])

    return filled(estimator, X, estimator._apply(run, _start(estimator, X)))


def clamped_draws(estimator, X, n_draws, n_steps, generator):
    """(n_draws, n, d): X with each NaN drawn given the rest of its row, by so many steps."""

    def run(module, both):
        x, missing = both.repeat(n_draws, 1).chunk(2, dim=1)
        sweeps = estimator._sweeps(module, x, missing.bool(), n_steps, generator)
        for draw, _ in sweeps:
            x = draw
        return x.view(n_draws, len(both), -1).transpose(0, 1)

    draws = estimator._apply(run, _start(estimator, X))
    return np.stack([filled(estimator, X, one) for one in draws.transpose(1, 0, 2)])


def _start(estimator, X):
    """Standardized rows with each gap at the mean of its feature, and where the gaps are."""
    missing = np.isnan(X)
    rows = estimator._standardize(np.where(missing, estimator._means, X).astype(X.dtype))
    return np.concatenate([rows, missing.astype(X.dtype)], axis=1)


def filled(estimator, X, rows):
    """X with its gaps filled from standardized rows."""
    return np.where(np.isnan(X), estimator._unstandardize(rows), X).astype(X.dtype, copy=False)
