"""Gated convolutions without a blind spot (van den Oord et al. 2016b)."""

import torch
from torch import nn

from skgen.nets.autoregressive.pixels.head import MapDropout, PixelNet, PlacedConditions
from skgen.nets.autoregressive.pixels.masks import AboveConv, RowConv, group_of


class Gate(torch.autograd.Function):
    """2 tanh(a) sigmoid(2 b) of the two halves of the channels, in few passes over them.

    tanh(a) = 2 sigmoid(2 a) - 1, and sigmoids are several times as fast on a CPU.
    """

    @staticmethod
    def forward(ctx, maps):
        """The gated maps (n, c, ...) of maps (n, 2 c, ...)."""
        both = torch.sigmoid(maps + maps)
        a, b = both.chunk(2, 1)
        gated = (4 * a).sub_(2).mul_(b)
        ctx.save_for_backward(both, gated)
        return gated

    @staticmethod
    def backward(ctx, grad):
        """Derivative by the maps: that of a sigmoid s(2 x) is 2 s (1 - s)."""
        both, gated = ctx.saved_tensors
        a, b = both.chunk(2, 1)
        total = torch.empty_like(both)
        of_a, of_b = total.chunk(2, 1)
        torch.mul(torch.addcmul(a, a, a, value=-1), (8 * b).mul_(grad), out=of_a)
        torch.mul(torch.addcmul(gated, gated, b, value=-1), grad + grad, out=of_b)
        return total


gate = Gate.apply


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


class GatedWalk:
    """Features of one pixel after the other, each computed once.

    Parameters
    ----------
    net : GatedNet
        In evaluation mode.
    seen : tensor of shape (n, channels, H, W)
        Images as the network sees them, of which only what comes before a pixel has a part in it.
    shifts : list
        What is added to each layer.
    """

    def __init__(self, net, seen, shifts):
        self.net, self.shifts = net, shifts
        n, _, height, columns = seen.shape
        self.vertical = [seen.clone()]
        for _ in net.layers[1:]:
            self.vertical.append(seen.new_zeros(n, net.width, height, columns))
        self.row = None

    def skip_to(self, row):
        """Take the rows before ``row`` as they are."""
        if not row:
            return
        for number, (layer, shift) in enumerate(zip(self.net.layers[:-1], self.shifts)):
            above = layer.above(self.vertical[number][:, :, :row]) + _rows(shift, slice(row))
            self.vertical[number + 1][:, :, :row] = gate(above)

    def begin_row(self, row):
        """Let the vertical stacks go through a row."""
        n, _, _, columns = self.vertical[0].shape
        self.row, self.across, self.horizontal = row, [], []
        for number, (layer, shift) in enumerate(zip(self.net.layers, self.shifts)):
            maps = self.vertical[number]
            own = _rows(shift, slice(row, row + 1))
            vertical, across = layer.vertical_row(maps, row, own)
            self.across.append(across.squeeze(2))
            if number + 1 < len(self.vertical):
                self.vertical[number + 1][:, :, row] = vertical.squeeze(2)
            left = layer.beside.n_left
            self.horizontal.append(maps.new_zeros(n, maps.shape[1], left + columns))
        first = self.net.layers[0].beside.n_left
        self.horizontal[0][:, :, first:] = self.vertical[0][:, :, row]

    def outputs(self, column):
        """Outputs (n, channels, n_outputs) of a pixel of the row."""
        total = 0.0
        for number, layer in enumerate(self.net.layers):
            left = layer.beside.n_left
            window = self.horizontal[number][:, :, column : column + left + 1]
            own, told = layer.at_pixel(window, self.across[number][:, :, column])
            if number + 1 < len(self.net.layers):
                after = self.net.layers[number + 1].beside.n_left
                self.horizontal[number + 1][:, :, after + column] = own
            total = total + told
        return self.net.of_hidden_at(total, self.row, column)

    def put(self, column, seen):
        """Set a pixel of the row to what the network sees of it, (n, channels)."""
        self.vertical[0][:, :, self.row, column] = seen
        left = self.net.layers[0].beside.n_left
        self.horizontal[0][:, :, left + column] = seen


def _rows(shift, rows):
    """Rows of a shift, which may be the same for all."""
    is_one = not isinstance(shift, torch.Tensor) or shift.shape[-2:] == (1, 1)
    return shift if is_one else shift[..., rows, :]
