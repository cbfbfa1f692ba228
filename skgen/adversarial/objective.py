"""The stage of adversarial training: phases of the critic and of the generator."""

import torch

from skgen.adversarial.autograd_game import AutogradGame
from skgen.adversarial.closed_form_game import ClosedFormGame
from skgen.nets.adversarial.closed_form import closed_form_critic
from skgen.nets.averaging import averager
from skgen.training import Stage, adam, normalizes_batches

# A low beta_1 keeps the players from circling each other (Radford et al. 2016).
BETAS = (0.5, 0.99)


def adversarial_stage(net, params, penalty_range, monitor):
    """Stage of ``n_critic_steps`` critic phases and a generator phase for a GANNet.

    ``params`` has the constructor parameters as attributes; ``penalty_range`` is the weight of
    the penalty at the start and at the end.
    """
    critic_rate = params.critic_learning_rate or params.learning_rate
    critic = _optimizer(net.critic, critic_rate, params)
    generator = _optimizer(net.learners(), params.learning_rate, params)
    game = choose_game(net, params, critic)
    n_steps = params.n_critic_steps
    phases = []
    least = 2 * params.packing if normalizes_batches(net) else 1
    for i in range(n_steps):
        name = "critic" if i == 0 else f"critic_{i + 1}"
        loss = _on_part(game.critic_loss, i, n_steps, least)
        phases.append(game.phase(name, loss, critic))
    average = averager(net.averages(), net.learners(), net.n_updates, params.averaging)
    phases.append(game.phase("generator", game.generator_loss, generator, average))
    return Stage(
        phases,
        schedule=_schedule(net, params, *penalty_range),
        monitor=monitor,
        monitors_rows=False,
        prepare=lambda: net.critic.enable_fine(False),
        n_joined=n_steps * params.packing,
    )


def choose_game(net, params, critic_optimizer):
    """The game in closed form where networks and parameters allow it, otherwise by autograd."""
    noisy = _instance_noise(net, params)
    critic = closed_form_critic(net.critic) if allows_closed_form(params) else None
    if critic is None:
        return AutogradGame(net, params, noisy, critic_optimizer)
    return ClosedFormGame(net, params, noisy, critic)


def allows_closed_form(params):
    """Whether nothing but the networks can stand in the way of gradients in closed form."""
    plain = params.precision == "float32" and not params.compile and not params.unroll_steps
    return plain and params.gradient_penalty != "wgan_gp"


def _optimizer(network, learning_rate, params):
    return adam(network.parameters(), learning_rate, betas=BETAS, weight_decay=params.weight_decay)


def _on_part(loss, number, n_parts, least):
    """``loss`` on one of the parts of each batch, so that every update has rows of its own."""

    def loss_of_part(batch, generator):
        parts = batch.chunk(n_parts, dim=-2)
        if parts[-1].shape[-2] < least:
            parts = batch.tensor_split(n_parts, dim=-2)
        return loss(parts[number % len(parts)], generator)

    return loss_of_part


def _instance_noise(net, params):
    """``noisy(x, generator)``: rows with instance noise, which fades in the course of training."""

    def noisy(x, generator):
        noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
        # One level for all rows, or one for the rows of each network.
        return x + net.noise_level[..., None, None] * noise

    return noisy if params.instance_noise else lambda x, generator: x


def _schedule(net, params, start, end):
    """``schedule(progress)``: penalty and noise, changed in place."""
    weight = net.penalty_weight
    start, end = (torch.as_tensor(value).to(weight) for value in (start, end))
    ratio = torch.where(start > 0, end / start, 1.0)

    def change(progress):
        weight.copy_(start * ratio**progress)
        net.noise_level.fill_(params.instance_noise * (1 - progress))

    change(0.0)
    return change
