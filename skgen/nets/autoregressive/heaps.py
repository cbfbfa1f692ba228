"""Grids within grids: people write most values with few digits, and some with more."""

import numpy as np
import torch
from torch import nn

from skgen.nets.autoregressive import logistics

NEAR = 0.02  # of the distance of heaps, within which a value lies on one


class Heaps(nn.Module):
    """Masses and draws of columns on a grid whose values are heaped on a coarser one.

    With a probability that the column has, a value of the mixture is written on the fine grid,
    and else on the coarse one; each place takes the values nearest to it.

    Parameters
    ----------
    layout : Layout
        Kinds and grids of the columns.
    """

    def __init__(self, layout):
        super().__init__()
        heaped = np.flatnonzero(layout.heap_step > 0)
        step, start = layout.heap_step[heaped], layout.heap_start[heaped]
        spread = layout.spread[heaped]
        # The heaps nearest to the closed ends, within them.
        first = start + step * np.ceil((layout.low[heaped] - start) / step - NEAR)
        last = start + step * np.floor((layout.high[heaped] - start) / step + NEAR)
        self.numbers = (heaped + len(layout.real)).tolist()
        self.register_buffer("at", torch.tensor(self.numbers, dtype=torch.int64), persistent=False)
        values = {"step": step, "start": start, "first": first, "last": last, "spread": spread}
        for name, value in values.items():
            value = torch.tensor(value, dtype=torch.float32)
            self.register_buffer(name, value, persistent=False)

    def of_number(self, number):
        """Which of the heaped columns is that among the numbers; None if it is none."""
        return self.numbers.index(number) if number in self.numbers else None

    def _nearest(self, x, heap):
        """The heap that is nearest to each value."""
        step, start = self.step[heap], self.start[heap]
        return start + step * torch.round((x - start) / step)

    def log_mass(self, log_fine, x, parts, heap=slice(None)):
        """Log-masses of values x (..., D), given those of their cells on the fine grid.

        ``parts`` are logits, locations and log-scales (..., K, D).
        """
        place, half, spread = self._nearest(x, heap), self.step[heap] / 2, self.spread[heap]
        ends = place <= self.first[heap] + half, place >= self.last[heap] - half
        cells = logistics.Cells(place, half.expand(x.shape[-1]), *ends, 0)
        log_coarse = logistics.LogMixture.apply(*parts, cells) + torch.log1p(-spread)
        log_fine = log_fine + spread.log()
        is_on = (x - place).abs() < NEAR * self.step[heap]
        return torch.where(is_on, torch.logaddexp(log_fine, log_coarse), log_fine)

    def draw(self, fine, x, heap, generator):
        """Values (n,) as they are written: on the fine grid, or x on the coarse one."""
        coarse = self._nearest(x, heap).clamp(self.first[heap], self.last[heap])
        u = torch.rand(x.shape, generator=generator, device=x.device, dtype=torch.float32)
        return torch.where(u < self.spread[heap], fine, coarse)
