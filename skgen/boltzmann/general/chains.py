"""Draws of a general machine, and log Z by annealing, from Gibbs chains side by side."""

import numpy as np
import torch
from scipy.special import expit

from skgen.kernels.blas_threads import one_blas_thread
from skgen.kernels.boltzmann import quadratic_gibbs, quadratic_states
from skgen.kernels.boltzmann.bernoulli_units import lane_states
from skgen.nets.boltzmann.ais import log_mean_and_error

NONE_KEPT = np.empty((0, 0), dtype=bool)
N_PARALLEL = 1000


class Chains:
    """Chains U (m, n_chains) of a machine b (m,), W (m, m), with random numbers of their own."""

    def __init__(self, b, W, U, rng, kept=NONE_KEPT):
        self.follow(b, W)
        self.U, self._kept = np.ascontiguousarray(U, dtype=np.float32), kept
        self._states = lane_states(rng.randint(2**31 - 1))

    def follow(self, b, W):
        """Be chains of another machine from here on."""
        self._b, self._W = b.astype(np.float32), W.astype(np.float32)

    def sweep(self, n_steps):
        """Go on by so many sweeps; returns the log-odds (m, n_chains) of the last draws."""
        with one_blas_thread():
            return quadratic_gibbs.sweeps(
                self.U, self._W, self._b, self._kept, self._states, n_steps
            )

    def anneal(self, base, betas):
        """Log-weights of the chains on their way along the betas."""
        with one_blas_thread():
            return quadratic_gibbs.anneal(
                self.U, self._W, self._b, base.astype(np.float32), betas, self._states
            )


def bits_at(log_odds, n, rng):
    """Independent units (m, n) with these log-odds (m,)."""
    return rng.random_sample((len(log_odds), n)) < expit(log_odds)[:, None]


def exact_draws(b, W, n, rng):
    """Independent draws (n, m) from the probabilities of all states."""
    cumulative = np.cumsum(quadratic_states.probabilities(b, W)[0])
    drawn = np.searchsorted(cumulative, rng.random_sample(n) * cumulative[-1], side="right")
    states = np.minimum(drawn, len(cumulative) - 1)
    return ((states[:, None] >> np.arange(len(b))) & 1).astype(np.float64)


def chain_draws(b, W, base, n, n_burn_in, n_thinning, rng):
    """Draws (n, m) of at most 1000 chains that start at independent units."""
    n_chains = min(n, N_PARALLEL)
    chains = Chains(b, W, bits_at(base, n_chains, rng), rng)
    chains.sweep(n_burn_in)
    sets = [chains.U.T.copy()]
    while len(sets) * n_chains < n:
        chains.sweep(n_thinning)
        sets.append(chains.U.T.copy())
    return np.concatenate(sets)[:n]


def log_partition(b, W, base, n_chains, n_steps, rng):
    """Log Z from chains that start at independent units, and its standard error (Neal 2001)."""
    chains = Chains(b, W, bits_at(base, n_chains, rng), rng)
    return _mean_of(chains.anneal(base, np.linspace(0, 1, n_steps + 1)), base)


def reverse_log_partition(b, W, base, n_chains, n_steps, n_burn_in, rng):
    """Log Z from chains of the machine that are carried back to independent units."""
    chains = Chains(b, W, bits_at(base, n_chains, rng), rng)
    chains.sweep(n_burn_in)
    log_mean, _ = log_mean_and_error(
        torch.from_numpy(chains.anneal(base, np.linspace(1, 0, n_steps + 1)))
    )
    return _of_base(base) - log_mean


def _mean_of(log_weights, base):
    log_mean, error = log_mean_and_error(torch.from_numpy(log_weights))
    return _of_base(base) + log_mean, error


def _of_base(base):
    return float(np.logaddexp(0, base.astype(np.float32).astype(np.float64)).sum())
