"""Numbers as the networks see them: as they are near zero, by their logarithm farther out."""

import torch

NEAR = 4.0  # standard deviations within which the networks see values as they are


def squashed(x):
    """Values as they are near zero; farther out they grow with their logarithm."""
    size = x.abs().clamp(min=NEAR)
    return torch.where(x.abs() <= NEAR, x, x.sign() * NEAR * (1 + torch.log(size / NEAR)))


def unsquashed(u):
    """What ``squashed`` maps to u, and the logarithm of its derivative there."""
    beyond = (u.abs() - NEAR).clamp(0.0, 10 * NEAR) / NEAR
    return torch.where(beyond > 0, u.sign() * NEAR * torch.exp(beyond), u), beyond
