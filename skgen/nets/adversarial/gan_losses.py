"""Losses of the two players of a generative adversarial network.

``real`` and ``fake`` are the critic's raw outputs; sigmoid(output) is the probability of "real"
for the first two losses. The rows are the last axis: axes in front of it have losses of their own.
"""

import torch
from torch.nn import functional as F


def cross_entropy(real, fake, target=1.0):
    """Critic of Goodfellow et al. (2014); at its optimum sigmoid(output) = target p / (p + q)."""
    # A target below 1 is one-sided label smoothing (Salimans et al. 2016).
    loss = F.softplus(-real).mean(-1) + F.softplus(fake).mean(-1)
    return loss if target == 1 else loss + (1 - target) * real.mean(-1)


def least_squares(real, fake, target=1.0):
    """Critic of least-squares GANs with labels 0 and ``target`` (Mao et al. 2017)."""
    return 0.5 * (real - target).square().mean(-1) + 0.5 * fake.square().mean(-1)


def wasserstein(real, fake, target=1.0):
    """Critic of the Wasserstein GAN (Arjovsky et al. 2017)."""
    return fake.mean(-1) - real.mean(-1)


def hinge(real, fake, target=1.0):
    """Hinge critic (Lim & Ye 2017)."""
    return F.relu(1 - real).mean(-1) + F.relu(1 + fake).mean(-1)


def non_saturating(fake):
    """Generator: minus log D."""
    return F.softplus(-fake).mean(-1)


def minimax(fake):
    """Generator: log(1 - D), the other side of the critic's own loss."""
    return -F.softplus(fake).mean(-1)


def least_squares_generator(fake):
    """Generator of least-squares GANs."""
    return 0.5 * (fake - 1).square().mean(-1)


def minus_output(fake):
    """Generator: minus the critic's output."""
    return -fake.mean(-1)


# name -> critic(real, fake, target), generator(fake)
LOSSES = {
    "non_saturating": (cross_entropy, non_saturating),
    "minimax": (cross_entropy, minimax),
    "least_squares": (least_squares, least_squares_generator),
    "wasserstein": (wasserstein, minus_output),
    "hinge": (hinge, minus_output),
}
# The critic of this one is an autoencoder, and its loss has a state.
BOUNDARY_EQUILIBRIUM = "boundary_equilibrium"
# Losses in which a smoothed label has a meaning.
LABELED = {"non_saturating", "minimax", "least_squares"}


def for_data(objective, real):
    """What an encoder minimizes: the critic should take its pairs with data for draws."""
    # Labels 1 and 0 change places, or the signs of outputs.
    return objective(1 - real if objective is least_squares_generator else -real)


# loss -> derivatives of its sum over the rows by the outputs.
DERIVATIVES = {
    cross_entropy: lambda real, fake, target: (real.sigmoid() - target, fake.sigmoid()),
    least_squares: lambda real, fake, target: (real - target, fake),
    wasserstein: lambda real, fake, target: (-torch.ones_like(real), torch.ones_like(fake)),
    hinge: lambda real, fake, target: (-(real < 1).to(real.dtype), (fake > -1).to(fake.dtype)),
    non_saturating: lambda fake: fake.sigmoid() - 1,
    minimax: lambda fake: -fake.sigmoid(),
    least_squares_generator: lambda fake: fake - 1,
    minus_output: lambda fake: -torch.ones_like(fake),
}
