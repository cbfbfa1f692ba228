"""Means and draws of what is missing in images where known pixels follow."""

import torch

from skgen.nets.autoregressive.pixels.particles import filtered, log_sum_exp


def mean_of_particles(net, *how):
    """Means (n, d) of the rows that ``filtered(net, *how)`` stands for, float64."""
    particles, weight = _weighted(net, *how)
    rows = net.rows(particles.x).double() * weight.unsqueeze(1)
    n = int(particles.owner[-1]) + 1
    return torch.zeros(n, rows.shape[1]).to(rows).index_add(0, particles.owner, rows)


def draws_of_particles(net, n_draws, generator, *how):
    """Draws (n, n_draws, d) from the particles of ``filtered(net, *how, generator)``.

    Systematic resampling picks each particle as often as it weighs, so that draws of one row are
    as different as its particles are.
    """
    particles, weight = _weighted(net, *how, generator)
    n = int(particles.owner[-1]) + 1
    u = torch.rand(n, generator=generator, device=weight.device).double()
    # Particles of row r are on the line from r to r + 1, and so are its draws.
    ends = weight.cumsum(0)
    step = torch.arange(n_draws, device=weight.device)
    at = torch.arange(n, device=weight.device).unsqueeze(1) + (step + u.unsqueeze(1)) / n_draws
    number = torch.searchsorted(ends, at.flatten(), right=True).view_as(at)
    first = torch.searchsorted(particles.owner, torch.arange(n, device=weight.device))
    last = torch.searchsorted(particles.owner, torch.arange(n, device=weight.device), right=True)
    number = number.clamp(first.unsqueeze(1), last.unsqueeze(1) - 1)
    mixed = torch.rand(number.shape, generator=generator, device=weight.device).argsort(1)
    return net.rows(particles.x[number.gather(1, mixed).flatten()]).unflatten(0, (n, n_draws))


def _weighted(net, *how):
    """The particles, and weights of which those of each row sum to 1."""
    particles = filtered(net, *how)
    n = int(particles.owner[-1]) + 1
    total = log_sum_exp(particles.log_weight, particles.owner, n)
    return particles, torch.exp(particles.log_weight - total[particles.owner])
