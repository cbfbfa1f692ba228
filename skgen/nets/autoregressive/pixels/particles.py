"""Holes that are followed by known pixels: a particle filter over the pixels in raster order.

Each particle is an image so far with a weight. A hole lets it branch into candidates for the value,
and a known pixel multiplies its weight by its probability. Of all candidates as many stay as there
is room for: those with weight above 1 / N as they are, of the others few, by chance, with weight
1 / N (Fearnhead & Clifford 2003). Of holes with fewer fillings than N that is an enumeration.
"""

import math
from typing import NamedTuple

import torch

from skgen.nets.autoregressive.pixels.lookahead import of_candidates


class Particles(NamedTuple):
    """Images (m, channels, H, W) by their rows, in order, with weights that sum to 1 in a row."""

    x: torch.Tensor
    owner: torch.Tensor  # (m,), the rows that they fill
    log_weight: torch.Tensor  # (m,), float64


def filtered(net, x, code, missing, n_particles, gaussian, generator):
    """``Particles`` that stand for what is missing given all that is known.

    Parameters
    ----------
    net : PixelNet
        In evaluation mode.
    x : tensor of shape (n, channels, H, W)
        Images.
    code : tensor or None
        Of their conditions.
    missing : tensor of bool
        Of the shape of x.
    n_particles : int
        Most particles of an image.
    gaussian : Gaussian
        Stands for the model in looking ahead.
    generator : torch.Generator
        Source of the draws.
    """
    x = torch.where(missing, torch.zeros_like(x), x)
    flow = _Filter(net, x, code, missing, n_particles, gaussian, generator)
    start = int(torch.nonzero(missing.any(dim=(0, 1, 3)))[0])
    flow.walk.skip_to(start)
    for row in range(start, x.shape[2]):
        flow.walk.begin_row(row)
        for column in range(x.shape[3]):
            flow.through(row, column)
    return Particles(flow.images(), flow.owner, flow.log_weight)


class _Filter:
    """Particles on their way through the pixels."""

    def __init__(self, net, x, code, missing, n_particles, gaussian, generator):
        self.net, self.n_particles, self.generator = net, n_particles, generator
        self.shape, self.n_rows = x.shape[1:], len(x)
        # Rows of values in raster order, the channels of a pixel one after the other.
        self.x, self.missing = raster(x), raster(missing)
        self.walk = net.walk(x, code)
        self.lookahead = gaussian.given(self.x, self.missing)
        self.owner = torch.arange(len(x), device=x.device)
        self.log_weight = torch.zeros(len(x), dtype=torch.float64, device=x.device)

    def images(self):
        """The particles as images."""
        n_channels, height, width = self.shape
        return self.x.unflatten(1, (height, width, n_channels)).permute(0, 3, 1, 2)

    def through(self, row, column):
        """Pass a pixel, channel by channel."""
        n_channels, _, width = self.shape
        out = self.walk.outputs(column)
        first = (row * width + column) * n_channels
        for channel in range(n_channels):
            place = first + channel
            is_drawn = self.missing[:, place].any()
            self._weigh(out[:, channel], place)
            if not is_drawn:
                continue
            self._branch(out[:, channel], place)
            pixel = self.x[:, first : first + n_channels]
            self.walk.put(column, self.net.values.seen(pixel))
            if channel + 1 < n_channels:
                out = self.walk.outputs(column)

    def _weigh(self, out, place):
        """Let the particles of rows that know a value have its probability as a factor."""
        own = self.x[:, place].view(-1, 1)
        log_p = self.net.values.log_probability(own.unsqueeze(2), out[:, None, :, None]).flatten()
        gain = log_p + self.lookahead.of_known(self.x, place)
        known = ~self.missing[self.owner, place]
        self.log_weight = self.log_weight + torch.where(known, gain, 0.0)

    def _branch(self, out, place):
        """Let the others branch, and keep some of all."""
        rows = torch.nonzero(self.missing[self.owner, place]).flatten()
        # Draws fill the room that there is for the particles of a row.
        room = -(-self.n_particles // torch.bincount(self.owner))[self.owner[rows]]
        n_new, values, log_p = self.net.values.candidates(out[rows], room, self.generator)
        about = self.lookahead.at_hole(self.x[rows], self.owner[rows], place)
        gain = log_p + of_candidates(values, *about.repeat_interleave(n_new, 1))
        n_each = torch.ones_like(self.owner)
        n_each[rows] = n_new
        parent = torch.arange(len(self.x), device=out.device).repeat_interleave(n_each)
        log_weight, own = self.log_weight[parent], self.x[parent, place]
        is_new = self.missing[self.owner, place][parent]
        log_weight[is_new] += gain
        own[is_new] = values
        owner = self.owner[parent]
        log_weight = log_weight - log_sum_exp(log_weight, owner, self.n_rows)[owner]
        kept, self.log_weight = selected(log_weight, owner, self.n_particles, self.generator)
        parent = parent[kept]
        self.owner, self.x = owner[kept], self.x[parent]
        self.x[:, place] = own[kept]
        self.walk.take(parent)


def raster(maps):
    """Rows (n, d) of maps (n, channels, H, W) in the order of the factors."""
    return maps.permute(0, 2, 3, 1).flatten(1)


def log_sum_exp(values, owner, n):
    """Logarithms (n,) of the sums of exponentials of the values of each owner."""
    top = torch.full((n,), -torch.inf, dtype=values.dtype, device=values.device)
    top = top.scatter_reduce(0, owner, values, "amax")
    total = torch.zeros_like(top).index_add(0, owner, torch.exp(values - top[owner]))
    return top + torch.log(total)


def selected(log_weight, owner, n_particles, generator):
    """Which particles stay, and their weights; those of each owner sum to 1 before and on average.

    Where there are too many, systematic resampling picks each light one as often as it weighs.
    """
    share = n_particles * torch.exp(log_weight)
    count = torch.bincount(owner)
    light = (share < 1) & (count > n_particles)[owner]
    chance = torch.where(light, share, 0.0)
    u = torch.rand(len(count), generator=generator, device=owner.device).double()[owner]
    stop = chance.cumsum(0)
    start = torch.cat([stop.new_zeros(1), stop[:-1]])
    picked = torch.floor(stop + u) > torch.floor(start + u)
    kept = torch.nonzero(~light | picked).flatten()
    least = torch.full_like(log_weight, -math.log(n_particles))
    return kept, torch.where(light, least, log_weight)[kept]
