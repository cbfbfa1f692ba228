"""Encoders and decoders from an architecture's description."""

from math import prod

import torch
from torch import nn

from skgen.nets.conv import conv_decoder, conv_encoder, full_shape
from skgen.nets.mlp import TiedDecoder, mlp


def build_encoder(
    n_features, n_out, *, hidden, activation, image_shape, factory, final="identity", n_beside=0
):
    """Module from data rows (n, n_features) to (n, n_out): the user's, convolutional, or dense.

    ``n_beside`` columns behind the features, such as those of a label, are read, too.
    """
    n_in = n_features + n_beside
    if factory is not None:
        return checked(factory(n_in, n_out), n_in, n_out, "encoder")
    if image_shape is not None:
        check_image_shape(image_shape, n_features)
        return conv_encoder(image_shape, hidden, n_out, activation, final=final, n_beside=n_beside)
    return mlp((n_in, *hidden, n_out), activation, final=final)


def build_decoder(n_in, n_features, *, hidden, activation, image_shape, factory):
    """Module from code rows (n, n_in) to (n, n_features); mirrors ``build_encoder``."""
    if factory is not None:
        return checked(factory(n_in, n_features), n_in, n_features, "decoder")
    hidden = tuple(hidden)[::-1]
    if image_shape is not None:
        return conv_decoder(image_shape, hidden, n_in, activation)
    return mlp((n_in, *hidden, n_features), activation)


def tied_decoder(encoder, activation):
    """Decoder that shares the weights of a dense encoder."""
    if not isinstance(encoder, nn.Sequential) or isinstance(encoder[0], nn.Unflatten):
        raise ValueError(
            "tied_weights=True needs a dense encoder; "
            "use tied_weights=False with image_shape or with your own encoder."
        )
    return TiedDecoder(encoder, activation)


@torch.no_grad()
def checked(module, n_in, n_out, name):
    """Return the user's module, or say what is wrong with its output."""
    shape = tuple(module.eval()(torch.zeros(2, n_in, dtype=torch.float32)).shape)
    if shape != (2, n_out):
        raise ValueError(
            f"The {name} factory was asked for ({n_in}, {n_out}), but its module maps 2 rows to "
            f"shape {shape}; it should give (2, {n_out})."
        )
    return module.train()


def check_image_shape(image_shape, n_features):
    """Refuse a shape that does not describe the rows."""
    if len(image_shape) not in (2, 3) or prod(image_shape) != n_features:
        raise ValueError(
            f"image_shape={tuple(image_shape)} has {prod(image_shape)} pixels, but X has "
            f"{n_features} features; give (height, width) or (channels, height, width)."
        )
    if min(full_shape(image_shape)[1:]) < 4:
        raise ValueError(
            f"image_shape={tuple(image_shape)} is too small for two halvings; use image_shape=None."
        )
