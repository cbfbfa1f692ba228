"""The two phases of adversarial training: what the critic and the generator minimize."""

from contextlib import contextmanager

import torch
from torch.func import functional_call

from skgen.nets.adversarial.averaging import averager
from skgen.nets.adversarial.closed_form import teachable, written_critic
from skgen.nets.adversarial.gan_losses import LOSSES
from skgen.nets.adversarial.gan_penalties import PENALTIES
from skgen.nets.adversarial.unrolling import adam_step_sizes, unrolled
from skgen.training import GradientPhase, Phase, Stage, adam


def adversarial_stage(net, params, penalty_range, monitor):
    """Stage of ``n_critic_steps`` critic phases and a generator phase for a GANNet.

    ``params`` has the constructor parameters as attributes; ``penalty_range`` is the weight of
    the penalty at the start and at the end.
    """
    game = Game(net, params)
    critic_rate = params.critic_learning_rate or params.learning_rate
    critic = _optimizer(net.critic, critic_rate, params)
    generator = _optimizer(net.generator, params.learning_rate, params)
    game.critic_optimizer = critic
    n_steps = params.n_critic_steps
    written = game.written is not None
    kind = GradientPhase if written else Phase
    phases = [
        kind("critic" if i == 0 else f"critic_{i + 1}", game.critic_loss(i, n_steps), critic)
        for i in range(n_steps)
    ]
    follow = averager(net.average, net.generator, net.n_updates, params.averaging)
    answer = game.written_generator_loss if written else game.generator_loss
    phases.append(kind("generator", answer, generator, follow))
    return Stage(
        phases,
        schedule=game.schedule(*penalty_range),
        monitor=monitor,
        prepare=lambda: net.critic.show_fine(False),
    )


def _optimizer(network, learning_rate, params):
    return adam(network.parameters(), learning_rate, betas=BETAS, weight_decay=params.weight_decay)


def is_plain(params):
    """Whether nothing but the networks can stand in the way of gradients in closed form."""
    plain = params.precision == "float32" and not params.compile and not params.unroll_steps
    return plain and params.gradient_penalty != "wgan_gp"


# A low beta_1 keeps the players from circling each other (Radford et al. 2016).
BETAS = (0.5, 0.99)


class Game:
    """Losses of the two players of one GANNet."""

    def __init__(self, net, params):
        self.net, self.params = net, params
        self.target = 1.0 - params.label_smoothing
        self.critic_objective, self.generator_objective = LOSSES[params.loss]
        self.penalty = PENALTIES.get(params.gradient_penalty)
        self.critic_optimizer = None
        self.draws = None
        self.written = written_critic(net.critic) if is_plain(params) else None
        self.pupil = teachable(net.generator)

    def critic_loss(self, number, n_steps):
        """``loss(batch, generator)`` of the critic's update number ``number`` on each batch."""

        def loss(batch, generator):
            # Each update sees its own share of the rows.
            shares = batch.chunk(n_steps, dim=-2)
            x_real = self._noisy(shares[number % len(shares)], generator)
            n = x_real.shape[-2]
            if self.written is None:
                self.draws = self.net.draw(n, generator)
                x_fake = self._noisy(self.draws.detach(), generator)
                return self._critic_objective(x_real, x_fake, generator)
            self.draws = self.pupil.draw(self.net.latent(n, generator))
            x_fake = self._noisy(self.draws, generator)
            how = self.critic_objective, self.target, self._weights()
            return self.written.critic_loss(x_real, x_fake, *how)

        return loss

    def generator_loss(self, batch, generator):
        """Loss of the generator against the critic, or against the critic some steps ahead."""
        # The draws that the critic saw last: drawn once, and those that it judges best.
        x_fake = self._noisy(self.draws, generator)
        if self.params.unroll_steps:
            return self._unrolled_loss(self._noisy(batch[: len(x_fake)], generator), x_fake)
        with _frozen(self.net.critic):
            return self.generator_objective(self.net.critic(x_fake))

    def written_generator_loss(self, batch, generator):
        """The same; the gradients are left in the generator's parameters."""
        x_fake = self._noisy(self.draws, generator)
        loss, gradient = self.written.generator_loss(x_fake, self.generator_objective)
        self.pupil.write(gradient)
        return loss

    def _outputs_loss(self, real, fake):
        return self.critic_objective(real, fake, self.target)

    def _weights(self):
        """Factors of the zero-centered penalties at the data and at the draws."""
        if self.penalty is None:
            return None
        weight = self.net.penalty_weight
        return weight, weight if self.params.gradient_penalty == "r1_r2" else 0 * weight

    def _critic_objective(self, x_real, x_fake, generator):
        critic = self.net.critic
        if self.penalty is None:
            return self._outputs_loss(*critic.judge(x_real, x_fake))
        x_real, x_fake = x_real.detach().requires_grad_(), x_fake.detach().requires_grad_()
        real, fake = critic.judge(x_real, x_fake)
        penalty = self.penalty(real, x_real, fake, x_fake, critic, generator)
        return self._outputs_loss(real, fake) + self.net.penalty_weight * penalty

    def _unrolled_loss(self, x_real, x_fake):
        """Generator's loss against a critic that answered ``unroll_steps`` times (Metz 2017)."""
        net = self.net

        def answer(parameters):
            real = functional_call(net.critic, parameters, x_real)
            fake = functional_call(net.critic, parameters, x_fake)
            return self._outputs_loss(real, fake)

        start = {n: p.detach().requires_grad_() for n, p in net.critic.named_parameters()}
        sizes = adam_step_sizes(self.critic_optimizer, start)
        ahead = unrolled(answer, start, sizes, self.params.unroll_steps)
        return self.generator_objective(functional_call(net.critic, ahead, x_fake))

    def _noisy(self, x, generator):
        """Rows with instance noise, which fades in the course of training."""
        if not self.params.instance_noise:
            return x
        noise = torch.randn(x.shape, generator=generator, device=x.device)
        return x + self.net.noise_level * noise

    def schedule(self, start, end):
        """``schedule(progress)``: penalty and noise, changed in place."""
        noise, weight = self.params.instance_noise, self.net.penalty_weight
        start, end = (torch.as_tensor(value).to(weight) for value in (start, end))
        ratio = torch.where(start > 0, end / start, 1.0)

        def change(progress):
            weight.copy_(start * ratio**progress)
            self.net.noise_level.fill_(noise * (1 - progress))

        change(0.0)
        return change


@contextmanager
def _frozen(network):
    """Leave out the gradients of the network's own weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
