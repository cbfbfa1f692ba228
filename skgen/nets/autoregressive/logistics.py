"""Mixtures of logistic distributions: densities, masses of cells, means and draws.

The tails fall exponentially, so that an outlier costs nats in proportion to its distance, where
a Gaussian would charge its square.
"""

import math
from typing import NamedTuple

import torch
from torch.nn import functional as F

FAR = -80.0  # where exp is still within float32
SD = math.pi / math.sqrt(3)  # standard deviation of the standard logistic distribution


class Cells(NamedTuple):
    """Where the values of columns lie: D columns, those with densities before those on grids."""

    x: torch.Tensor  # (..., D)
    half: torch.Tensor  # (D,), half a cell; 0 of columns with densities
    is_low: torch.Tensor  # (..., D), whether a cell takes all below it, too
    is_high: torch.Tensor  # (..., D), whether all above
    n_real: int  # columns with densities


class LogMixture(torch.autograd.Function):
    """Log-densities (..., D) of mixtures of logistics at values, or log-masses of their cells.

    Logits, locations and log-scales (..., K, D); the gradients by formulas are half the work of
    those of automatic differentiation.
    """

    @staticmethod
    def forward(ctx, logits, location, log_scale, cells):
        """Logarithms (..., D), and what the gradients need."""
        keep = [(~end).to(cells.x.dtype).unsqueeze(-2) for end in (cells.is_high, cells.is_low)]
        parts = _Logistics.of(location, log_scale, cells)
        log_parts = F.log_softmax(logits, -2)
        log_p = parts.log_mass(log_scale, keep).add_(log_parts)
        result = torch.logsumexp(log_p, -2)
        if any(ctx.needs_input_grad):
            ctx.parts, ctx.keep = parts, keep
            ctx.save_for_backward(log_parts.exp_(), log_p.sub_(result.unsqueeze(-2)).exp_())
        return result

    @staticmethod
    def backward(ctx, gradient):
        """Gradients by logits, locations and log-scales."""
        p, responsibility = ctx.saved_tensors
        gradient = gradient.unsqueeze(-2)
        own = gradient * responsibility
        by_location, by_log_scale = ctx.parts.gradients(ctx.keep)
        return own - gradient * p, by_location.mul_(own), by_log_scale.mul_(own), None


class _Logistics(NamedTuple):
    """Standardized cells of each component, whose mass is F(above) - F(below)."""

    above: torch.Tensor
    below: torch.Tensor
    half: torch.Tensor
    inverse: torch.Tensor  # of the scale
    F_above: torch.Tensor
    F_minus_below: torch.Tensor  # 1 - F(below)
    n_real: int

    @classmethod
    def of(cls, location, log_scale, cells):
        inverse = torch.exp(-log_scale)
        z, half = (cells.x.unsqueeze(-2) - location).mul_(inverse), cells.half * inverse
        above, below = z + half, z - half
        F_above, F_minus_below = (torch.sigmoid(t.clamp(min=FAR)) for t in (above, -below))
        return cls(above, below, half, inverse, F_above, F_minus_below, cells.n_real)

    def log_mass(self, log_scale, keep):
        # F(a) - F(b) = F(a) (1 - F(b)) (1 - exp(b - a)): no difference of near values. Of a cell of
        # width 0 the last factor is the width, and the density is what stands before it.
        not_high, not_low = keep
        t = torch.tanh(self.half)
        inner = torch.log(2 * t / (1 + t))
        inner[..., : self.n_real] = -log_scale[..., : self.n_real]
        # Where the standard logistic distribution function is exp(z), F stands for that of FAR.
        low = torch.log(self.F_above).add_((self.above - FAR).clamp_(max=0))
        high = torch.log(self.F_minus_below).add_((-FAR - self.below).clamp_(max=0))
        return inner.mul_(not_high * not_low).add_(low * not_high).add_(high * not_low)

    def gradients(self, keep):
        """Derivatives of the log-masses by location and log-scale."""
        not_high, not_low = keep
        low, high = (1 - self.F_above).mul_(not_high), (1 - self.F_minus_below).mul_(not_low)
        t = torch.tanh(self.half)
        inner = self.half * (1 - t) / t
        inner[..., : self.n_real] = 1.0
        by_log_scale = high * self.below - low * self.above - inner.mul_(not_high * not_low)
        return (high - low).mul_(self.inverse), by_log_scale


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


def draw(logits, location, log_scale, least, greatest, generator):
    """One value (..., D) of each mixture (..., K, D), within the ends."""
    chosen = draw_category(logits, generator, -2).unsqueeze(-2)
    location, log_scale = location.gather(-2, chosen), log_scale.gather(-2, chosen)
    scale = torch.exp(log_scale)
    low, high = (torch.sigmoid((end - location) / scale) for end in (least, greatest))
    u = (low + (high - low) * _uniform(location, generator)).clamp(1e-7, 1 - 1e-7)
    value = location + scale * (torch.log(u) - torch.log1p(-u))
    return value.clamp(least, greatest).squeeze(-2)


def draw_category(logits, generator, dim=-1):
    """Numbers of categories by their logits on one axis; minus infinity is never drawn."""
    # The largest of logits with Gumbel noise is a draw.
    return (logits - torch.log(-torch.log(_uniform(logits, generator)))).argmax(dim)


def _uniform(like, generator):
    """Uniform numbers, never 0 or 1, as many as there are values."""
    u = torch.rand(like.shape, generator=generator, device=like.device, dtype=torch.float32)
    return u.clamp(1e-7, 1 - 1e-7).to(like.dtype)
