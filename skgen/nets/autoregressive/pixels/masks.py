"""Convolutions that see what comes before a pixel in raster order, channel by channel.

Features are in groups, one for each channel of the image: those of group g know the channels before
the g-th of their own pixel, and all channels of the pixels before it (van den Oord, Kalchbrenner &
Kavukcuoglu 2016).
"""

import torch
from torch import nn
from torch.nn import functional as F


def group_of(n_features, n_groups):
    """Group (n_features,) of each feature: equal groups, one behind the other."""
    return torch.arange(n_features) * n_groups // n_features


def allowed(of_outputs, of_inputs, *, strict):
    """Which inputs an output may see at its own pixel, (outputs, inputs), by their groups.

    ``strict`` is mask "A" of the paper: pixels themselves are seen by later groups alone. Otherwise
    it is "B": features do not know the channel that they stand for.
    """
    later = of_outputs.unsqueeze(1) - of_inputs
    return later > 0 if strict else later >= 0


def conv(maps, weight, bias):
    """Convolution in the memory format in which single pixels are multiplied fastest."""
    maps = maps.contiguous(memory_format=torch.channels_last)
    weight = weight.contiguous(memory_format=torch.channels_last)
    return F.conv2d(maps, weight, bias)


class RowConv(nn.Module):
    """Convolution (n, c, rows, W) along rows over the pixels to the left and the pixel itself.

    Parameters
    ----------
    of_inputs, of_outputs : tensor of int
        Groups of the inputs and the outputs.
    n_left : int
        Pixels to the left that are seen.
    strict : bool
        Whether the pixel itself is seen by later groups alone.
    """

    def __init__(self, of_inputs, of_outputs, n_left, *, strict=False):
        super().__init__()
        self.n_left = n_left
        shape = len(of_outputs), len(of_inputs), 1, n_left + 1
        self.weight = nn.Parameter(torch.empty(shape, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(shape[0], dtype=torch.float32))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        mask = torch.ones(shape, dtype=torch.float32)
        mask[:, :, 0, -1] = allowed(of_outputs, of_inputs, strict=strict).float()
        self.masks = not bool(mask.all())
        self.register_buffer("mask", mask, persistent=False)

    @property
    def masked_weight(self):
        """Weights with zero for what must not be seen."""
        return self.weight * self.mask if self.masks else self.weight

    def forward(self, maps):
        """Of all pixels at once."""
        if self.n_left:
            return conv(F.pad(maps, (self.n_left, 0)), self.masked_weight, self.bias)
        weight = self.masked_weight.flatten(1)
        return F.linear(maps.movedim(1, -1), weight, self.bias).movedim(-1, 1)

    def at_pixel(self, window):
        """Of one pixel: ``window`` (n, c, n_left + 1) ends with it."""
        return F.linear(window.flatten(1), self.masked_weight.flatten(1), self.bias)


class AboveConv(nn.Module):
    """Convolution (n, c, H, W) over rows above, and with ``own`` the row of the pixel, too.

    Parameters
    ----------
    n_in, n_out : int
        Channels.
    n_rows : int
        Rows that are seen.
    n_sides : int
        Pixels that are seen on either side.
    own : bool
        Whether the lowest of the rows is that of the pixel.
    """

    def __init__(self, n_in, n_out, n_rows, n_sides, *, own):
        super().__init__()
        self.n_rows, self.n_sides, self.shift = n_rows, n_sides, 0 if own else 1
        shape = n_out, n_in, n_rows, 2 * n_sides + 1
        self.weight = nn.Parameter(torch.empty(shape, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(n_out, dtype=torch.float32))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, maps):
        """Of all rows at once."""
        height = maps.shape[2]
        maps = maps[:, :, : height - self.shift]
        padding = self.n_sides, self.n_sides, self.n_rows - 1 + self.shift, 0
        return conv(F.pad(maps, padding), self.weight, self.bias)

    def at_row(self, maps, row):
        """Of one row (n, n_out, 1, W); what is below it in ``maps`` has no part in it."""
        stop = row + 1 - self.shift
        seen = maps[:, :, max(0, stop - self.n_rows) : max(0, stop)]
        missing = self.n_rows - seen.shape[2]
        if missing:
            seen = F.pad(seen, (0, 0, missing, 0))
        return F.conv2d(seen, self.weight, self.bias, padding=(0, self.n_sides))
