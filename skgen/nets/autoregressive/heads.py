"""Distributions of columns, by kind, from the outputs of a network."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive import logistics
from skgen.nets.autoregressive.heaps import Heaps

LOG_SCALES = -5.0, 3.0  # of components, relative to the linear model
LEAST_LOG_SCALE = -10.0


class Heads(nn.Module):
    """What outputs mean: mixtures of logistics for numbers, logits for bits and categories.

    The outputs of a network are those of the mixtures, (numbers, 3, K) flat, of the bits, and of
    the categories of one column after the other.

    Parameters
    ----------
    layout : Layout
        Kinds of the columns.
    n_mixture : int
        Components of the mixtures.
    """

    def __init__(self, layout, n_mixture):
        super().__init__()
        self.layout, self.n_mixture = layout, n_mixture
        self.n_numbers, n_bits = len(layout.numbers), len(layout.bits)
        # Outputs for mixtures, bits and categories.
        self.widths = [3 * n_mixture * self.n_numbers, n_bits, int(layout.sizes.sum())]
        for name in ("numbers", "bits", "categories"):
            columns = torch.tensor(getattr(layout, name), dtype=torch.int64)
            self.register_buffer(f"at_{name}", columns, persistent=False)
        # Real columns are cells of no width on a grid without ends.
        n_real = len(layout.real)
        for name, of_real in (("half_cell", 0.0), ("low", -math.inf), ("high", math.inf)):
            values = np.concatenate([np.full(n_real, of_real), getattr(layout, name)])
            values = torch.tensor(values, dtype=torch.float32)
            self.register_buffer(name, values, persistent=False)
        self.heaps = Heaps(layout)
        for name in ("least", "greatest"):
            values = torch.tensor(getattr(layout, name), dtype=torch.float32)
            self.register_buffer(name, values, persistent=False)
        self._register_categories()

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

    def first_outputs(self, first_bits, first_categories):
        """Outputs that give the factor model, and the frequencies of values."""
        start = torch.zeros(self.n_numbers, 3, self.n_mixture, dtype=torch.float32)
        logits, location, log_scale = start.unbind(1)
        # One component is the factor model's; the others stand around it with little weight.
        logits[:, 0], logits[:, 1:] = 2.0, -2.0
        location.copy_(torch.linspace(-1, 1, self.n_mixture, dtype=torch.float32))
        log_scale.fill_(-0.5)
        location[:, 0], log_scale[:, 0] = 0.0, 0.0
        first = np.concatenate([np.asarray(first_bits), *first_categories])
        return torch.cat([start.flatten(), torch.as_tensor(first).float()])

    def log_probabilities(self, x, mixtures, discrete, mean, log_sd):
        """Log-probability of each column's value, (n, d); of real columns a log-density.

        ``x`` (n, d) is finite, ``mixtures`` and ``discrete`` are outputs, and ``mean`` and
        ``log_sd`` those of numbers under the linear model.
        """
        bits, categories = discrete.split(self.widths[1:], 1)
        n, K = len(x), self.n_mixture
        result = torch.zeros_like(x)
        if self.n_numbers:
            # Sums over the components are fast where the columns are next to each other.
            raw = mixtures.view(n, -1, 3, K).permute(0, 2, 3, 1).contiguous()
            parts = self.mixture(raw, mean, log_sd)
            result[:, self.at_numbers] = self._log_of_numbers(x[:, self.at_numbers], parts)
        if len(self.at_bits):
            signs = 2 * x[:, self.at_bits] - 1
            result[:, self.at_bits] = F.logsigmoid(signs * bits)
        if len(self.at_categories):
            padded = F.pad(categories, (0, 1), value=-math.inf)
            logits = padded[:, self.category_places].log_softmax(-1)
            chosen = x[:, self.at_categories].long().unsqueeze(-1)
            result[:, self.at_categories] = logits.gather(-1, chosen).squeeze(-1)
        return result

    def _log_of_numbers(self, x, parts):
        """Log-densities, or log-masses, of values (n, D) under mixtures (n, K, D)."""
        ends = x <= self.low + self.half_cell, x >= self.high - self.half_cell
        cells = logistics.Cells(x, self.half_cell, *ends, len(self.layout.real))
        log_p = logistics.LogMixture.apply(*parts, cells)
        at = self.heaps.at
        if not len(at):
            return log_p
        parts = [part[..., at] for part in parts]
        return log_p.index_copy(1, at, self.heaps.log_mass(log_p[:, at], x[:, at], parts))

    def log_of_number(self, x, parts, number):
        """The same of the values (n,) of one numeric column under mixtures (K, n)."""
        half, low, high = self.half_cell[number], self.low[number], self.high[number]
        n_real = len(x) if number < len(self.layout.real) else 0
        ends = x <= low + half, x >= high - half
        cells = logistics.Cells(x, half.expand(len(x)), *ends, n_real)
        log_p = logistics.LogMixture.apply(*parts, cells)
        heap = self.heaps.of_number(number)
        return log_p if heap is None else self.heaps.log_mass(log_p, x, parts, heap)

    def draw_number(self, parts, number, generator):
        """Values (n,) of one numeric column from mixtures (K, n); those of grids lie on them."""
        x = logistics.draw(*parts, self.least[number], self.greatest[number], generator)
        if number < len(self.layout.real):
            return x
        step = 2 * self.half_cell[number]
        # Half a cell beyond an end lies its own cell, which takes the tail.
        fine = (step * torch.round(x / step)).clamp(self.low[number], self.high[number])
        heap = self.heaps.of_number(number)
        return fine if heap is None else self.heaps.draw(fine, x, heap, generator)

    def mixture(self, raw, mean, log_sd):
        """Logits, locations and log-scales (..., K, D) of outputs (..., 3, K, D).

        They are relative to means and log standard deviations (..., D) of the linear model.
        """
        logits, shift, log_ratio = raw.unbind(-3)
        mean, log_sd = mean.unsqueeze(-2), log_sd.unsqueeze(-2)
        log_scale = log_ratio.clamp(*LOG_SCALES) + (log_sd - math.log(logistics.SD))
        return logits, mean + shift * log_sd.exp(), log_scale.clamp(min=LEAST_LOG_SCALE)

    def parameters_of(self, kind, number, out, mean, log_sd):
        """Kind, number and distribution of one column: a mixture's parts (K, n), or logits."""
        if kind in ("real", "grid"):
            raw = out.T.contiguous().view(3, self.n_mixture, len(out))
            return kind, number, self.mixture(raw, mean[:, number], log_sd[:, number])
        if kind == "bits":
            return kind, number, torch.cat([torch.zeros_like(out), out], 1)
        return kind, number, out

    def outputs_of(self, kind, number):
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
