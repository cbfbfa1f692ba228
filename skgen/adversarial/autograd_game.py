"""Adversarial training as the papers write it: every loss in full, its gradient by autograd."""

from contextlib import contextmanager

from torch.func import functional_call

from skgen.nets.adversarial.gan_losses import LOSSES, cross_entropy
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
        self.critic_objective, self.generator_objective = LOSSES[params.loss]
        self.penalty = PENALTIES.get(params.gradient_penalty)
        self.target = 1.0 - params.label_smoothing
        self.draws = None

    def critic_loss(self, x_real, generator):
        """Loss by which the critic tells data from draws, with the penalty on its gradient."""
        x_real = self.noisy(x_real, generator)
        self.draws = self.net.draw(len(x_real), generator)
        x_fake = self.noisy(self.draws.detach(), generator)
        if self.penalty is None:
            return self._outputs_loss(*self.net.critic.forward_both(x_real, x_fake))
        x_real, x_fake = x_real.detach().requires_grad_(), x_fake.detach().requires_grad_()
        real, fake = self.net.critic.forward_both(x_real, x_fake)
        penalty = self.penalty(real, x_real, fake, x_fake, self.net.critic, generator)
        return self._outputs_loss(real, fake) + self.net.penalty_weight * penalty

    def generator_loss(self, batch, generator):
        """Loss of the generator: the critic should take its draws for data."""
        # The draws that the critic saw last: drawn once, and those that it knows best.
        x_fake = self.noisy(self.draws, generator)
        if self.params.unroll_steps:
            return self._unrolled_loss(self.noisy(batch[: len(x_fake)], generator), x_fake)
        with _frozen(self.net.critic):
            return self.generator_objective(self.net.critic(x_fake))

    def _unrolled_loss(self, x_real, x_fake):
        """Generator's loss against a critic some steps ahead (Metz et al. 2017)."""
        critic = self.net.critic

        def critic_loss(parameters):
            real = functional_call(critic, parameters, x_real)
            fake = functional_call(critic, parameters, x_fake)
            return self._outputs_loss(real, fake)

        start = {n: p.detach().requires_grad_() for n, p in critic.named_parameters()}
        sizes = adam_step_sizes(self.critic_optimizer, start)
        ahead = unrolled(critic_loss, start, sizes, self.params.unroll_steps)
        return self.generator_objective(functional_call(critic, ahead, x_fake))

    def _outputs_loss(self, real, fake):
        return self.critic_objective(real, fake, self.target)


def autograd_calibration(net, weight):
    """``loss(batch, generator)`` of a critic that learns to tell data from finished draws."""

    def loss(x_real, generator):
        x_fake = net.draw_averaged(len(x_real), generator).requires_grad_()
        x_real = x_real.detach().requires_grad_()
        real, fake = net.critic.score_both(x_real, x_fake)
        penalty = zero_centered_both(real, x_real, fake, x_fake, None, generator)
        return cross_entropy(real, fake) + weight * penalty

    return loss


@contextmanager
def _frozen(network):
    """Leave out the gradients of the network's own weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
