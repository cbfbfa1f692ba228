"""Convolutional generators and critics after Radford et al. (2016)."""

from itertools import pairwise
from math import prod

from torch import nn

from skgen.nets.adversarial.gan_mlp import output_layer
from skgen.nets.conv import full_shape
from skgen.nets.mlp import ACTIVATIONS


def sizes(image_shape, channels):
    """Channels, height and width before and after each stride-2 convolution."""
    n_channels, height, width = full_shape(image_shape)
    out = [(n_channels, height, width)]
    for n in channels:
        height, width = height // 2, width // 2
        out.append((n, height, width))
    return out


def convolution(kind, n_in, n_out, **options):
    """Convolution of kernel 4 and stride 2 with He weights."""
    layer = kind(n_in, n_out, 4, 2, 1, **options)
    fan = 16 * n_in // (1 if kind is nn.Conv2d else 4)
    nn.init.normal_(layer.weight, std=(2 / fan) ** 0.5)
    nn.init.zeros_(layer.bias)
    return layer


def conv_critic(image_shape, packing, channels, activation, norm):
    """Strided convolutions from flat rows of ``packing`` images to flat features."""
    # (n, p c h w) -> (n, channels[0], h/2, w/2) -> ... -> flat; no norm on the first (Radford).
    shapes = sizes(image_shape, channels)
    n_channels, height, width = shapes[0]
    layers = [nn.Unflatten(1, (packing * n_channels, height, width))]
    n_in = packing * n_channels
    for i, n_out in enumerate(channels):
        layers.append(convolution(nn.Conv2d, n_in, n_out))
        if norm is not None and i > 0:
            layers.append(norm(n_out))
        layers.append(ACTIVATIONS[activation]())
        n_in = n_out
    return nn.Sequential(*layers, nn.Flatten()), prod(shapes[-1])


def conv_generator(n_components, image_shape, channels, activation, norm):
    """A projection, then transposed convolutions, from latent rows to flat images."""
    shapes = sizes(image_shape, channels[::-1])[::-1]
    layers = [output_layer(n_components, prod(shapes[0])), nn.Unflatten(1, shapes[0])]
    for (n_in, h, w), (n_out, h_out, w_out) in pairwise(shapes):
        if norm is not None:
            layers.append(norm(n_in))
        # An odd height was rounded down on the way; the padding restores it.
        padding = (h_out - 2 * h, w_out - 2 * w)
        layers += [
            ACTIVATIONS[activation](),
            convolution(nn.ConvTranspose2d, n_in, n_out, output_padding=padding),
        ]
    return nn.Sequential(*layers, nn.Flatten())
