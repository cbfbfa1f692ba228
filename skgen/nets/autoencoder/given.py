"""The networks of a variational autoencoder beside labels or conditions that are given."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.gaussian import log_standard


class GivenCondition:
    """The networks beside conditions y that broadcast with the rows, as those of a plain VAE."""

    def __init__(self, net, y):
        self.net, self.y, self.likelihood = net, y, net.likelihood

    @property
    def kl_weight(self):
        """Weight of the KL term."""
        return self.net.kl_weight

    def posterior(self, x):
        """Mean and log-variance of q(z|x,y)."""
        return self.net.posterior(x, self.y)

    def decode(self, z):
        """Decoder output for z (..., k)."""
        return self.net.decode(torch.cat([z, self.y.expand(*z.shape[:-1], -1)], -1))

    def log_joint(self, x, z):
        """Log p(x, z | y) for z (..., n, k), shape (..., n)."""
        return self.likelihood.log_prob(x, self.decode(z)) + log_standard(z)


class GivenLabel(GivenCondition):
    """The networks beside labels y, whose prior counts, too."""

    def log_joint(self, x, z):
        """Log p(x, y, z) for z (..., n, k), shape (..., n)."""
        return super().log_joint(x, z) + self.y @ self.net.log_prior()


def beside(network, x, y):
    """Output of a network for rows (x, y), where x (..., d) and y (..., c) broadcast."""
    lead = torch.broadcast_shapes(x.shape[:-1], y.shape[:-1])
    if type(network) is nn.Sequential and type(network[0]) is nn.Linear:
        # The sums of x are the same beside every label.
        first, (d, c) = network[0], (x.shape[-1], y.shape[-1])
        of_x, of_y = first.weight.split([d, c], dim=1)
        sums = F.linear(x, of_x, first.bias) + F.linear(y, of_y)
        out = network[1:](sums.expand(*lead, -1).reshape(-1, sums.shape[-1]))
    else:
        rows = torch.cat([x.expand(*lead, -1), y.expand(*lead, -1)], -1)
        out = network(rows.reshape(-1, rows.shape[-1]))
    return out.view(*lead, out.shape[-1])
