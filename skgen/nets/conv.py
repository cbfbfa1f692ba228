"""Small convolutional encoders and decoders for images stored as flat rows."""

import math
from itertools import pairwise
from math import prod

import torch
from torch import nn

from skgen.nets.mlp import ACTIVATIONS, mlp

CHANNELS = (32, 64)


def full_shape(image_shape):
    """``(channels, height, width)`` of ``(height, width)`` or ``(channels, height, width)``."""
    return (1, *image_shape) if len(image_shape) == 2 else tuple(image_shape)


def image_of(image_shape, n_features):
    """``(channels, height, width)`` of rows with so many features.

    "auto" is a square where that is a whole number of rows and columns, otherwise one row.
    """
    if image_shape == "auto":
        side = math.isqrt(n_features)
        return (1, side, side) if side * side == n_features else (1, 1, n_features)
    if len(image_shape) not in (2, 3) or prod(image_shape) != n_features:
        raise ValueError(
            f"image_shape={tuple(image_shape)} has {prod(image_shape)} pixels, but X has "
            f"{n_features} features; give (height, width) or (channels, height, width)."
        )
    return full_shape(image_shape)


def _sizes(image_shape):
    """Channels, heights and widths before and after each stride-2 convolution."""
    channels, height, width = full_shape(image_shape)
    sizes = [(channels, height, width)]
    for n_channels in CHANNELS:
        height, width = height // 2, width // 2
        sizes.append((n_channels, height, width))
    return sizes


class Beside(nn.Module):
    """What a network makes of the first columns of rows, with their last columns behind."""

    def __init__(self, network, n_beside):
        super().__init__()
        self.network, self.n_beside = network, n_beside

    def forward(self, rows):
        """Units of the network (n, h) and the columns beside it, (n, h + n_beside)."""
        n_features = rows.shape[1] - self.n_beside
        x, beside = rows.split([n_features, self.n_beside], dim=1)
        return torch.cat([self.network(x), beside], 1)


def conv_encoder(image_shape, hidden, n_out, activation="relu", *, final="identity", n_beside=0):
    """Two stride-2 convolutions, then a perceptron through ``hidden`` to ``n_out``.

    ``n_beside`` columns behind the pixels are seen by the perceptron alone.
    """
    # (n, c h w) -> (n, 32, h/2, w/2) -> (n, 64, h/4, w/4) -> hidden -> n_out
    sizes = _sizes(image_shape)
    layers = [nn.Unflatten(1, sizes[0])]
    for (n_in, _, _), (n_out_channels, _, _) in pairwise(sizes):
        layers += [nn.Conv2d(n_in, n_out_channels, 4, 2, 1), ACTIVATIONS[activation]()]
    head = mlp((prod(sizes[-1]) + n_beside, *hidden, n_out), activation, final=final)
    if n_beside:
        return nn.Sequential(Beside(nn.Sequential(*layers, nn.Flatten()), n_beside), head)
    return nn.Sequential(*layers, nn.Flatten(), head)


def conv_decoder(image_shape, hidden, n_in, activation="relu"):
    """A perceptron from ``n_in`` through ``hidden``, then two stride-2 transposed convolutions."""
    sizes = _sizes(image_shape)[::-1]
    layers = [
        mlp((n_in, *hidden, prod(sizes[0])), activation, final=activation),
        nn.Unflatten(1, sizes[0]),
    ]
    for (c_in, h, w), (c_out, h_out, w_out) in pairwise(sizes):
        # An odd height was rounded down by the encoder; the padding restores it.
        padding = (h_out - 2 * h, w_out - 2 * w)
        layers += [
            nn.ConvTranspose2d(c_in, c_out, 4, 2, 1, output_padding=padding),
            ACTIVATIONS[activation](),
        ]
    return nn.Sequential(*layers[:-1], nn.Flatten())
