"""Sigmoid belief networks: logistic units that are drawn downwards, and a way up to infer them."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.boltzmann.directed import DirectedNet, log_bits
from skgen.nets.boltzmann.rbm import draw_bits


class SigmoidBeliefNet(DirectedNet):
    """Units that are on with probability sigmoid(b + h W) given the layer h above them (Neal 1992).

    Those of the last layer are independent. ``sizes`` are the widths from x to the last layer, and
    ``visible_bias`` (d,) is where that of x starts.
    """

    def __init__(self, sizes, visible_bias):
        pairs = list(pairwise(sizes))
        super().__init__(
            [UpLayer(below, above) for below, above in pairs],
            [DownLayer(above, below) for below, above in pairs],
        )
        with torch.no_grad():
            self.generative[0].visible_bias.copy_(visible_bias)
        self.top_bias = nn.Parameter(torch.zeros(sizes[-1], dtype=torch.float32))

    def log_top(self, u):
        """Log p(h_L)."""
        return log_bits(u, self.top_bias)

    def weights(self):
        """Weights of both ways."""
        return [layer.weight for layer in (*self.generative, *self.recognition)]

    def biases(self):
        """Biases of both ways, and of the last layer."""
        down = [layer.visible_bias for layer in self.generative]
        return [*down, *(layer.hidden_bias for layer in self.recognition), self.top_bias]

    def draw_last(self, n_rows, generator):
        """Draw rows of the last layer."""
        return draw_bits(self.top_bias.expand(n_rows, -1), generator)


class DownLayer(nn.Module):
    """P(v | h) of binary units v below h."""

    def __init__(self, n_hidden, n_visible):
        super().__init__()
        self.weight = _scaled_weight(n_hidden, n_visible)
        self.visible_bias = nn.Parameter(torch.zeros(n_visible, dtype=torch.float32))

    def visible_input(self, h):
        """Log-odds of the units below rows h (..., k), shape (..., d)."""
        return F.linear(h, self.weight.T, self.visible_bias)

    def visible_mean(self, h):
        """Probabilities of the units below rows h."""
        return torch.sigmoid(self.visible_input(h))

    def draw_visible(self, h, generator):
        """Draw the units below rows h."""
        return draw_bits(self.visible_input(h), generator)

    def log_visible(self, v, h):
        """Log p(v | h) in nats, the last axis summed."""
        return log_bits(v, self.visible_input(h))


class UpLayer(nn.Module):
    """q(h | v) of binary units h above v."""

    def __init__(self, n_visible, n_hidden):
        super().__init__()
        self.weight = _scaled_weight(n_hidden, n_visible)
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden, dtype=torch.float32))

    def hidden_input(self, v):
        """Log-odds of the units above rows v (..., d), shape (..., k)."""
        return F.linear(v, self.weight, self.hidden_bias)


def _scaled_weight(n_hidden, n_visible):
    """Weights (k, d) that keep the scale of what passes through (Glorot & Bengio 2010)."""
    weight = nn.Parameter(torch.empty(n_hidden, n_visible, dtype=torch.float32))
    nn.init.xavier_uniform_(weight)
    return weight
