"""Adversarial training of piecewise-linear networks, whose gradients have a closed form.

The losses are those of ``autograd_game``, and so are the draws; several networks may lie side by
side, with a leading axis of rows and weights.
"""

from skgen.nets.adversarial.closed_form import differentiable_generator
from skgen.nets.adversarial.gan_losses import LOSSES, cross_entropy
from skgen.training import GradientPhase


class ClosedFormGame:
    """What ``AutogradGame`` says, for a ``ClosedFormCritic`` of the same GANNet."""

    phase = GradientPhase

    def __init__(self, net, params, noisy, critic):
        self.net, self.noisy, self.critic = net, noisy, critic
        self.generator = differentiable_generator(net.generator)
        self.critic_objective, self.generator_objective = LOSSES[params.loss]
        self.gradient_penalty = params.gradient_penalty
        self.target = 1.0 - params.label_smoothing
        self.draws = None

    def critic_loss(self, x_real, generator):
        """Loss of the critic; its gradients are left in the parameters."""
        x_real = self.noisy(x_real, generator)
        self.draws = self.generator.draw(self.net.latent(x_real.shape[-2], generator))
        x_fake = self.noisy(self.draws, generator)
        return self.critic.critic_loss(
            x_real, x_fake, self.critic_objective, self.target, self._penalty_weights()
        )

    def generator_loss(self, batch, generator):
        """Loss of the generator; its gradients are left in the parameters."""
        x_fake = self.noisy(self.draws, generator)
        loss, gradient = self.critic.generator_loss(x_fake, self.generator_objective)
        self.generator.backward(gradient)
        return loss

    def _penalty_weights(self):
        """Factors of the zero-centered penalties at the data and at the draws."""
        if self.gradient_penalty is None:
            return None
        weight = self.net.penalty_weight
        return weight, weight if self.gradient_penalty == "r1_r2" else 0 * weight


def closed_form_calibration(net, critic, weight):
    """What ``autograd_calibration`` says, for a ``ClosedFormCritic`` of the same GANNet."""

    def gradient(x_real, generator):
        x_fake = net.draw_averaged(x_real.shape[-2], generator)
        return critic.critic_loss(x_real, x_fake, cross_entropy, 1.0, (weight, weight))

    return gradient
