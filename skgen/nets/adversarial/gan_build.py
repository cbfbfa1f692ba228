"""Generators, critics and encoders from an architecture's description."""

import torch
from torch import nn

from skgen.nets.adversarial.code_distribution import CodeDistribution
from skgen.nets.adversarial.critics.autoencoder_critic import AutoencoderCritic
from skgen.nets.adversarial.critics.critic import Critic
from skgen.nets.adversarial.critics.minibatch_discrimination import MinibatchDiscrimination
from skgen.nets.adversarial.dcgan import conv_critic, conv_generator
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan_mlp import (
    hidden_layer,
    mlp_critic,
    mlp_generator,
    output_layer,
    spectrally_normalized,
)
from skgen.nets.adversarial.reference_norm import BesideReference, norm_factory
from skgen.nets.coder import check_image_shape, checked
from skgen.nets.conv import Beside, full_shape

N_REFERENCE = 64
BY_REFERENCE = ("virtual_batch", "reference_batch")
PAIR_WIDTH = 256  # of the layer in which convolutions and a code meet


def build_generator(
    n_components,
    n_features,
    *,
    widths,
    activation,
    normalization,
    image_shape,
    factory,
    beside=None,
):
    """Module from latent rows (n, n_components) to rows (n, n_features).

    The last columns of the latent rows of a reference batch are what stands ``beside`` them,
    conditions (m, width), if there are any.
    """
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
        reference = torch.randn(N_REFERENCE, n_components)
        if beside is not None:
            reference[:, -beside.shape[1] :] = beside
        return BesideReference(network, reference)
    return network


def build_encoder(n_features, n_components, *, widths, activation, reference, **shape):
    """``CodeDistribution`` of latent rows (n, n_components) given rows (n, n_features)."""
    body, width = _body(n_features, widths, activation, nn.Identity(), reference, **shape)
    return CodeDistribution(nn.Sequential(body, output_layer(width, 2 * n_components)))


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
    n_beside=0,
    n_conditions=0,
):
    """Critic of rows (n, n_features).

    ``frequencies`` is (n_coarse, n_fine, fine, coarse); ``reference`` holds data rows
    (m, n_features). With ``n_beside`` columns of a code behind the features it judges both
    together, with ``n_conditions`` a projection of conditions joins the output.
    """
    embedding = _embedding(n_features, frequencies)
    if n_beside:
        reference = torch.cat([reference, torch.randn(len(reference), n_beside)], 1)
    shape = {"normalization": normalization, "image_shape": image_shape, "packing": packing}
    body, width, embedding = _critic_body(
        n_features, widths, activation, embedding, reference, factory, n_beside=n_beside, **shape
    )
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
        projection=_projection(n_conditions, width) if n_conditions else None,
        mixes_rows=factory is not None or normalization == "batch",
    )
    return spectrally_normalized(critic) if spectral_normalization else critic


def build_autoencoder_critic(
    n_features,
    n_components,
    *,
    widths,
    activation,
    normalization,
    image_shape,
    factory,
    spectral_normalization,
    frequencies,
    reference,
):
    """Critic that rebuilds rows (n, n_features) from codes (n, n_components)."""
    embedding = _embedding(n_features, frequencies)
    shape = {"normalization": normalization, "image_shape": image_shape}
    body, width, embedding = _critic_body(
        n_features, widths, activation, embedding, reference, factory, packing=1, **shape
    )
    decoder = build_generator(
        n_components, n_features, widths=widths[::-1], activation=activation, factory=None, **shape
    )
    critic = AutoencoderCritic(
        nn.Sequential(body, output_layer(width, n_components)),
        decoder,
        embedding=embedding,
        mixes_rows=factory is not None or normalization == "batch",
    )
    return spectrally_normalized(critic) if spectral_normalization else critic


def _embedding(n_features, frequencies):
    """Fourier features of a row where frequencies are asked for."""
    return FourierFeatures(n_features, *frequencies) if frequencies[0] else nn.Identity()


def _critic_body(
    n_features, widths, activation, embedding, reference, factory, *, n_beside=0, **shape
):
    """Network from packed rows to features, how many these are, and the embedding before it."""
    n_inputs = getattr(embedding, "n_outputs", n_features)
    if factory is None:
        body, width = _body(
            n_inputs, widths, activation, embedding, reference, n_beside=n_beside, **shape
        )
    else:
        body, width = _custom_body(factory, shape["packing"] * (n_inputs + n_beside))
    return body, width, Beside(embedding, n_beside) if n_beside else embedding


def _body(
    n_inputs,
    widths,
    activation,
    embedding,
    reference,
    *,
    normalization,
    image_shape,
    packing=1,
    n_beside=0,
):
    """Network from packed rows to features, and how many these are."""
    n_reference = len(reference) // packing
    norm = norm_factory(normalization, n_reference, images=image_shape is not None)
    if image_shape is not None:
        check_halvings(image_shape, n_inputs, widths)
        body, width = conv_critic(image_shape, packing, widths, activation, norm)
        if n_beside:
            layer = hidden_layer(width + n_beside, PAIR_WIDTH, activation, None, first=False)
            body, width = nn.Sequential(Beside(body, n_beside), *layer), PAIR_WIDTH
    else:
        n_inputs += n_beside
        body = mlp_critic(packing * n_inputs, widths, activation, norm)
        width = (packing * n_inputs, *widths)[-1]
    if widths and isinstance(embedding, FourierFeatures):
        embedding.zero_fine_weights(body[0].weight[:, : body[0].in_features - n_beside])
    if normalization in BY_REFERENCE:
        seen = Beside(embedding, n_beside) if n_beside else embedding
        packed = seen(reference)[: n_reference * packing].reshape(n_reference, -1)
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


def _projection(n_conditions, width):
    """Linear map from coded conditions to vectors whose products with features have unit size."""
    projection = nn.Linear(n_conditions, width, bias=False)
    nn.init.normal_(projection.weight, std=width**-0.5)
    return projection


def check_halvings(image_shape, n_features, channels):
    """Refuse a shape that does not describe the rows, or that is halved too often."""
    check_image_shape(image_shape, n_features)
    height, width = full_shape(image_shape)[1:]
    if min(height, width) < 2 ** len(channels):
        raise ValueError(
            f"image_shape={tuple(image_shape)} is too small for {len(channels)} halvings; "
            f"use fewer than {len(channels)} layers."
        )
