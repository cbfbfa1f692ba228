"""Annealed importance sampling: log Z of what cannot be enumerated, in nats."""

import math
from itertools import pairwise

import torch


def anneal(path, betas, v, generator):
    """Log-weights of rows v carried along the betas, float64 (n,).

    v are draws at the first beta; each step weighs, then sweeps at the next beta.
    """
    net = path.net
    inputs = net.hidden_input(v)
    log_weights = torch.zeros(len(v), dtype=torch.float64, device=v.device)
    for before, after in pairwise(betas):
        log_weights += path.log_density(v, inputs, after) - path.log_density(v, inputs, before)
        v = path.draw_visible(path.draw_hidden(inputs, after, generator), after, generator)
        inputs = net.hidden_input(v)
    return log_weights


def forward_log_partition(path, betas, n_chains, generator):
    """Log Z from chains that start at the base, and its standard error (Neal 2001).

    The estimate of Z is unbiased, so that of log Z is low on average: likelihoods flatter.
    """
    log_weights = anneal(path, betas, path.start(n_chains, generator), generator)
    log_mean, error = log_mean_and_error(log_weights)
    return path.log_partition_of_base() + log_mean, error


def reverse_log_partition(path, betas, v, generator):
    """Log Z from draws v of the machine that are carried back to the base, with its error.

    High on average where v are exact draws (Burda, Grosse & Salakhutdinov 2015).
    """
    log_weights = anneal(path, list(reversed(betas)), v, generator)
    log_mean, error = log_mean_and_error(log_weights)
    return path.log_partition_of_base() - log_mean, error


def log_mean_and_error(log_weights):
    """Logarithm of the mean weight, and its standard error by the delta method."""
    n = len(log_weights)
    log_mean = float(torch.logsumexp(log_weights, 0)) - math.log(n)
    if n == 1:
        return log_mean, math.inf
    ratios = torch.exp(log_weights - log_mean)
    return log_mean, float(ratios.std()) / math.sqrt(n)
