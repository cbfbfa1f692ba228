"""Generators and critics from an architecture's description."""

import torch

from skgen.nets.adversarial.dcgan import conv_critic, conv_generator
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan import Critic
from skgen.nets.adversarial.gan_mlp import (
    mlp_critic,
    mlp_generator,
    output_layer,
    spectrally_normalized,
)
from skgen.nets.adversarial.minibatch_discrimination import MinibatchDiscrimination
from skgen.nets.adversarial.reference_norm import BesideReference, norm_factory
from skgen.nets.coder import check_image_shape, checked
from skgen.nets.conv import full_shape

N_REFERENCE = 64
BY_REFERENCE = ("virtual_batch", "reference_batch")


def build_generator(
    n_components, n_features, *, widths, activation, normalization, image_shape, factory
):
    """Module from latent rows (n, n_components) to rows (n, n_features)."""
    if factory is not None:
        module = factory(n_components, n_features)
        return checked(module, n_components, n_features, "generator")
    norm = norm_factory(normalization, N_REFERENCE, images=image_shape is not None)
    if image_shape is not None:
        check_halvings(image_shape, n_features, widths)
        network = conv_generator(n_components, image_shape, widths, activation, norm)
    else:
        network = mlp_generator(n_components, n_features, widths, activation, norm)
    if normalization in BY_REFERENCE:
        return BesideReference(network, torch.randn(N_REFERENCE, n_components))
    return network


def build_critic(
    n_features,
    *,
    widths,
    activation,
    normalization,
    image_shape,
    factory,
    packing,
    minibatch_discrimination,
    spectral_normalization,
    frequencies,
    reference,
):
    """Critic of rows (n, n_features).

    ``frequencies`` is (n_coarse, n_fine, fine, coarse); ``reference`` holds data rows
    (m, n_features).
    """
    embedding, n_inputs = torch.nn.Identity(), n_features
    if frequencies[0]:
        embedding = FourierFeatures(n_features, *frequencies)
        n_inputs = embedding.n_outputs
    shape = {"normalization": normalization, "image_shape": image_shape, "packing": packing}
    if factory is None:
        body, width = _body(n_inputs, widths, activation, embedding, reference, **shape)
    else:
        body, width = _custom_body(factory, packing * n_inputs)
    minibatch = None
    if minibatch_discrimination:
        minibatch = MinibatchDiscrimination(width, minibatch_discrimination)
        width += minibatch_discrimination
    critic = Critic(
        body,
        output_layer(width, 1),
        embedding=embedding,
        minibatch=minibatch,
        packing=packing,
        reference=reference if packing > 1 or minibatch_discrimination else None,
        mixes_rows=factory is not None or normalization == "batch",
    )
    return spectrally_normalized(critic) if spectral_normalization else critic


def _body(
    n_inputs, widths, activation, embedding, reference, *, normalization, image_shape, packing
):
    """Network from packed rows to features, and how many these are."""
    n_reference = len(reference) // packing
    norm = norm_factory(normalization, n_reference, images=image_shape is not None)
    if image_shape is not None:
        check_halvings(image_shape, n_inputs, widths)
        body, width = conv_critic(image_shape, packing, widths, activation, norm)
    else:
        body = mlp_critic(packing * n_inputs, widths, activation, norm)
        width = (packing * n_inputs, *widths)[-1]
    if widths and isinstance(embedding, FourierFeatures):
        embedding.zero_fine_weights(body[0])
    if normalization in BY_REFERENCE:
        packed = embedding(reference)[: n_reference * packing].reshape(n_reference, -1)
        body = BesideReference(body, packed)
    return body, width


def _custom_body(factory, n_inputs):
    """The user's module from rows to features, and their number."""
    module = factory(n_inputs)
    with torch.no_grad():
        shape = tuple(module.eval()(torch.zeros(2, n_inputs, dtype=torch.float32)).shape)
    if len(shape) != 2 or shape[0] != 2:
        raise ValueError(
            f"The critic factory was asked for {n_inputs} inputs, but its module maps 2 rows to "
            f"shape {shape}; it should give 2 rows of features, and a linear layer follows."
        )
    return module.train(), shape[1]


def check_halvings(image_shape, n_features, channels):
    """Refuse a shape that does not describe the rows, or that is halved too often."""
    check_image_shape(image_shape, n_features)
    height, width = full_shape(image_shape)[1:]
    if min(height, width) < 2 ** len(channels):
        raise ValueError(
            f"image_shape={tuple(image_shape)} is too small for {len(channels)} halvings; "
            f"use fewer than {len(channels)} layers."
        )
