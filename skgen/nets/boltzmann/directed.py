"""Networks whose layers are drawn downwards, and the layers' own way up: draws, bounds, chains."""

import math
from abc import ABC, abstractmethod

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.boltzmann.rbm import draw_bits
from skgen.nets.sobol import scrambled_points


class DirectedNet(nn.Module, ABC):
    """p(x | h_1) ... p(h_L-1 | h_L) p(h_L), with q(h_l | h_l-1) for the way up.

    ``generative[l]`` has ``visible_mean``, ``draw_visible`` and ``log_visible`` given the layer
    above, and ``recognition[l]`` has ``hidden_input`` and ``hidden_bias``; p(h_L) may lack its
    constant.
    """

    def __init__(self, recognition, generative):
        super().__init__()
        self.recognition = nn.ModuleList(recognition)
        self.generative = nn.ModuleList(generative)

    @abstractmethod
    def log_top(self, u):
        """Log p(h_L) of rows u up to its constant, the last axis summed."""

    def passed_up(self, x):
        """X, and probabilities of each layer above it, passed up layer by layer."""
        layers = [x]
        for layer in self.recognition:
            layers.append(torch.sigmoid(layer.hidden_input(layers[-1])))
        return layers

    def passed_down(self, z, number):
        """Means of x given means z of a layer, passed down; the lowest has number 1."""
        for layer in reversed(self.generative[:number]):
            z = layer.visible_mean(z)
        return z

    def draw_up(self, x, noise):
        """States of the layers from x upwards, and the log-odds of each that is drawn.

        ``noise`` has one tensor of uniform numbers a layer, which broadcasts against it.
        """
        states, drawn = [x], []
        for layer, uniform in zip(self.recognition, noise):
            log_odds = layer.hidden_input(states[-1])
            states.append((uniform < torch.sigmoid(log_odds)).to(log_odds.dtype))
            drawn.append(log_odds)
        return states, drawn

    def draw_down(self, u, generator):
        """States of the layers from x to u, drawn downwards from u."""
        states = [u]
        for layer in reversed(self.generative):
            states.insert(0, layer.draw_visible(states[0], generator))
        return states

    def draw_mean(self, u, generator):
        """Means of x given the layer above it, which is drawn downwards from u."""
        for layer in reversed(self.generative[1:]):
            u = layer.draw_visible(u, generator)
        return self.generative[0].visible_mean(u)

    def log_joint(self, states):
        """Log p(x, h_1, ..., h_L) up to the constant of p(h_L), in nats."""
        lower = [
            layer.log_visible(below, above)
            for layer, below, above in zip(self.generative, states, states[1:])
        ]
        return sum(lower) + self.log_top(states[-1])


def log_bits(bits, log_odds):
    """Log-probability of bits, the last axis summed."""
    return (bits * log_odds - F.softplus(log_odds)).sum(-1)


def draw_layers(net, x, generator):
    """States of the directed layers drawn from x upwards."""
    states = [x]
    for layer in net.recognition:
        states.append(draw_bits(layer.hidden_input(states[-1]), generator))
    return states


def shared_noise(net, n_draws):
    """Uniform numbers of each directed layer, (n_draws, 1, k) float64, always the same."""
    widths = [len(layer.hidden_bias) for layer in net.recognition]
    uniform = scrambled_points(n_draws, sum(widths))
    return [part.unsqueeze(1) for part in uniform.split(widths, dim=1)]


def log_weights(net, x, noise):
    """Log p(x, h) + log Z - log q(h | x) of draws h, shape (n_draws, n)."""
    states, drawn = net.draw_up(x, noise)
    return net.log_joint(states) - sum(map(log_bits, states[1:], drawn))


def likelihood_bound(net, x, n_draws, n_at_once):
    """Importance-weighted bound on log p(x) + log Z of rows x (n, d), shape (n,)."""
    # One noise set for all rows: a row's score does not depend on its neighbors.
    noise = [layer.to(x.device).split(n_at_once) for layer in shared_noise(net, n_draws)]
    log_w = torch.cat([log_weights(net, x, part) for part in zip(*noise)])
    return torch.logsumexp(log_w, 0) - math.log(n_draws)


@torch.no_grad()
def clamped_chain(net, x, missing, n_steps, generator):
    """Draws and means of rows x (n, d), step by step, whose missing entries are sampled.

    The way up proposes the hidden layers and a Metropolis test corrects it, as for the
    variational autoencoder (Mattei & Frellsen 2018), so that the chain leaves the exact
    conditional of the model invariant.
    """
    states = [x]
    for step in range(n_steps):
        proposal = draw_layers(net, x, generator)
        new = net.log_joint(proposal) - log_recognition(net, proposal)
        if step:
            states[0] = x
            old = net.log_joint(states) - log_recognition(net, states)
            uniform = torch.rand(len(x), generator=generator, device=x.device, dtype=x.dtype)
            accepted = (uniform.log() < new - old).unsqueeze(-1)
            proposal = [torch.where(accepted, p, s) for p, s in zip(proposal, states)]
        states = proposal
        lowest = net.generative[0]
        mean = torch.where(missing, lowest.visible_mean(states[1]), x)
        x = torch.where(missing, lowest.draw_visible(states[1], generator), x)
        yield x, mean


def log_recognition(net, states):
    """Log q of the states above x."""
    return sum(
        log_bits(above, layer.hidden_input(below))
        for layer, below, above in zip(net.recognition, states, states[1:])
    )
