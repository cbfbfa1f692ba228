"""The networks of a GAN from its parameters."""

from skgen.adversarial.choices import choose_frequencies, choose_widths
from skgen.nets.adversarial.critics.autoencoder_critic import AutoencoderCritic
from skgen.nets.adversarial.critics.recognition import add_recognition
from skgen.nets.adversarial.gan import GANNet
from skgen.nets.adversarial.gan_build import (
    build_autoencoder_critic,
    build_critic,
    build_encoder,
    build_generator,
)
from skgen.nets.adversarial.gan_losses import BOUNDARY_EQUILIBRIUM


def build_net(params, n_features, n_components, length_scales, reference):
    """Untrained ``GANNet``.

    ``params`` has the constructor parameters as attributes; ``length_scales`` are those of the
    data, of which ``reference`` holds rows (m, n_features).
    """
    shape = {"normalization": params.normalization, "image_shape": params.image_shape}
    widths, critic_widths = choose_widths(params, n_features)
    generator = build_generator(
        n_components,
        n_features,
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
    if params.loss == BOUNDARY_EQUILIBRIUM:
        critic = build_autoencoder_critic(n_features, n_components, **of_critic)
    else:
        critic = build_critic(
            n_features,
            packing=params.packing,
            minibatch_discrimination=params.minibatch_discrimination,
            n_beside=n_components if params.encoder else 0,
            **of_critic,
        )
    add_recognition(critic, params.n_codes)
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
    return GANNet(generator, critic, n_components, encoder)


def check_loss(params, critic):
    """Refuse to go on with a critic of another kind than the loss needs."""
    rebuilds = isinstance(critic, AutoencoderCritic)
    if rebuilds != (params.loss == BOUNDARY_EQUILIBRIUM):
        kind = "an autoencoder" if rebuilds else "no autoencoder"
        raise ValueError(
            f"loss={params.loss!r}, but the critic of the earlier fit is {kind}; set the loss "
            "back, or start anew by fit with warm_start=False."
        )
