"""What a network says of each column: mixtures of logistics, bits and categories."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive import logistics

LOG_SCALES = -5.0, 3.0  # of components, relative to the linear model
LEAST_LOG_SCALE = -10.0
SMALL = 0.1  # factor of the last layer's first weights


class ColumnHeads(nn.Module):
    """Distributions of all columns by the last hidden layer and what is linear in the inputs.

    Parameters
    ----------
    layout : Layout
        Kinds of the columns.
    n_hidden : int
        Width of the last hidden layer.
    n_mixture : int
        Components K of the mixtures of numeric columns, of which there are D.
    first_bits, first_categories : list of ndarray
        Logits to start with, of bits and of the categories of each column.
    """

    def __init__(self, layout, n_hidden, n_mixture, first_bits, first_categories):
        super().__init__()
        self.layout, self.n_mixture = layout, n_mixture
        self.n_numbers = len(layout.numbers)
        # Outputs for mixtures (3, K, D), bits and categories.
        self.widths = [3 * n_mixture * self.n_numbers, len(layout.bits), int(layout.sizes.sum())]
        self.linear = nn.Linear(n_hidden, sum(self.widths))
        for name in ("numbers", "bits", "categories", "grid"):
            columns = torch.tensor(getattr(layout, name), dtype=torch.int64)
            self.register_buffer(f"at_{name}", columns, persistent=False)
        n_real = len(layout.real)
        for name, of_real in (("half_cell", 0.0), ("low", -math.inf), ("high", math.inf)):
            values = np.concatenate([np.full(n_real, of_real), getattr(layout, name)])
            values = torch.tensor(values, dtype=torch.float32)
            self.register_buffer(name, values, persistent=False)
        self._register_categories()
        self._start(first_bits, first_categories)

    @property
    def n_discrete(self):
        """Logits of bits and categories."""
        return sum(self.widths[1:])

    @torch.no_grad()
    def _start(self, first_bits, first_categories):
        """First weights: the factor model, and the frequencies of values."""
        self.linear.weight.mul_(SMALL)
        start = torch.zeros(3, self.n_mixture, self.n_numbers, dtype=torch.float32)
        logits, location, log_scale = start
        # One component is the factor model's; the others stand around it with little weight.
        logits[0], logits[1:] = 2.0, -2.0
        location.copy_(torch.linspace(-1, 1, self.n_mixture, dtype=torch.float32).unsqueeze(1))
        log_scale.fill_(-0.5)
        location[0], log_scale[0] = 0.0, 0.0
        first = np.concatenate([np.asarray(first_bits), *first_categories])
        self.linear.bias.copy_(torch.cat([start.flatten(), torch.as_tensor(first).float()]))

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

    def forward(self, h, direct, mean, log_sd, x):
        """Log-probability (n, d) of each column's value; of real columns it is a log-density.

        ``h`` (n, n_hidden) is the last hidden layer and ``direct`` (n, n_discrete) is added to the
        logits; ``mean`` and ``log_sd`` (n, D) are the factor model's.
        """
        result = torch.zeros_like(x)
        mixtures, discrete = self.linear(h).split([self.widths[0], self.n_discrete], 1)
        if self.n_numbers:
            raw = mixtures.view(len(x), 3, self.n_mixture, self.n_numbers)
            parts = self.mixture(raw, mean, log_sd)
            cells = self.cells(x[:, self.at_numbers])
            result[:, self.at_numbers] = logistics.LogMixture.apply(*parts, cells)
        if self.n_discrete:
            bits, categories = (discrete + direct).split(self.widths[1:], 1)
        if len(self.at_bits):
            signs = 2 * x[:, self.at_bits] - 1
            result[:, self.at_bits] = F.logsigmoid(signs * bits)
        if len(self.at_categories):
            padded = F.pad(categories, (0, 1), value=-math.inf)
            logits = padded[:, self.category_places].log_softmax(-1)
            chosen = x[:, self.at_categories].long().unsqueeze(-1)
            result[:, self.at_categories] = logits.gather(-1, chosen).squeeze(-1)
        return result

    def cells(self, x):
        """Cells of the values (n, D) of all numeric columns."""
        ends = x <= self.low + self.half_cell, x >= self.high - self.half_cell
        return logistics.Cells(x, self.half_cell, *ends, len(self.layout.real))

    def cells_of_column(self, x, number):
        """Cells of values (n,) of one numeric column."""
        half, low, high = self.half_cell[number], self.low[number], self.high[number]
        n_real = len(x) if number < len(self.layout.real) else 0
        return logistics.Cells(x, half.expand(len(x)), x <= low + half, x >= high - half, n_real)

    def mixture(self, raw, mean, log_sd):
        """Logits, locations and log-scales (..., K, D) of outputs (..., 3, K, D)."""
        logits, shift, log_ratio = raw.unbind(-3)
        mean, log_sd = mean.unsqueeze(-2), log_sd.unsqueeze(-2) - math.log(logistics.SD)
        least = (LEAST_LOG_SCALE - log_sd).clamp(min=LOG_SCALES[0])
        log_scale = log_ratio.clamp(max=LOG_SCALES[1]).maximum(least) + log_sd
        return logits, mean + shift * (logistics.SD * log_sd.exp()), log_scale

    def column(self, h, direct, mean, log_sd, column):
        """Kind and number of a column, and its distribution for hidden rows h (n, n_hidden).

        Of a number logits, locations and log-scales, each (K, n); of a bit or category logits
        (n, n_values), to which ``direct`` of its places was added.
        """
        kind, number = self.kind_of(column)
        places = self.places(kind, number)
        weight, bias = self.linear.weight[places], self.linear.bias[places]
        if kind in ("real", "grid"):
            raw = torch.addmm(bias.unsqueeze(1), weight, h.T).view(3, self.n_mixture, len(h))
            return kind, number, self.mixture(raw, mean[:, number], log_sd[:, number])
        out = F.linear(h, weight, bias) + direct
        if kind == "bits":
            return kind, number, torch.cat([torch.zeros_like(out), out], 1)
        return kind, number, out

    def places(self, kind, number):
        """Which outputs are those of a column: a slice."""
        first, n_bits, _ = self.widths
        if kind in ("real", "grid"):
            return slice(number, first, self.n_numbers)
        if kind == "bits":
            return slice(first + number, first + number + 1)
        ends = np.concatenate([[0], np.cumsum(self.layout.sizes)]) + first + n_bits
        return slice(int(ends[number]), int(ends[number + 1]))

    def discrete_places(self, column):
        """Which of the logits of bits and categories are those of a column: a slice."""
        kind, number = self.kind_of(column)
        if kind in ("real", "grid"):
            return slice(0)
        places = self.places(kind, number)
        return slice(places.start - self.widths[0], places.stop - self.widths[0])

    def kind_of(self, column):
        """Kind of a column, and its number among the numbers, bits or categories."""
        for kind in ("real", "grid", "bits", "categories"):
            among = getattr(self.layout, kind)
            if column in among:
                number = int(np.flatnonzero(among == column)[0])
                return kind, number + (len(self.layout.real) if kind == "grid" else 0)
        raise IndexError(f"There is no column {column}.")
