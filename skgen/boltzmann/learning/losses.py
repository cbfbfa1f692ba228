"""Losses of machines: to differentiate, to show, and to stop by."""

import numpy as np
import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.layers import NetLayers
from skgen.training import Phase


def gaussian_phase(net, negative_phase, noise_floor, optimizer):
    """Phase that trains a Gaussian machine by automatic differentiation."""
    measure_by_noise(net)
    loss, after = free_energy_gap(net, negative_phase), noise_bound(net, noise_floor)
    return Phase("free_energy_gap", loss, optimizer, after=after)


def measure_by_noise(net):
    """Scale gradients by the variances from now on.

    Gradients of what acts through v / s grow like 1 / s: measured in units of s the step suits
    features with little noise and with much.
    """
    for parameter in (net.weight, net.visible_bias, net.log_variance):
        parameter.register_hook(lambda gradient: gradient * net.log_variance.detach().exp())


def noise_bound(net, noise_floor):
    """``after()`` that keeps the variances of a Gaussian machine where they can be."""
    floor = torch.from_numpy(np.log(noise_floor)).to(net.log_variance)

    @torch.no_grad()
    def bound_noise():
        # What is left of a variance of one: neither more, nor less than the rows vouch for.
        net.log_variance.clamp_(floor, torch.zeros_like(floor))

    return bound_noise


def free_energy_gap(net, negative_phase):
    """Loss whose gradient is that of minus the log-likelihood."""

    def loss(v, generator):
        # Model rows are held constant: the gradient is that of the likelihood.
        with torch.no_grad():
            rows, _ = negative_phase(NetLayers(net, generator), net.hidden_input(v))
        return net.free_energy(v).mean() - net.free_energy(rows).mean()

    return loss


def flip_loss(net):
    """Minus the pseudo-likelihood by one binary feature a row."""

    def loss(v, generator):
        columns = torch.randint(
            v.shape[1] - net.n_classes, (len(v), 1), generator=generator, device=generator.device
        )
        flipped = v.scatter(1, columns, 1 - v.gather(1, columns))
        log_odds = net.free_energy(v) - net.free_energy(flipped)
        return v.shape[1] * F.softplus(log_odds).mean()

    return loss


def rebuilding_error(net):
    """Mean squared error of E[v | E[h | v]]."""

    def loss(v, generator):
        rebuilt = net.visible_mean(torch.sigmoid(net.hidden_input(v)))
        return (v - rebuilt).square().mean()

    return loss
