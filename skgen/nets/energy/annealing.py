"""Annealed importance sampling along Hamiltonian chains: log Z of an energy, in nats."""

import math
from itertools import pairwise

import torch

from skgen.nets.boltzmann.ais import log_mean_and_error
from skgen.nets.energy.hamiltonian import FIRST_STEP, adapted, transition

LOG_2PI = math.log(2 * math.pi)


class EnergyPath:
    """Energies beta E(v) + (1 - beta) v^2 / 2, from a standard normal law to the model."""

    def __init__(self, net):
        self.net = net
        self._slope = net.chain_slope()

    def slope(self, beta):
        """``slope(v)`` of the energy at beta."""

        def at(v):
            energy, gradient = self._slope(v)
            base = 0.5 * v.square().sum(-1)
            return beta * energy + (1 - beta) * base, beta * gradient + (1 - beta) * v

        return at

    def log_ratio(self, v):
        """Log-density of the model over that of the base, both without log Z, float64."""
        return 0.5 * v.double().square().sum(-1) - self.net(v).double()


def anneal(path, betas, v, n_steps, generator):
    """Log-weights (n,) float64 of rows v that are carried along the betas.

    v are draws at the first beta; each step weighs, then moves at the next beta. All chains
    together adapt the step of their moves on the way.
    """
    step = torch.full((), FIRST_STEP, device=v.device, dtype=v.dtype)
    log_weights = torch.zeros(len(v), dtype=torch.float64, device=v.device)
    for before, after in pairwise(betas):
        log_weights += (after - before) * path.log_ratio(v)
        v, accepted = transition(path.slope(after), v, step, n_steps, generator)
        step = adapted(step, accepted)
    return log_weights


def forward_log_partition(path, betas, n_chains, n_features, n_steps, generator):
    """Log Z from chains that start at the base, and its standard error (Neal 2001).

    The estimate of Z is unbiased, so that of log Z is low on average: likelihoods flatter.
    """
    like = next(path.net.parameters())
    how = {"generator": generator, "device": like.device, "dtype": like.dtype}
    v = torch.randn((n_chains, n_features), **how)
    log_mean, error = log_mean_and_error(anneal(path, betas, v, n_steps, generator))
    return 0.5 * n_features * LOG_2PI + log_mean, error


def reverse_log_partition(path, betas, v, n_steps, generator):
    """Log Z from draws v of the model that are carried back to the base, with its error.

    High on average where v are exact draws (Burda, Grosse & Salakhutdinov 2015).
    """
    log_weights = anneal(path, list(reversed(betas)), v, n_steps, generator)
    log_mean, error = log_mean_and_error(log_weights)
    return 0.5 * v.shape[1] * LOG_2PI - log_mean, error
