"""Diagonal Gaussians over latent rows, in nats."""

import math

import torch

from skgen.nets.sobol import scrambled_points

LOG_2PI = math.log(2 * math.pi)


def kl_to_standard(mean, log_variance):
    """KL(N(mean, variance) || N(0, I)) of each dimension, shape of mean."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def reparametrize(mean, log_variance, noise):
    """Draw from N(mean, variance) that gradients pass through; noise broadcasts."""
    return torch.addcmul(mean, torch.exp(0.5 * log_variance), noise)


def log_standard(z):
    """Log-density of latent rows under N(0, I); the last axis is summed."""
    return -0.5 * (z.square() + LOG_2PI).sum(-1)


def log_normal(z, mean, log_variance):
    """Log-density of latent rows under N(mean, variance); the last axis is summed."""
    squared = (z - mean).square() * torch.exp(-log_variance)
    return -0.5 * (squared + log_variance + LOG_2PI).sum(-1)


def scrambled_normal(n, k):
    """Points of N(0, I) made of ``scrambled_points``, (n, k) float64."""
    return torch.special.ndtri(scrambled_points(n, k).clamp(1e-10, 1 - 1e-10))
