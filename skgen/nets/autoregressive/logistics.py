"""Mixtures of logistic distributions: densities, masses of cells, means and draws.

The tails fall exponentially, so that an outlier costs nats in proportion to its distance, where
a Gaussian would charge its square.
"""

import math

import torch
from torch.nn import functional as F

SD = math.pi / math.sqrt(3)  # standard deviation of the standard logistic distribution


def log_density(x, location, log_scale):
    """Log-density at x of logistic distributions, all of one shape."""
    z = (x - location) * torch.exp(-log_scale)
    return -z - 2 * F.softplus(-z) - log_scale


def log_mass(x, half, is_low, is_high, location, log_scale):
    """Log-probability of the cells from x - half to x + half.

    Where ``is_low`` the cell takes all below it, too, and where ``is_high`` all above.
    """
    inverse = torch.exp(-log_scale)
    z, w = (x - location) * inverse, half * inverse
    # F(z + w) - F(z - w) = sinh(w) / (cosh(z) + cosh(w)): no difference of near values.
    parts = torch.stack(torch.broadcast_tensors(z, -z, w, -w))
    inner = w + torch.log(-torch.expm1(-2 * w)) - torch.logsumexp(parts, 0)
    inner = torch.where(is_low, F.logsigmoid(z + w), inner)
    return torch.where(is_high, F.logsigmoid(w - z), inner)


def mix(logits, log_parts):
    """Log-probability of a mixture; the components are on the last axis."""
    return torch.logsumexp(F.log_softmax(logits, -1) + log_parts, -1)


def mean_within(low, high, location, log_scale):
    """Mean of logistic variables that are held between two ends, either of which may be infinite.

    E max(X, a) = a + s softplus((m - a) / s), and beyond b as much is taken off.
    """
    scale = torch.exp(log_scale)
    below = torch.where(torch.isinf(low), 0.0, low)
    above = torch.where(torch.isinf(high), 0.0, high)
    raised = below + scale * F.softplus((location - below) / scale)
    lowered = scale * F.softplus((location - above) / scale)
    mean = torch.where(torch.isinf(low), location, raised)
    return mean - torch.where(torch.isinf(high), 0.0, lowered)


def draw(logits, location, log_scale, generator):
    """One value of each mixture."""
    chosen = draw_category(logits, generator).unsqueeze(-1)
    location, log_scale = location.gather(-1, chosen), log_scale.gather(-1, chosen)
    u = _uniform(location, generator)
    return (location + torch.exp(log_scale) * (torch.log(u) - torch.log1p(-u))).squeeze(-1)


def draw_category(logits, generator):
    """Numbers of categories by their logits, on the last axis; minus infinity is never drawn."""
    # The largest of logits with Gumbel noise is a draw.
    return (logits - torch.log(-torch.log(_uniform(logits, generator)))).argmax(-1)


def _uniform(like, generator):
    """Uniform numbers, never 0 or 1, as many as there are values."""
    u = torch.rand(like.shape, generator=generator, device=like.device, dtype=torch.float32)
    return u.clamp(1e-7, 1 - 1e-7).to(like.dtype)
