"""The networks of a GAN from its parameters."""

import torch

from skgen.adversarial.choices import choose_frequencies, choose_widths
from skgen.base.conditions.columns import ClassColumn
from skgen.nets.adversarial.categories import CategoryColumns
from skgen.nets.adversarial.critics.recognition import add_recognition
from skgen.nets.adversarial.gan import GANNet
from skgen.nets.adversarial.gan_build import (
    build_autoencoder_critic,
    build_critic,
    build_encoder,
    build_generator,
)
from skgen.nets.adversarial.gan_losses import BOUNDARY_EQUILIBRIUM
from skgen.nets.conditions import ConditionColumns


def build_net(
    params, n_features, n_components, length_scales, reference, conditions, code, *, rebuilds
):
    """Untrained ``GANNet``.

    ``params`` has the constructor parameters as attributes; ``length_scales`` are those of the
    data, of which ``reference`` holds rows (m, n_features). ``conditions`` describes the code of
    conditions or latent categories, of which ``code`` holds some (m, width); both may be None.
    ``rebuilds`` says whether the critic is an autoencoder.
    """
    n_conditions = 0 if conditions is None else conditions.width
    projects = params.conditioning == "projection" and not params.n_categories
    shape = {"normalization": params.normalization, "image_shape": params.image_shape}
    widths, critic_widths = choose_widths(params, n_features)
    generator = build_generator(
        n_components + n_conditions,
        n_features,
        beside=None if code is None else torch.as_tensor(code),
        widths=widths,
        activation=params.activation,
        factory=params.generator,
        **shape,
    )
    of_critic = {
        "widths": critic_widths,
        "activation": params.critic_activation,
        "factory": params.critic,
        "spectral_normalization": params.spectral_normalization,
        "frequencies": (*choose_frequencies(params, n_features), *length_scales),
        "reference": reference,
        **shape,
    }
    if rebuilds:
        critic = build_autoencoder_critic(n_features, n_components, **of_critic)
    else:
        critic = build_critic(
            n_features,
            packing=params.packing,
            minibatch_discrimination=params.minibatch_discrimination,
            n_beside=n_components if params.encoder else 0,
            n_conditions=n_conditions if projects else 0,
            **of_critic,
        )
    known = params.conditional and not projects
    recognized = _blocks(conditions) if known else None
    add_recognition(critic, params.n_codes, params.n_categories, recognized)
    encoder = None
    if params.encoder:
        encoder = build_encoder(
            n_features,
            n_components,
            widths=widths[::-1],
            activation=params.activation,
            reference=reference,
            **shape,
        )
    columns = None
    if params.n_categories:
        columns = CategoryColumns(n_features, params.n_categories)
    elif conditions is not None:
        columns = ConditionColumns(n_features, conditions.widths)
    return GANNet(generator, critic, n_components, encoder, columns)


def _blocks(conditions):
    """Widths of the blocks of a code, and which of them are classes."""
    columns = getattr(conditions.coder, "columns", [None])
    return conditions.widths, [isinstance(column, ClassColumn) for column in columns]


def needs_autoencoder(params):
    """Whether the critic of this loss is an autoencoder."""
    return params.loss == BOUNDARY_EQUILIBRIUM


def check_loss(params, rebuilds):
    """Refuse to go on with a critic of another kind than the loss needs."""
    if rebuilds != needs_autoencoder(params):
        kind = "an autoencoder" if rebuilds else "no autoencoder"
        raise ValueError(
            f"loss={params.loss!r}, but the critic of the earlier fit is {kind}; set the loss "
            "back, or start anew by fit with warm_start=False."
        )
