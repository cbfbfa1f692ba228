"""Gated convolutions without a blind spot (van den Oord et al. 2016b)."""

import torch
from torch import nn

from skgen.nets.autoregressive.pixels.gate import gate
from skgen.nets.autoregressive.pixels.gated_walk import GatedWalk
from skgen.nets.autoregressive.pixels.head import MapDropout, PixelNet, PlacedConditions
from skgen.nets.autoregressive.pixels.masks import AboveConv, RowConv, group_of


class GatedLayer(nn.Module):
    """A gated layer: a vertical stack of the rows above, and a horizontal one of the row.

    Parameters
    ----------
    of_vertical, of_horizontal : tensor of int
        Groups of the inputs of the two stacks.
    groups : tensor of int
        Groups of the features.
    kernel_size : int
        Odd; of the convolutions, of which the rows above and the left half are seen.
    first, last : bool
        Whether the layer sees the image, and whether it tells the outputs alone.
    dropout : nn.Module
        Applied to the features in training.
    """

    def __init__(self, of_vertical, of_horizontal, groups, kernel_size, *, first, last, dropout):
        super().__init__()
        reach, width = kernel_size // 2, len(groups)
        both = groups.repeat(2)
        n_rows = max(1, reach) if first else reach + 1
        self.above = AboveConv(len(of_vertical), 2 * width, n_rows, reach, own=not first)
        self.beside = RowConv(of_horizontal, both, reach, strict=first)
        # The rows above are known to all channels of a pixel.
        self.across = RowConv(torch.zeros_like(both), torch.zeros_like(both), 0)
        self.out = RowConv(groups, groups if last else both, 0)
        self.dropout, self.first, self.last, self.width = dropout, first, last, width

    def forward(self, vertical, horizontal, shift):
        """Both stacks, and what the layer tells the outputs directly.

        ``shift`` is added to what the rows above give, and through that to both stacks.
        """
        above = self.above(vertical) + shift
        inner = self.dropout(gate(self.beside(horizontal) + self.across(above)))
        if self.last:
            return None, None, self.out(inner)
        added, told = self.out(inner).split(self.width, 1)
        return self.dropout(gate(above)), self._next(horizontal, added), told

    def _next(self, horizontal, added):
        return added if self.first else horizontal + added

    def vertical_row(self, maps, row, shift):
        """One row (n, c, 1, W) of the vertical stack, and what it tells the horizontal one."""
        above = self.above.at_row(maps, row) + shift
        return gate(above), self.across(above)

    def at_pixel(self, window, across):
        """The horizontal stack (n, width) at one pixel, and what the layer tells the outputs."""
        inner = gate(self.beside.at_pixel(window) + across)
        if self.last:
            return None, self.out.at_pixel(inner)
        added, told = self.out.at_pixel(inner).split(self.width, 1)
        return self._next(window[..., -1], added), told


class GatedNet(PixelNet):
    """Gated layers, whose horizontal stacks add up to the outputs.

    Parameters
    ----------
    image_shape, width, values, first_outputs, order, columns
        As in ``PixelNet``.
    n_layers : int
        Gated layers.
    kernel_size, first_kernel_size : int
        Odd sizes of their convolutions and those of the first.
    dropout : callable
        ``dropout()`` makes a module.
    """

    def __init__(
        self,
        image_shape,
        width,
        values,
        first_outputs,
        order,
        columns,
        *,
        n_layers,
        kernel_size,
        first_kernel_size,
        dropout,
    ):
        super().__init__(image_shape, width, values, first_outputs, order, columns)
        n_channels, *sides = image_shape
        of_image = group_of(n_channels, n_channels)
        self.layers = nn.ModuleList()
        for number in range(n_layers):
            first = number == 0
            self.layers.append(
                GatedLayer(
                    of_image if first else self.groups,
                    of_image if first else self.groups,
                    self.groups,
                    first_kernel_size if first else kernel_size,
                    first=first,
                    last=number == n_layers - 1,
                    dropout=MapDropout(dropout()),
                )
            )
        if columns is not None:
            self.given = PlacedConditions(columns.width, [2 * width] * n_layers, sides)
        # Where a pixel lies: of that the layers see the edges alone.
        self.lies = nn.Parameter(torch.zeros(2 * width, *sides, dtype=torch.float32))

    def shifts(self, code):
        """What is added to each layer, of shapes that broadcast to (n, 2 width, H, W)."""
        of_layers = [0.0] * len(self.layers) if code is None else self.given(code)
        return [of_layers[0] + self.lies, *of_layers[1:]]

    def hidden(self, seen, code):
        """Features (n, width, H, W) of what comes before each pixel."""
        vertical = horizontal = seen
        total = 0.0
        for layer, shift in zip(self.layers, self.shifts(code)):
            vertical, horizontal, told = layer(vertical, horizontal, shift)
            total = total + told
        return total

    def walk(self, x, code):
        """A ``GatedWalk`` over images x (n, channels, H, W)."""
        return GatedWalk(self, self.values.seen(x), self.shifts(code))
