"""Gaussian latent rows given rows, of bidirectional adversarial networks."""

import torch
from torch import nn

from skgen.nets.layers import activations

LOG_VARIANCE_RANGE = (-10.0, 2.0)


class CodeDistribution(nn.Module):
    """Gaussian q(z | x) with independent columns; called it gives the mean.

    Parameters
    ----------
    network : torch.nn.Module
        From rows to means and log-variances side by side, (n, 2 n_components).
    """

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        """Mean of q(z | x), shape (n, n_components)."""
        return self.network(x).chunk(2, 1)[0]

    def draw(self, x, generator):
        """A draw of q(z | x) for each row, differentiable, shape (n, n_components)."""
        mean, log_variance = self.network(x).chunk(2, 1)
        noise = torch.randn(mean.shape, generator=generator, device=x.device, dtype=x.dtype)
        return mean + torch.exp(0.5 * log_variance.clamp(*LOG_VARIANCE_RANGE)) * noise

    def layers(self, x):
        """Units of each layer for the rows x, (n, k); the last are the means."""
        *hidden, last = activations(self.network, x)
        return [*hidden, last.chunk(2, 1)[0]]
