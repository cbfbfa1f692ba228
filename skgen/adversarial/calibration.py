"""The stage after the game: the generator is finished, and the critic measures what it lacks."""

import numpy as np
import torch

from skgen.adversarial.autograd_game import autograd_calibration
from skgen.adversarial.closed_form_game import closed_form_calibration
from skgen.kernels.two_sample.matched_noise import matched_noise
from skgen.nets.adversarial.closed_form import closed_form_critic
from skgen.training import GradientPhase, Phase, Stage, adam

RELATIVE_LEARNING_RATE = 0.5  # next to the critic's in the game
BETAS = (0.9, 0.99)  # there is no opponent to circle
PENALTY = 1e-4


def calibration_stage(net, params, fraction, fine, n_spread, code=None):
    """Stage in which the critic alone learns, against draws of the averaged generator.

    Its output becomes an estimate of log p(x) / q(x), by which ``sample`` rejects draws (Azadi
    et al. 2019). ``fraction`` is its length next to the game's, ``fine`` the fine length of the
    data. Where that was measured on ``n_spread`` > 0 rows, output noise restores it; with 0 the
    noise stays as it is. ``code`` holds conditions of so many rows, if the net knows any.
    """
    learning_rate = RELATIVE_LEARNING_RATE * (params.critic_learning_rate or params.learning_rate)
    optimizer = adam(net.critic.parameters(), learning_rate, betas=BETAS)

    def prepare():
        # Frequencies too fine for the game, in which they would set the players against each other.
        net.critic.enable_fine(True)
        if n_spread:
            net.output_noise.copy_(spreading_noise(net, n_spread, fine, code))

    phase = calibration_phase(net, optimizer, fine, params.code_weight)
    return Stage([phase], prepare=prepare, fraction=fraction, stops_early=False)


def spreading_noise(net, n_rows, fine, code=None):
    """Output noise that gives draws of the averaged generator the local spread of the data."""
    generator = torch.Generator(net.output_noise.device).manual_seed(0)
    y = None if code is None else torch.as_tensor(code).to(net.output_noise)
    draws = net.draw_averaged(n_rows, generator, y).cpu().numpy()
    noise = np.random.RandomState(0).standard_normal(draws.shape[-2:])
    networks = zip(draws.reshape(-1, *noise.shape), np.ravel(fine))
    sizes = [matched_noise(rows, noise, length) for rows, length in networks]
    return torch.tensor(sizes).reshape(net.output_noise.shape)


def calibration_phase(net, optimizer, fine, code_weight):
    """Cross-entropy between data and draws, and a penalty: in closed form where there is one."""
    # Clusters have slopes of 1 / fine: measured in these the penalty is small.
    weight = PENALTY * torch.as_tensor(fine).to(net.output_noise) ** 2
    critic = closed_form_critic(net.critic)
    if critic is None:
        return Phase("calibration", autograd_calibration(net, weight, code_weight), optimizer)
    return GradientPhase("calibration", closed_form_calibration(net, critic, weight), optimizer)
