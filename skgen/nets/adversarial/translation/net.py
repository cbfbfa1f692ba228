"""Translators of one or both directions with their critics, as one module."""

import copy

import torch
from torch import nn

from skgen.nets.adversarial.gan_build import build_critic, check_halvings
from skgen.nets.adversarial.translation.translators import (
    dense_translator,
    image_translator,
    joint_shape,
    shape_of_translations,
)
from skgen.nets.conv import full_shape


class TranslationNet(nn.Module):
    """Generators, their moving averages and critics; those of the way back only without pairs.

    Parameters
    ----------
    generator, inverse_generator : torch.nn.Module or None
        From x to y and from y to x.
    critic, inverse_critic : Critic or None
        Of pairs (x, y), or of y and of x alone.
    """

    def __init__(self, generator, critic, inverse_generator=None, inverse_critic=None):
        super().__init__()
        self.generator, self.critic = generator, critic
        self.inverse_generator, self.inverse_critic = inverse_generator, inverse_critic
        self.averaged_generator = copy.deepcopy(generator)
        self.averaged_inverse = copy.deepcopy(inverse_generator)
        self.register_buffer("n_updates", torch.zeros((), dtype=torch.float32))
        self.register_buffer("penalty_weight", torch.zeros((), dtype=torch.float32))

    def generators(self):
        """Those that learn, as one module."""
        return _existing(self.generator, self.inverse_generator)

    def averaged_generators(self):
        """Their moving averages, as one module."""
        return _existing(self.averaged_generator, self.averaged_inverse)

    def critics(self):
        """The critics, as one module."""
        return _existing(self.critic, self.inverse_critic)


def _existing(*modules):
    return nn.ModuleList([module for module in modules if module is not None])


def build_translation(
    n_in,
    n_out,
    *,
    paired,
    widths,
    critic_widths,
    activation,
    critic_activation,
    image_shape,
):
    """Translators between rows (n, n_in) and (n, n_out), with the critics that teach them."""
    shapes = None, None
    if image_shape is not None:
        check_halvings(image_shape, n_in, max(widths, critic_widths, key=len))
        shapes = full_shape(image_shape), shape_of_translations(image_shape, n_out)

    def translator(first, second):
        if image_shape is None:
            return dense_translator((n_in, n_out)[first], (n_in, n_out)[second], widths, activation)
        return image_translator(shapes[first], shapes[second], widths, activation)

    def critic(n_features, shape):
        return build_critic(
            n_features,
            widths=critic_widths,
            activation=critic_activation,
            normalization=None,
            image_shape=shape,
            factory=None,
            packing=1,
            minibatch_discrimination=0,
            spectral_normalization=False,
            frequencies=(0,),
            reference=torch.zeros(0, n_features, dtype=torch.float32),
        )

    if paired:
        joint = None if image_shape is None else joint_shape(*shapes)
        return TranslationNet(translator(0, 1), critic(n_in + n_out, joint))
    critics = critic(n_out, shapes[1]), critic(n_in, shapes[0])
    return TranslationNet(translator(0, 1), critics[0], translator(1, 0), critics[1])
