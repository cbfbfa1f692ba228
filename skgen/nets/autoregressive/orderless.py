"""A network for the distribution of each column given any others (Uria et al. 2014)."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive import logistics
from skgen.nets.autoregressive.linear_given import LinearGiven
from skgen.nets.mlp import mlp

LOG_SCALES = -5.0, 3.0  # of components, relative to the linear model
LEAST_LOG_SCALE = -10.0
NEAR = 4.0  # standard deviations within which the networks see values as they are
SMALL = 0.1  # factor of the last layer's first weights


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
        self.layout, self.n_mixture = layout, n_mixture
        self.linear = LinearGiven(*linear)
        self.n_numbers, n_bits = len(layout.numbers), len(layout.bits)
        n_inputs = layout.n_columns + 3 * self.n_numbers + n_bits + int(layout.sizes.sum())
        widths = n_inputs, *hidden
        self.body = mlp(widths, activation, final=activation) if hidden else nn.Identity()
        # Outputs for mixtures, bits and categories.
        self.widths = [3 * n_mixture * self.n_numbers, n_bits, int(layout.sizes.sum())]
        self.head = nn.Linear(widths[-1], sum(self.widths))
        # Of bits and categories there is no factor model: these learn soon what is linear in them.
        n_direct = sum(self.widths[1:])
        self.direct = nn.Parameter(torch.zeros(n_direct, n_inputs, dtype=torch.float32))
        for name in ("numbers", "bits", "categories", "grid"):
            columns = torch.tensor(getattr(layout, name), dtype=torch.int64)
            self.register_buffer(f"at_{name}", columns, persistent=False)
        for name in ("half_cell", "low", "high"):
            values = torch.tensor(getattr(layout, name), dtype=torch.float32)
            self.register_buffer(name, values, persistent=False)
        self._register_categories()
        self.start(first_bits, first_categories)

    @torch.no_grad()
    def start(self, first_bits, first_categories):
        """First weights of the head: the factor model, and the frequencies of values."""
        self.head.weight.mul_(SMALL)
        start = torch.zeros(self.n_numbers, 3, self.n_mixture, dtype=torch.float32)
        logits, location, log_scale = start.unbind(1)
        # One component is the factor model's; the others stand around it with little weight.
        logits[:, 0], logits[:, 1:] = 2.0, -2.0
        location.copy_(torch.linspace(-1, 1, self.n_mixture, dtype=torch.float32))
        log_scale.fill_(-0.5)
        location[:, 0], log_scale[:, 0] = 0.0, 0.0
        first = np.concatenate([np.asarray(first_bits), *first_categories])
        self.head.bias.copy_(torch.cat([start.flatten(), torch.as_tensor(first).float()]))

    def _register_categories(self):
        """Column and number of each category, and its place among them by column, padded."""
        sizes = self.layout.sizes
        n_all, most = int(sizes.sum()), int(max(sizes, default=0))
        numbers = [torch.arange(int(size)) for size in sizes]
        of_column = torch.repeat_interleave(self.at_categories, torch.as_tensor(sizes).long())
        places = torch.full((len(sizes), most), n_all)
        for row, own in zip(places, torch.arange(n_all).split(sizes.tolist())):
            row[: len(own)] = own
        self.register_buffer("category_column", of_column, persistent=False)
        self.register_buffer("category_number", torch.cat(numbers or [places.flatten()]), False)
        self.register_buffer("category_places", places, persistent=False)

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
        bits, categories = (discrete + F.linear(inputs, self.direct)).split(self.widths[1:], 1)
        x = torch.nan_to_num(x)
        n, K = len(x), self.n_mixture
        result = torch.zeros_like(x)
        if self.n_numbers:
            parts = self.mixture(mixtures.view(n, -1, 3, K), mean, log_sd)
            values = self._of_mixtures(x[:, self.at_numbers].unsqueeze(-1), *parts)
            result[:, self.at_numbers] = values
        if len(self.at_bits):
            signs = 2 * x[:, self.at_bits] - 1
            result[:, self.at_bits] = F.logsigmoid(signs * bits)
        if len(self.at_categories):
            padded = F.pad(categories, (0, 1), value=-math.inf)
            logits = padded[:, self.category_places].log_softmax(-1)
            chosen = x[:, self.at_categories].long().unsqueeze(-1)
            result[:, self.at_categories] = logits.gather(-1, chosen).squeeze(-1)
        return result

    def _of_mixtures(self, x, logits, location, log_scale):
        """Log-densities of real columns, and behind them log-masses of those on grids."""
        n_real = self.n_numbers - len(self.at_grid)
        real, grid = slice(n_real), slice(n_real, None)
        parts = [logistics.log_density(x[:, real], location[:, real], log_scale[:, real])]
        if len(self.at_grid):
            half, low, high = (t.unsqueeze(-1) for t in (self.half_cell, self.low, self.high))
            own = x[:, grid]
            at_ends = own <= low + half, own >= high - half
            parts.append(
                logistics.log_mass(own, half, *at_ends, location[:, grid], log_scale[:, grid])
            )
        return logistics.mix(logits, torch.cat(parts, 1))

    def mixture(self, raw, mean, log_sd):
        """Logits, locations and log-scales (..., K) of outputs (..., 3, K) and the factor model."""
        logits, shift, log_ratio = raw.unbind(-2)
        mean, log_sd = mean.unsqueeze(-1), log_sd.unsqueeze(-1)
        log_scale = log_ratio.clamp(*LOG_SCALES) + log_sd - math.log(logistics.SD)
        return logits, mean + shift * log_sd.exp(), log_scale.clamp(min=LEAST_LOG_SCALE)

    def column(self, h, inputs, mean, log_sd, column):
        """Parameters of one column's distribution for hidden rows: of a mixture, or logits."""
        kind, number = self.kind_of(column)
        places = self._outputs(kind, number)
        out = F.linear(h, self.head.weight[places], self.head.bias[places])
        if kind in ("real", "grid"):
            raw = out.view(-1, 3, self.n_mixture)
            return kind, number, self.mixture(raw, mean[:, number], log_sd[:, number])
        direct = slice(places.start - self.widths[0], places.stop - self.widths[0])
        out = out + F.linear(inputs, self.direct[direct])
        if kind == "bits":
            return kind, number, torch.cat([torch.zeros_like(out), out], 1)
        return kind, number, out

    def _outputs(self, kind, number):
        """Which outputs are those of a column, a slice."""
        if kind in ("real", "grid"):
            return slice(3 * self.n_mixture * number, 3 * self.n_mixture * (number + 1))
        first = self.widths[0]
        if kind == "bits":
            return slice(first + number, first + number + 1)
        ends = np.concatenate([[0], np.cumsum(self.layout.sizes)]) + first + self.widths[1]
        return slice(int(ends[number]), int(ends[number + 1]))

    def kind_of(self, column):
        """Kind of a column, and its number among the numbers, bits or categories."""
        for kind in ("real", "grid", "bits", "categories"):
            among = getattr(self.layout, kind)
            if column in among:
                number = int(np.flatnonzero(among == column)[0])
                return kind, number + (len(self.layout.real) if kind == "grid" else 0)
        raise IndexError(f"There is no column {column}.")
