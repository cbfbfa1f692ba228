"""Adversarial training as the papers write it: every loss in full, its gradient by autograd."""

from contextlib import contextmanager
from functools import partial

import torch
from torch.func import functional_call

from skgen.nets.adversarial.critics.autoencoder_critic import BoundaryEquilibrium
from skgen.nets.adversarial.critics.recognition import code_loss, condition_loss
from skgen.nets.adversarial.gan_losses import (
    BOUNDARY_EQUILIBRIUM,
    LOSSES,
    cross_entropy,
    for_data,
    minus_output,
)
from skgen.nets.adversarial.gan_penalties import PENALTIES, zero_centered_both
from skgen.nets.adversarial.unrolling import adam_step_sizes, unrolled
from skgen.training import Phase


class AutogradGame:
    """What critic and generator of a GANNet minimize in turn (Goodfellow et al. 2014).

    ``params`` has the constructor parameters as attributes; ``noisy(x, generator)`` adds the
    instance noise; ``critic_optimizer`` has the learning rates by which unrolling goes ahead.
    """

    phase = Phase

    def __init__(self, net, params, noisy, critic_optimizer):
        self.net, self.params, self.noisy = net, params, noisy
        self.critic_optimizer = critic_optimizer
        self.critic_objective, self.generator_objective = _objectives(net, params)
        self.penalty = PENALTIES.get(params.gradient_penalty)
        self.target = 1.0 - params.label_smoothing
        self.conditions, self.data, self.latent, self.draws = None, None, None, None

    def critic_loss(self, batch, generator):
        """Loss by which the critic tells data from draws, with the penalty on its gradient."""
        net = self.net
        x_real, self.conditions = net.split_partly_hidden(batch, generator)
        x_real = self.noisy(x_real, generator)
        self.latent = net.latent(len(x_real), generator)
        self.draws = net.generate(self.latent, self.conditions)
        x_fake = self.noisy(self.draws.detach(), generator)
        self.data = net.judged_data(x_real, generator)
        x_real, x_fake = self.data.detach(), net.judged(x_fake, self.latent)
        if self.penalty is None:
            real, fake, further = self._judge_both(x_real, x_fake)
            return self._outputs_loss(real, fake) + further
        x_real, x_fake = x_real.requires_grad_(), x_fake.detach().requires_grad_()
        real, fake, further = self._judge_both(x_real, x_fake)
        critic = partial(net.critic, y=self.conditions)
        penalty = self.penalty(real, x_real, fake, x_fake, critic, generator)
        return self._outputs_loss(real, fake) + net.penalty_weight * penalty + further

    def generator_loss(self, batch, generator):
        """Loss of the generator: the critic should take its draws for data.

        An encoder that learns beside it wants the contrary for its pairs with data.
        """
        # The draws that the critic saw last: drawn once, and those that it knows best.
        x_fake = self.noisy(self.draws, generator)
        if self.params.unroll_steps:
            return self._unrolled_loss(batch[: len(x_fake)], x_fake, generator)
        x_fake = self.net.judged(x_fake, self.latent)
        with _frozen(self.net.critic):
            fake, further = self._judge_draws(x_fake)
            return self._fooling_loss(partial(self.net.critic, y=self.conditions), fake) + further

    def _judge_both(self, x_real, x_fake):
        """Outputs for data and draws, and the loss of what the critic recognizes in them."""
        critic, y = self.net.critic, self.conditions
        if not critic.recognition:
            return *critic.forward_both(x_real, x_fake, y), 0.0
        of_data, of_draws = critic.features_both(x_real, x_fake)
        # Conditions are learned from data alone: of draws the head would learn their errors.
        further = condition_loss(critic.recognition, of_data, y) + self._code_loss(of_draws)
        return critic.output(of_data, x_real, y), critic.output(of_draws, x_fake, y), further

    def _judge_draws(self, x_fake):
        """Outputs for draws, and the loss of what the critic recognizes in them."""
        critic, y = self.net.critic, self.conditions
        if not critic.recognition:
            return critic(x_fake, y), 0.0
        features = critic.features(x_fake)
        further = condition_loss(critic.recognition, features, y) + self._code_loss(features)
        return critic.output(features, x_fake, y), further

    def _code_loss(self, features):
        heads, weight = self.net.critic.recognition, self.params.code_weight
        return code_loss(heads, features, self.latent, self.conditions, weight)

    def _fooling_loss(self, critic, fake):
        """Loss of the generator, and of the encoder if there is one, by outputs of the critic."""
        loss = self.generator_objective(fake)
        if self.net.encoder is None:
            return loss
        return loss + for_data(self.generator_objective, critic(self.data))

    def _unrolled_loss(self, batch, x_fake, generator):
        """Generator's loss against a critic some steps ahead (Metz et al. 2017)."""
        critic, y_fake = self.net.critic, self.conditions
        x_real, y_real = self.net.split_partly_hidden(batch, generator)
        x_real = self.net.judged_data(self.noisy(x_real, generator), generator)
        x_fake = self.net.judged(x_fake, self.latent)

        def critic_loss(parameters):
            real = functional_call(critic, parameters, (x_real, y_real))
            fake = functional_call(critic, parameters, (x_fake, y_fake))
            return self._outputs_loss(real, fake)

        start = {n: p.detach().requires_grad_() for n, p in critic.named_parameters()}
        sizes = adam_step_sizes(self.critic_optimizer, start)
        ahead = unrolled(critic_loss, start, sizes, self.params.unroll_steps)

        def critic_ahead(x):
            return functional_call(critic, ahead, (x, y_fake))

        return self._fooling_loss(critic_ahead, critic_ahead(x_fake))

    def _outputs_loss(self, real, fake):
        return self.critic_objective(real, fake, self.target)


def _objectives(net, params):
    """``critic(real, fake, target)`` and ``generator(fake)`` that outputs should minimize."""
    if params.loss == BOUNDARY_EQUILIBRIUM:
        return BoundaryEquilibrium(net.critic.balance, params.diversity_ratio), minus_output
    return LOSSES[params.loss]


def autograd_calibration(net, weight, code_weight):
    """``loss(batch, generator)`` of a critic that learns to tell data from finished draws."""

    def loss(batch, generator):
        x_real, y = net.split_partly_hidden(batch, generator)
        critic = net.critic
        with torch.no_grad():
            z = net.latent(len(x_real), generator)
            x_fake = net.noised(net.generate(z, y, averaged=True), generator)
            x_real = net.judged_data(x_real, generator, averaged=True).detach()
        x_real, x_fake = x_real.requires_grad_(), net.judged(x_fake, z).requires_grad_()
        real, fake = critic.score_both(x_real, x_fake, y)
        penalty = zero_centered_both(real, x_real, fake, x_fake, None, generator)
        loss = cross_entropy(real, fake) + weight * penalty
        if not critic.recognition:
            return loss
        # Its heads must follow what they read.
        heads = critic.recognition
        of_data, of_draws = critic.features_both(x_real, x_fake)
        loss = loss + condition_loss(heads, of_data, y)
        return loss + code_loss(heads, of_draws, z, y, code_weight)

    return loss


@contextmanager
def _frozen(network):
    """Leave out the gradients of the network's own weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
