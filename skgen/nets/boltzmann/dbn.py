"""Deep belief networks: directed layers below a machine, and the way up to it."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.boltzmann import labeled
from skgen.nets.boltzmann.rbm import draw_bits
from skgen.nets.sobol import scrambled_points


class DBN(nn.Module):
    """p(x | h_1) ... p(h_L-2 | h_L-1) p_top(h_L-1, h_L), with q(h_l | h_l-1) for the way up.

    ``generative[l]`` and ``recognition[l]`` are machines of which the one lends its visible
    units and the other its hidden ones; they may be the same. ``top`` is an RBM, whose labels,
    if it has some, are summed out wherever they are not asked for.
    """

    def __init__(self, recognition, generative, top):
        super().__init__()
        self.recognition = nn.ModuleList(recognition)
        self.generative = nn.ModuleList(generative)
        self.top = top

    def up_means(self, x):
        """Probabilities of the layer below the top, passed up layer by layer."""
        for layer in self.recognition:
            x = torch.sigmoid(layer.hidden_input(x))
        return x

    def layer_means(self, x):
        """Probabilities of each hidden layer given x passed up, the lowest first."""
        means = []
        for layer in self.recognition:
            x = torch.sigmoid(layer.hidden_input(x))
            means.append(x)
        return [*means, labeled.hidden_means(self.top, x)]

    def classify(self, x):
        """Probabilities of the labels given x passed up, shape (..., n_classes)."""
        return labeled.class_probabilities(self.top, self.up_means(x))

    def decode(self, z, number=-1):
        """Means of x given a hidden layer, passed down; ``number`` is -1 for the last."""
        if number == -1:
            z, number = self.without_labels(self.top.visible_mean(z)), -2
        for layer in reversed(self.generative[: len(self.generative) + number + 2]):
            z = layer.visible_mean(z)
        return z

    def draw_data(self, v, generator):
        """Draw x downwards from visible rows v of the top."""
        return self.draw_down(self.without_labels(v), generator)[0]

    def draw_means(self, v, generator):
        """Means of x given the layer above it, drawn downwards from visible rows v of the top."""
        above = self.without_labels(v)
        for layer in reversed(self.generative[1:]):
            above = layer.draw_visible(above, generator)
        return self.generative[0].visible_mean(above)

    def draw_up(self, x, noise):
        """States of the directed layers from x upwards, and log q of them.

        ``noise`` has one tensor of uniform numbers a layer, which broadcasts against it.
        """
        states, log_q = [x], 0.0
        for layer, uniform in zip(self.recognition, noise):
            log_odds = layer.hidden_input(states[-1])
            states.append((uniform < torch.sigmoid(log_odds)).to(log_odds.dtype))
            log_q = log_q + log_bits(states[-1], log_odds)
        return states, log_q

    def log_joint(self, states):
        """Log p(x, h_1, ..., h_L-1) + log Z of the top, in nats."""
        lower = [
            layer.log_visible(below, above)
            for layer, below, above in zip(self.generative, states, states[1:])
        ]
        return sum(lower) - self.free_energy(states[-1])

    def free_energy(self, u):
        """Free energy of rows u under the top, labels summed out."""
        return labeled.free_energy(self.top, u)

    def class_free_energies(self, u):
        """Free energy of rows u (..., d) beside each label, shape (..., n_classes)."""
        return labeled.class_free_energies(self.top, u)

    def without_labels(self, v):
        """Visible rows of the top without their labels."""
        return labeled.without_labels(self.top, v)

    def draw_down(self, u, generator):
        """States of the directed layers from x to u, drawn downwards from u."""
        states = [u]
        for layer in reversed(self.generative):
            states.insert(0, layer.draw_visible(states[0], generator))
        return states


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
    states, log_q = net.draw_up(x, noise)
    return net.log_joint([x.expand(len(noise[0]), *x.shape), *states[1:]]) - log_q


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
