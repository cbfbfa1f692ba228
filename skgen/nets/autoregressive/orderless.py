"""A network for the distribution of each column given any others (Uria et al. 2014)."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.heads import ColumnHeads
from skgen.nets.autoregressive.linear_given import LinearGiven
from skgen.nets.mlp import mlp

NEAR = 4.0  # standard deviations within which the networks see values as they are


def squashed(x):
    """Values as they are near zero; farther out they grow with their logarithm."""
    size = x.abs().clamp(min=NEAR)
    return torch.where(x.abs() <= NEAR, x, x.sign() * NEAR * (1 + torch.log(size / NEAR)))


def unsquashed(u):
    """What ``squashed`` maps to u, and the logarithm of its derivative there."""
    beyond = (u.abs() - NEAR).clamp(0.0, 10 * NEAR) / NEAR
    return torch.where(beyond > 0, u.sign() * NEAR * torch.exp(beyond), u), beyond


class OrderlessNet(nn.Module):
    """Distributions of all columns of a row, given those that a mask tells.

    A factor model gives a first mean and standard deviation of every numeric column; the
    perceptron sees these, the given values and the mask, and says how a mixture of logistics
    departs from them. Before training it departs by little.

    Parameters
    ----------
    layout : Layout
        Kinds of the columns.
    hidden : tuple of int
        Widths of the hidden layers, at least one.
    activation : str
        Their activation.
    n_mixture : int
        Components of the mixtures.
    linear : tuple of arrays (mean, W, psi)
        The factor model of ``squashed`` numeric columns.
    first_bits, first_categories : list of ndarray
        Logits to start with, of bits and of the categories of each column.
    """

    def __init__(self, layout, hidden, activation, n_mixture, linear, first_bits, first_categories):
        super().__init__()
        self.layout = layout
        self.linear = LinearGiven(*linear)
        n_numbers, n_bits = len(layout.numbers), len(layout.bits)
        n_inputs = layout.n_columns + 3 * n_numbers + n_bits + int(layout.sizes.sum())
        widths = n_inputs, *hidden
        self.body = mlp(widths, activation, final=activation) if hidden else nn.Identity()
        self.heads = ColumnHeads(layout, widths[-1], n_mixture, first_bits, first_categories)
        # Of bits and categories there is no factor model: these learn soon what is linear in them.
        self.direct = nn.Parameter(
            torch.zeros(self.heads.n_discrete, n_inputs, dtype=torch.float32)
        )

    def features(self, x, given):
        """Last hidden layer, the inputs, and a first mean and log-sd of numeric columns."""
        given = given.to(x.dtype)
        known = torch.where(given > 0, x, 0.0)
        numbers, told = known[:, self.heads.at_numbers], given[:, self.heads.at_numbers]
        near = squashed(numbers)
        mean, log_sd = self.linear(near, told)
        bits = (2 * known[:, self.heads.at_bits] - 1) * given[:, self.heads.at_bits]
        asked = 1 - told
        chosen = known[:, self.heads.category_column] == self.heads.category_number
        one_hot = chosen * given[:, self.heads.category_column]
        inputs = torch.cat([given, near, asked * mean, asked * log_sd, bits, one_hot], 1)
        mean, stretch = unsquashed(mean)
        return self.body(inputs), inputs, mean, log_sd + stretch

    def forward(self, x, given):
        """Log-probability of each column's value given those where ``given`` is 1, (n, d).

        Of real columns it is a log-density. Values that are not given and not asked may be NaN.
        """
        h, inputs, mean, log_sd = self.features(x, given)
        return self.heads(h, F.linear(inputs, self.direct), mean, log_sd, torch.nan_to_num(x))

    def column(self, h, inputs, mean, log_sd, column):
        """``ColumnHeads.column`` for rows whose ``features`` are known."""
        direct = F.linear(inputs, self.direct[self.heads.discrete_places(column)])
        return self.heads.column(h, direct, mean, log_sd, column)
