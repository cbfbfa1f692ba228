"""Distributions of the value of a pixel from the outputs of a network.

Each has ``n_outputs`` a value; ``seen(x)``, values as the network sees them; ``log_probability(x,
out)`` of values (n, channels, ...) by outputs (n, channels, n_outputs, ...); ``draw(out,
generator)``; ``mean(out)``; and ``candidates(out, n_least, generator)``, values of one pixel by
outputs (n, n_outputs): how many there are for each row (n,), they, and the logarithms of their
shares, one row after the other. They are all values that there are, or draws of equal share,
``n_least`` (n,) of them at least.
"""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive import logistics

LOG_SCALES = -7.0, 5.0  # of components, relative to the standardized values
MOST_LEVELS = 32  # that are all candidates; of more there are draws
N_CANDIDATES = 4  # draws that stand for a distribution, at least


def listed(values, log_p):
    """All values (k,) as candidates by their log-probabilities (n, k)."""
    n, k = log_p.shape
    n_each = torch.full((n,), k, device=log_p.device)
    return n_each, values.to(log_p).repeat(n), log_p.flatten()


def drawn(distribution, out, n_least, generator):
    """Draws as candidates, by outputs (n, n_outputs)."""
    n_each = n_least.clamp(min=N_CANDIDATES)
    copies = out.repeat_interleave(n_each, 0).unsqueeze(1)
    log_share = -torch.log(n_each.to(out)).repeat_interleave(n_each)
    return n_each, distribution.draw(copies, generator).squeeze(1), log_share


class Bits(nn.Module):
    """0 or 1, by the log-odds of 1."""

    n_outputs = 1

    def seen(self, x):
        """-1 and 1."""
        return 2 * x - 1

    def log_probability(self, x, out):
        """Log-probability of each bit."""
        return F.logsigmoid((2 * x - 1) * out.squeeze(2))

    def draw(self, out, generator):
        """One bit each."""
        u = torch.rand(
            out.squeeze(2).shape, generator=generator, device=out.device, dtype=torch.float32
        )
        return (u < torch.sigmoid(out.squeeze(2))).to(out.dtype)

    def mean(self, out):
        """Probability of 1."""
        return torch.sigmoid(out.squeeze(2))

    def candidates(self, out, n_least, generator):
        """Both bits."""
        log_p = F.logsigmoid(torch.cat([-out, out], 1))
        return listed(torch.arange(2, device=out.device), log_p)


class Levels(nn.Module):
    """A number of 0, 1, ..., n_levels - 1, by their logits."""

    def __init__(self, n_levels):
        super().__init__()
        self.n_outputs = n_levels

    def seen(self, x):
        """Evenly spaced values from -1 to 1."""
        return x * (2 / max(1, self.n_outputs - 1)) - 1

    def log_probability(self, x, out):
        """Log-probability of each level."""
        logits = out.log_softmax(2)
        return logits.gather(2, x.long().unsqueeze(2)).squeeze(2)

    def draw(self, out, generator):
        """One level each."""
        return logistics.draw_category(out, generator, 2).to(out.dtype)

    def mean(self, out):
        """Mean level."""
        number = torch.arange(self.n_outputs, device=out.device).to(out.dtype)
        return torch.einsum("nck...,k->nc...", out.softmax(2), number)

    def candidates(self, out, n_least, generator):
        """All levels where they are few."""
        if self.n_outputs > MOST_LEVELS:
            return drawn(self, out, n_least, generator)
        return listed(torch.arange(self.n_outputs, device=out.device), out.log_softmax(1))


class Logistics(nn.Module):
    """Standardized numbers, by a mixture of logistic distributions.

    Parameters
    ----------
    n_mixture : int
        Components.
    half_cell : float
        Half the distance of values on a grid, whose cells have masses; 0 for a density.
    low, high : float
        Ends of the grid, whose cells take the tails; infinite where there are none.
    least, greatest : float
        Ends of the range of draws.
    """

    def __init__(self, n_mixture, half_cell, low, high, least, greatest):
        super().__init__()
        self.n_outputs = 3 * n_mixture
        self.is_density = half_cell == 0
        ends = {"half_cell": half_cell, "low": low, "high": high}
        ends.update(least=least, greatest=greatest)
        for name, value in ends.items():
            self.register_buffer(name, torch.tensor([value], dtype=torch.float32), persistent=False)

    def seen(self, x):
        """As they are."""
        return x

    def _parts(self, out):
        """Logits, locations and log-scales (n, channels, K, pixels)."""
        logits, location, log_scale = out.flatten(3).unflatten(2, (3, -1)).unbind(2)
        return logits, location, log_scale.clamp(*LOG_SCALES)

    def log_probability(self, x, out):
        """Log-density of each number, or log-mass of its cell."""
        values, half = x.flatten(2), self.half_cell
        ends = values <= self.low + half, values >= self.high - half
        n_real = values.shape[-1] if self.is_density else 0
        cells = logistics.Cells(values, half, *ends, n_real)
        return logistics.LogMixture.apply(*self._parts(out), cells).view_as(x)

    def draw(self, out, generator):
        """One number each, on the grid where there is one."""
        shape = [*out.shape[:2], *out.shape[3:]]
        parts = self._parts(out.flatten(3) if out.ndim > 3 else out.unsqueeze(3))
        x = logistics.draw(*parts, self.least, self.greatest, generator).reshape(shape)
        if self.is_density:
            return x
        step = 2 * self.half_cell
        return self.on_grid(x, step)

    def on_grid(self, x, step):
        """Numbers at the nearest place of the grid; the end cells take what lies beyond."""
        x = self.least + step * torch.round((x - self.least) / step)
        return x.clamp(self.low, self.high)

    def mean(self, out):
        """Mean of each number, held within the ends of the grid."""
        shape = [*out.shape[:2], *out.shape[3:]]
        logits, *moments = self._parts(out.flatten(3) if out.ndim > 3 else out.unsqueeze(3))
        means = logistics.mean_within(self.low, self.high, *moments)
        return (logits.softmax(2) * means).sum(2).clamp(self.least, self.greatest).reshape(shape)

    def candidates(self, out, n_least, generator):
        """A few draws."""
        return drawn(self, out, n_least, generator)
