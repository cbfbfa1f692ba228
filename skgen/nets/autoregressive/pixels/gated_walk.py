"""Gated convolutions pixel by pixel, each feature computed once."""

import torch
from torch.nn import functional as F

from skgen.nets.autoregressive.pixels.gate import gate
from skgen.nets.autoregressive.pixels.origin import Origin


class GatedWalk:
    """Features of one pixel after the other, of which only those are held that are still seen.

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
        self.net, self.shifts, self.seen = net, shifts, seen.clone()
        n, columns = len(seen), seen.shape[3]
        # Of the vertical stack below each layer but the first, the rows that it sees.
        self.vertical = [
            seen.new_zeros(n, net.width, layer.above.n_rows, columns) for layer in net.layers[1:]
        ]
        # Of images at the start of the row, and at that of the walk.
        self.origin, self.first_origin = Origin(), Origin()
        self.row = self.column = None

    def skip_to(self, row):
        """Take the rows before ``row`` as they are."""
        if not row:
            return
        maps = self.seen[:, :, :row]
        for number, layer in enumerate(self.net.layers[:-1]):
            maps = gate(layer.above(maps) + self._shift(number, slice(row)))
            kept = self.vertical[number].shape[2]
            last = maps[:, :, -kept:]
            self.vertical[number] = F.pad(last, (0, 0, kept - last.shape[2], 0))

    def _shift(self, number, rows):
        """Rows of what is added to a layer, for the images that there are now."""
        shift = self.shifts[number]
        if not isinstance(shift, torch.Tensor):
            return shift
        if shift.shape[-2:] != (1, 1):
            shift = shift[..., rows, :]
        return self.first_origin.of(shift) if shift.ndim > 3 else shift

    def begin_row(self, row):
        """Let the vertical stacks go through a row."""
        self.vertical = [self.origin.of(maps) for maps in self.vertical]
        self.origin = Origin()
        self.row, self.column, self.across, self.horizontal = row, -1, [], []
        for number, layer in enumerate(self.net.layers):
            maps, place = (self.vertical[number - 1], -1) if number else (self.seen, row)
            place = place % maps.shape[2]
            shift = self._shift(number, slice(row, row + 1))
            vertical, across = layer.vertical_row(maps, place, shift)
            # (W, n, 2 width)
            self.across.append(across.squeeze(2).permute(2, 0, 1).contiguous())
            if number < len(self.vertical):
                kept = self.vertical[number][:, :, 1:]
                self.vertical[number] = torch.cat([kept, vertical], 2)
            zero = maps.new_zeros(len(maps), maps.shape[1])
            self.horizontal.append([zero] * (layer.beside.n_left + 1))
        left = self.net.layers[0].beside.n_left
        self.own = F.pad(self.seen[:, :, row], (left, 0))

    def outputs(self, column):
        """Outputs (n, channels, n_outputs) of a pixel of the row."""
        if column != self.column:
            for maps in self.horizontal[1:]:
                maps.append(maps.pop(0))
            self.column = column
        total = 0.0
        for number, layer in enumerate(self.net.layers):
            if number:
                window = torch.stack(self.horizontal[number], 2)
            else:
                window = self.own[:, :, column : column + layer.beside.n_left + 1]
            across = self.origin.of(self.across[number][column])
            own, told = layer.at_pixel(window, across)
            if number + 1 < len(self.net.layers):
                self.horizontal[number + 1][-1] = own
            total = total + told
        return self.net.of_hidden_at(total, self.row, column)

    def put(self, column, seen):
        """Set a pixel of the row to what the network sees of it, (n, channels)."""
        self.seen[:, :, self.row, column] = seen
        left = self.net.layers[0].beside.n_left
        self.own[:, :, left + column] = seen

    def take(self, rows):
        """Go on with copies of some of the images, by their numbers."""
        self.seen, self.own = self.seen[rows], self.own[rows]
        for origin in (self.origin, self.first_origin):
            origin.take(rows)
        for number in range(1, len(self.horizontal)):
            self.horizontal[number] = [maps[rows] for maps in self.horizontal[number]]
