"""Generators that translate rows: a linear map or a pixel's own, and what a network adds to it."""

from itertools import pairwise
from math import prod

import torch
from torch import nn

from skgen.nets.adversarial.dcgan import convolution, sizes
from skgen.nets.adversarial.gan_mlp import hidden_layers, output_layer
from skgen.nets.conv import full_shape
from skgen.nets.mlp import ACTIVATIONS


class Translator(nn.Module):
    """``plain(x) + network(x)`` for flat rows x, of which the second term is zero at first."""

    def __init__(self, plain, network):
        super().__init__()
        self.plain, self.network = plain, network

    def forward(self, x):
        """Translated rows, (n, n_out)."""
        return self.plain(x) + self.network(x)


def dense_translator(n_in, n_out, widths, activation):
    """Translator of tables: a linear map, of as many columns the identity at first."""
    hidden = hidden_layers((n_in, *widths), activation, None)
    network = nn.Sequential(*hidden, _silent(nn.Linear((n_in, *widths)[-1], n_out)))
    plain = output_layer(n_in, n_out)
    if n_in == n_out:
        nn.init.eye_(plain.weight)
    return Translator(plain, network)


def image_translator(shape_in, shape_out, channels, activation):
    """Translator of images of one height and width: a map of a pixel's channels, and a U-Net."""
    n_in, n_out = full_shape(shape_in)[0], full_shape(shape_out)[0]
    pixel = nn.Conv2d(n_in, n_out, 1)
    nn.init.zeros_(pixel.bias)
    if n_in == n_out:
        nn.init.eye_(pixel.weight[:, :, 0, 0])
    plain = nn.Sequential(nn.Unflatten(1, full_shape(shape_in)), pixel, nn.Flatten())
    return Translator(plain, UNet(shape_in, n_out, channels, activation))


class UNet(nn.Module):
    """Stride-2 convolutions down and up again, each level beside its mirror (Ronneberger 2015).

    Parameters
    ----------
    image_shape : tuple
        (height, width) or (channels, height, width) of the flat rows.
    n_out : int
        Channels of the flat images that are given.
    channels : tuple of int
        Of the levels, the highest first.
    activation : str
        Of all but the last convolution, which is zero at first.
    """

    def __init__(self, image_shape, n_out, channels, activation):
        super().__init__()
        shapes = sizes(image_shape, channels)
        self.shape, self.activation = shapes[0], ACTIVATIONS[activation]()
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        n_below = channels[-1]
        for (n_above, h, w), (n, h_low, w_low) in reversed(list(pairwise(shapes))):
            # An odd height was rounded down on the way; the padding restores it.
            padding = (h - 2 * h_low, w - 2 * w_low)
            width = n_above if (h, w) != shapes[0][1:] else channels[0]
            up = convolution(nn.ConvTranspose2d, n_below, width, output_padding=padding)
            self.down.insert(0, convolution(nn.Conv2d, n_above, n))
            self.up.append(up)
            n_below = width + n_above
        self.fuse = nn.Conv2d(n_below, channels[0], 3, padding=1)
        self.last = _silent(nn.Conv2d(channels[0], n_out, 3, padding=1))

    def forward(self, x):
        """Flat images, (n, n_out h w)."""
        units = x.view(len(x), *self.shape)
        beside = []
        for layer in self.down:
            beside.append(units)
            units = self.activation(layer(units))
        for layer in self.up:
            units = torch.cat([self.activation(layer(units)), beside.pop()], 1)
        return self.last(self.activation(self.fuse(units))).flatten(1)


def shape_of_translations(image_shape, n_out):
    """Shape of images with ``n_out`` values and the height and width of ``image_shape``."""
    height, width = full_shape(image_shape)[1:]
    if n_out % (height * width):
        raise ValueError(
            f"y has {n_out} columns, which make no images of {height} x {width} pixels as "
            f"image_shape={tuple(image_shape)} asks for; use image_shape=None."
        )
    return n_out // (height * width), height, width


def joint_shape(shape_in, shape_out):
    """Shape of two images as one, the channels of the second behind those of the first."""
    n_in, height, width = full_shape(shape_in)
    return n_in + prod(shape_out) // (height * width), height, width


def _silent(layer):
    """The layer with weights and biases of zero."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
