"""What networks of pixels share: how they see an image, and the outputs of its pixels."""

from math import prod

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoregressive.pixels.masks import RowConv, group_of

N_MAPS = 4  # by which conditions differ from place to place


class PixelNet(nn.Module):
    """Base of networks that give the distribution of each pixel from those before it.

    A subclass has ``hidden(seen, code)``, features (n, width, H, W) of what comes before each pixel
    by what ``values.seen`` gives of images, and ``walk(x, code)``, which makes them pixel by pixel;
    ``code`` is that of the conditions of the images (n, k), or None of a net without them.

    Parameters
    ----------
    image_shape : tuple
        ``(channels, height, width)``.
    width : int
        Features, a multiple of the channels.
    values : nn.Module
        Distribution of a pixel by its outputs, as in ``values``.
    first_outputs : array of shape (channels, n_outputs, height, width)
        Outputs to start from.
    order : sequence of int
        The channels of a pixel in the order in which they are given.
    columns : ConditionColumns or None
        Where rows hold their conditions, if they do.
    """

    def __init__(self, image_shape, width, values, first_outputs, order, columns):
        super().__init__()
        self.columns = columns
        self.image_shape, self.width, self.values = tuple(image_shape), width, values
        n_channels = image_shape[0]
        self.groups = group_of(width, n_channels)
        of_outputs = group_of(n_channels * values.n_outputs, n_channels)
        self.between = RowConv(self.groups, self.groups, 0)
        self.last = RowConv(self.groups, of_outputs, 0)
        with torch.no_grad():
            self.last.weight.mul_(0.1)
        order = torch.as_tensor(order)
        self.register_buffer("order", order, persistent=False)
        self.register_buffer("back", order.argsort(), persistent=False)
        self.place = nn.Parameter(torch.as_tensor(first_outputs)[order].float())

    def parts(self, rows):
        """Images (n, channels, H, W) of rows, and the code of their conditions or None."""
        code = None
        if self.columns is not None:
            rows, code = self.columns.split(rows)
        return rows.unflatten(1, self.image_shape)[:, self.order], code

    def rows(self, images):
        """Rows of images whose channels are in their order."""
        return images[:, self.back].flatten(1)

    def outputs(self, x, code):
        """Outputs (n, channels, n_outputs, H, W) of images x (n, channels, H, W)."""
        return self.of_hidden(self.hidden(self.values.seen(x), code))

    def of_hidden(self, h):
        """Outputs of features (n, width, H, W) of all pixels."""
        out = self.last(F.relu(self.between(F.relu(h))))
        return out.unflatten(1, self.place.shape[:2]) + self.place

    def of_hidden_at(self, h, row, column):
        """Outputs (n, channels, n_outputs) of features (n, width) of one pixel."""
        h = F.relu(self.between.at_pixel(F.relu(h)))
        out = self.last.at_pixel(h).unflatten(1, self.place.shape[:2])
        return out + self.place[..., row, column]

    def forward(self, x, code):
        """Log-probability of each value of images x given those before it, of the shape of x."""
        return self.values.log_probability(x, self.outputs(x, code))


class Conditions(nn.Module):
    """What conditions add to each layer, the same at all places.

    Parameters
    ----------
    n_inputs : int
        Columns of their code.
    widths : list of int
        Channels of what is added to each layer.
    """

    def __init__(self, n_inputs, widths):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(n_inputs, width) for width in widths)

    def forward(self, code):
        """Tensors (n, width, 1, 1) of the code (n, n_inputs)."""
        return [layer(code)[:, :, None, None] for layer in self.layers]


class PlacedConditions(Conditions):
    """Conditions of which the first layer also gets maps: what they change depends on the place.

    Parameters
    ----------
    n_inputs, widths
        As in ``Conditions``.
    sides : tuple of int
        Height and width of the maps.
    """

    def __init__(self, n_inputs, widths, sides):
        super().__init__(n_inputs, widths)
        self.maps = nn.Sequential(
            nn.Linear(n_inputs, N_MAPS * prod(sides)),
            nn.Unflatten(1, (N_MAPS, *sides)),
            nn.Conv2d(N_MAPS, widths[0], 1, bias=False),
        )

    def forward(self, code):
        """Tensors of the code (n, n_inputs): (n, width, H, W), and then (n, width, 1, 1)."""
        first, *others = super().forward(code)
        return [first + self.maps(code), *others]


class MapDropout(nn.Module):
    """Leaves out whole maps (n, c, H, W) of an image, whose pixels tell nearly the same.

    Parameters
    ----------
    dropout : nn.Module
        Leaves out single values.
    """

    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout

    def forward(self, maps):
        """The maps that stay, scaled up, in training."""
        if not self.training:
            return maps
        return maps * self.dropout(maps.new_ones(*maps.shape[:2], 1, 1))
