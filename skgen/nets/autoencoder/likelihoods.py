"""Densities of a data row given a decoder's output, in nats."""

import math

import torch
from torch import nn
from torch.nn import functional as F

LOG_2PI = math.log(2 * math.pi)


class BernoulliLikelihood(nn.Module):
    """Independent Bernoulli features; the decoder gives log-odds.

    Gray values between 0 and 1 score by the same expression (a cross-entropy).
    """

    def log_prob(self, x, out):
        """Log-probability of x given log-odds ``out``; the last axis is summed."""
        # log p = x out - softplus(out)
        return torch.linalg.vecdot(x, out) - F.softplus(out).sum(-1)

    def mean(self, out):
        """Probability of one."""
        return torch.sigmoid(out)

    def draw(self, out, normal):
        """Draw given standard normal noise, which may broadcast."""
        # P(Phi(noise) < p) = p
        return (torch.special.ndtr(normal) < torch.sigmoid(out)).to(out.dtype)


class GaussianLikelihood(nn.Module):
    """Independent Gaussian features; the decoder gives the mean, the noise is common to all rows.

    The module sees rows divided by a scale per feature, whose log is ``log_scale``
    (n_features,), and reports densities of the rows before that division. Its noise variance
    is that before the division: one number (``isotropic``), one a feature, or fixed. Learned, it
    starts at the fraction ``start`` of the squared scales.
    """

    def __init__(self, log_scale, floor=None, variance=None, *, isotropic=False, start=1.0):
        super().__init__()
        self.register_buffer("log_scale", log_scale)
        of_data = 2 * log_scale
        if isotropic:
            of_data = of_data.mean(0, keepdim=True)
        if variance is None:
            # The least fraction of the variance of the data.
            self.register_buffer("floor", of_data + torch.log(floor))
            self.log_excess = nn.Parameter(of_data + math.log(start))
        else:
            self.register_buffer("floor", torch.full_like(of_data, math.log(variance)))
            self.register_buffer("log_excess", torch.full_like(of_data, -torch.inf))

    def log_variance(self):
        """Log noise variance before the division, shape (n_features,) or (1,)."""
        return torch.logaddexp(self.floor, self.log_excess)

    def log_prob(self, x, out):
        """Log-density of the row that was divided to give x; the last axis is summed."""
        # (x_raw - out_raw)^2 / variance = (x - out)^2 / ratio
        log_ratio = (self.log_variance() - 2 * self.log_scale).expand(x.shape[-1])
        quadratic = torch.mv((x - out).square().flatten(0, -2), torch.exp(-log_ratio))
        return -0.5 * (quadratic.view(out.shape[:-1]) + self.normalizer(log_ratio))

    def normalizer(self, log_ratio):
        """Twice the log of the Gaussian's constant: noise variances are ratios times the scales."""
        return (log_ratio + 2 * self.log_scale + LOG_2PI).sum()

    def mean(self, out):
        """The decoder's output itself."""
        return out

    def draw(self, out, normal):
        """Draw given standard normal noise, which may broadcast; a row divided by its scales."""
        return out + normal * torch.exp(0.5 * self.log_variance() - self.log_scale)
