"""Recurrent networks over the rows or the diagonals of an image (van den Oord et al. 2016a)."""

import torch
from torch import nn

from skgen.nets.autoregressive.pixels.head import Conditions, MapDropout, PixelNet
from skgen.nets.autoregressive.pixels.lstm import DiagonalLSTM, RowLSTM
from skgen.nets.autoregressive.pixels.masks import AboveConv, RowConv, group_of
from skgen.nets.autoregressive.pixels.origin import Origin


class RecurrentNet(PixelNet):
    """Layers of LSTM, each added to the features that it sees.

    Parameters
    ----------
    image_shape, width, values, first_outputs, order, columns
        As in ``PixelNet``.
    recurrence : {"diagonal", "row"}
        Along what the states go.
    n_layers : int
        Layers of LSTM.
    kernel_size, first_kernel_size : int
        Odd sizes of the convolutions along a row, and of that which sees the image.
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
        recurrence,
        n_layers,
        kernel_size,
        first_kernel_size,
        dropout,
    ):
        super().__init__(image_shape, width, values, first_outputs, order, columns)
        n_channels, *sides = image_shape
        reach = first_kernel_size // 2
        of_image = group_of(n_channels, n_channels)
        self.above = AboveConv(n_channels, width, max(1, reach), reach, own=False)
        self.beside = RowConv(of_image, self.groups, reach, strict=True)
        # Where a pixel lies: of that the layers see the edges alone.
        self.lies = nn.Parameter(torch.zeros(width, *sides, dtype=torch.float32))
        make = {
            "diagonal": lambda: DiagonalLSTM(self.groups, image_shape),
            "row": lambda: RowLSTM(self.groups, n_channels, kernel_size),
        }[recurrence]
        self.layers = nn.ModuleList(make() for _ in range(n_layers))
        self.out = nn.ModuleList(RowConv(self.groups, self.groups, 0) for _ in range(n_layers))
        self.dropout = MapDropout(dropout())
        if columns is not None:
            widths = [len(layer.into.bias) for layer in self.layers]
            self.given = Conditions(columns.width, widths)

    def shifts(self, code):
        """What is added to the gates of each layer: (n, gates, 1, 1), or 0."""
        return [0.0] * len(self.layers) if code is None else self.given(code)

    def hidden(self, seen, code):
        """Features (n, width, H, W) of what comes before each pixel."""
        maps = self.above(seen) + self.beside(seen) + self.lies
        for layer, out, shift in zip(self.layers, self.out, self.shifts(code)):
            maps = maps + out(self.dropout(layer(maps, seen, shift)))
        return maps

    def walk(self, x, code):
        """A ``RecurrentWalk`` over images x (n, channels, H, W)."""
        return RecurrentWalk(self, self.values.seen(x), self.shifts(code))


class RecurrentWalk:
    """Features of one pixel after the other, each computed once.

    Parameters
    ----------
    net : RecurrentNet
        In evaluation mode.
    seen : tensor of shape (n, channels, H, W)
        Images as the network sees them, of which only what comes before a pixel has a part in it.
    shifts : list
        What is added to the gates of each layer.
    """

    def __init__(self, net, seen, shifts):
        self.net, self.seen, self.shifts = net, seen.clone(), shifts
        self.walks = [layer.walk(seen, seen.shape[3]) for layer in net.layers]
        # Of images at the start of the row, and at that of the walk.
        self.origin, self.first_origin = Origin(), Origin()

    def skip_to(self, row):
        """Take the rows before ``row`` as they are."""
        for number in range(row):
            self.begin_row(number)
            for column in range(self.seen.shape[3]):
                self._features(column)

    def begin_row(self, row):
        """Let all states go on to a row."""
        self.row = row
        self.origin = Origin()
        first = self.net.above.at_row(self.seen, row).squeeze(2) + self.net.lies[:, row]
        self.first = first.permute(2, 0, 1)
        left = self.net.beside.n_left
        self.own = self.seen.new_zeros(*self.seen.shape[:2], left + self.seen.shape[3])
        self.own[:, :, left:] = self.seen[:, :, row]
        for walk, shift in zip(self.walks, self.shifts):
            if isinstance(shift, torch.Tensor):
                shift = self.first_origin.of(shift).squeeze(3)
            walk.begin_row(self.seen, row, shift)

    def _features(self, column):
        """Features (n, width) of a pixel of the row."""
        left = self.net.beside.n_left
        window = self.own[:, :, column : column + left + 1]
        features = self.net.beside.at_pixel(window) + self.origin.of(self.first[column])
        for walk, out in zip(self.walks, self.net.out):
            state = walk.at_pixel(features, column)
            features = features + out.at_pixel(state.unsqueeze(2))
        return features

    def outputs(self, column):
        """Outputs (n, channels, n_outputs) of a pixel of the row."""
        return self.net.of_hidden_at(self._features(column), self.row, column)

    def put(self, column, seen):
        """Set a pixel of the row to what the network sees of it, (n, channels)."""
        self.seen[:, :, self.row, column] = seen
        self.own[:, :, self.net.beside.n_left + column] = seen

    def take(self, rows):
        """Go on with copies of some of the images, by their numbers."""
        self.seen, self.own = self.seen[rows], self.own[rows]
        for origin in (self.origin, self.first_origin):
            origin.take(rows)
        for walk in self.walks:
            walk.take(rows)
