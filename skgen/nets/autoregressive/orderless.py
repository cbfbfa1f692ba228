"""A network for the distribution of each column given any others (Uria et al. 2014)."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.heads import Heads
from skgen.nets.autoregressive.linear_given import LinearGiven
from skgen.nets.autoregressive.squash import squashed, unsquashed
from skgen.nets.mlp import mlp

SMALL = 0.1  # factor of the last layer's first weights


class OrderlessNet(Heads):
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
        super().__init__(layout, n_mixture)
        self.linear = LinearGiven(*linear)
        n_inputs = layout.n_columns + 3 * self.n_numbers + sum(self.widths[1:])
        widths = n_inputs, *hidden
        self.body = mlp(widths, activation, final=activation) if hidden else nn.Identity()
        self.head = nn.Linear(widths[-1], sum(self.widths))
        # Of bits and categories there is no factor model: these learn soon what is linear in them.
        n_direct = sum(self.widths[1:])
        self.direct = nn.Parameter(torch.zeros(n_direct, n_inputs, dtype=torch.float32))
        self.start(first_bits, first_categories)

    @torch.no_grad()
    def start(self, first_bits, first_categories):
        """First weights of the head: the factor model, and the frequencies of values."""
        self.head.weight.mul_(SMALL)
        self.head.bias.copy_(self.first_outputs(first_bits, first_categories))

    def features(self, x, given):
        """Last hidden layer, the inputs, and a first mean and log-sd of numeric columns."""
        given = given.to(x.dtype)
        known = torch.where(given > 0, x, 0.0)
        numbers, told = known[:, self.at_numbers], given[:, self.at_numbers]
        near = squashed(numbers)
        mean, log_sd = self.linear(near, told)
        bits = (2 * known[:, self.at_bits] - 1) * given[:, self.at_bits]
        asked = 1 - told
        chosen = known[:, self.category_column] == self.category_number
        one_hot = chosen * given[:, self.category_column]
        inputs = torch.cat([given, near, asked * mean, asked * log_sd, bits, one_hot], 1)
        mean, stretch = unsquashed(mean)
        return self.body(inputs), inputs, mean, log_sd + stretch

    def forward(self, x, given):
        """Log-probability of each column's value given those where ``given`` is 1, (n, d).

        Of real columns it is a log-density. Values that are not given and not asked may be NaN.
        """
        h, inputs, mean, log_sd = self.features(x, given)
        mixtures, discrete = self.head(h).split([self.widths[0], sum(self.widths[1:])], 1)
        discrete = discrete + F.linear(inputs, self.direct)
        return self.log_probabilities(torch.nan_to_num(x), mixtures, discrete, mean, log_sd)

    def column(self, h, inputs, mean, log_sd, column):
        """Parameters of one column's distribution for hidden rows: of a mixture, or logits."""
        kind, number = self.kind_of(column)
        places = self.outputs_of(kind, number)
        out = F.linear(h, self.head.weight[places], self.head.bias[places])
        if kind not in ("real", "grid"):
            direct = slice(places.start - self.widths[0], places.stop - self.widths[0])
            out = out + F.linear(inputs, self.direct[direct])
        return self.parameters_of(kind, number, out, mean, log_sd)
