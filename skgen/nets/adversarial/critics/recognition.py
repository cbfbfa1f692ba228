"""Heads of a critic that recognize what a draw was made of."""

import math

import torch
from torch import nn

from skgen.nets.adversarial.gan_mlp import output_layer

LEAST_LOG_VARIANCE = -6.0  # codes that are recovered to a twentieth say no more
ENTROPY = 0.5 * math.log(2 * math.pi * math.e)  # of a standard normal code, in nats


class CodeRecognition(nn.Module):
    """Gaussian Q(c | x) of latent codes c, whose variances are the same for all rows.

    E log Q(c | x) and the entropy of c bound the mutual information of codes and rows from below
    (Chen et al. 2016).
    """

    def __init__(self, n_features, n_codes):
        super().__init__()
        self.mean = output_layer(n_features, n_codes)
        self.log_variance = nn.Parameter(torch.zeros(n_codes))

    def forward(self, features):
        """Means of the codes, shape (n, n_codes)."""
        return self.mean(features)

    def log_density(self, features, codes):
        """Log Q of each code in nats, shape (n, n_codes)."""
        log_variance = self.log_variance.clamp(min=LEAST_LOG_VARIANCE)
        squares = (codes - self.mean(features)).square() * torch.exp(-log_variance)
        return -0.5 * (squares + log_variance + math.log(2 * math.pi))


def add_recognition(critic, n_codes):
    """Give a critic the heads that are asked for."""
    if n_codes:
        critic.recognition["codes"] = CodeRecognition(critic.n_units, n_codes)


def recognition_loss(heads, features, latent, conditions, code_weight):
    """Loss of the heads of a critic, minus log-likelihoods in nats.

    ``latent`` holds the latent rows of draws, None for data, whose codes nobody knows.
    """
    loss = features.new_zeros(())
    if "codes" in heads and latent is not None:
        head = heads["codes"]
        codes = latent[:, : len(head.log_variance)]
        loss = loss - code_weight * head.log_density(features, codes).sum(1).mean()
    if "conditions" in heads:
        loss = loss + heads["conditions"].loss(features, conditions)
    return loss
