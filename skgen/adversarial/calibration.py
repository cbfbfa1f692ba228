"""The stage after the game: the generator is finished, and the critic measures what it lacks."""

import numpy as np
import torch

from skgen.kernels.two_sample.matched_noise import matched_noise
from skgen.nets.adversarial.closed_form import written_critic
from skgen.nets.adversarial.gan_losses import cross_entropy
from skgen.nets.adversarial.gan_penalties import zero_centered_both
from skgen.training import GradientPhase, Phase, Stage, adam

RATE = 0.5  # of the critic's step in the game
BETAS = (0.9, 0.99)  # there is no opponent to circle
PENALTY = 1e-4


def calibration_stage(net, params, share, fine, n_spread):
    """Stage in which the critic alone learns, against draws of the averaged generator.

    Its output becomes an estimate of log p(x) / q(x), by which ``sample`` rejects draws (Azadi
    et al. 2019). ``share`` is its length next to the game's, ``fine`` the fine length of the data.
    Where that was measured on ``n_spread`` > 0 rows, output noise restores it; with 0 the noise
    stays as it is.
    """
    rate = params.critic_learning_rate or params.learning_rate
    optimizer = adam(net.critic.parameters(), RATE * rate, betas=BETAS)

    def prepare():
        # Waves too fine for the game, in which they would set the players against each other.
        net.critic.show_fine(True)
        if n_spread:
            net.output_noise.copy_(spreading_noise(net, n_spread, fine))

    loss, written = calibration_loss(net, fine)
    kind = GradientPhase if written else Phase
    phase = kind("calibration", loss, optimizer)
    return Stage([phase], prepare=prepare, fraction=share, stops_early=False)


def spreading_noise(net, n_rows, fine):
    """Output noise that gives draws of the averaged generator the local spread of the data."""
    generator = torch.Generator(net.output_noise.device).manual_seed(0)
    draws = net.draw_average(n_rows, generator).cpu().numpy()
    noise = np.random.RandomState(0).standard_normal(draws.shape[-2:])
    networks = zip(draws.reshape(-1, *noise.shape), np.ravel(fine))
    sizes = [matched_noise(rows, noise, length) for rows, length in networks]
    return torch.tensor(sizes).reshape(net.output_noise.shape)


def calibration_loss(net, fine):
    """``loss(batch, generator)``: cross-entropy between data and draws, and a penalty.

    With it, whether the loss writes its gradients itself.
    """
    # Clusters have slopes of 1 / fine: in units of these the penalty is small.
    weight = PENALTY * torch.as_tensor(fine).to(net.output_noise) ** 2
    closed = written_critic(net.critic)

    def written(x_real, generator):
        x_fake = net.draw_average(x_real.shape[-2], generator)
        return closed.critic_loss(x_real, x_fake, cross_entropy, 1.0, (weight, weight))

    def loss(x_real, generator):
        x_fake = net.draw_average(len(x_real), generator).requires_grad_()
        x_real = x_real.detach().requires_grad_()
        real, fake = net.critic.score_both(x_real, x_fake)
        penalty = zero_centered_both(real, x_real, fake, x_fake, None, generator)
        return cross_entropy(real, fake) + weight * penalty

    return (loss, False) if closed is None else (written, True)
