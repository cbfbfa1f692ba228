"""The gate of gated convolutions (van den Oord et al. 2016b)."""

import torch


class Gate(torch.autograd.Function):
    """2 tanh(a) sigmoid(2 b) of the two halves of the channels, in few passes over them.

    tanh(a) = 2 sigmoid(2 a) - 1, and sigmoids are several times as fast on a CPU.
    """

    @staticmethod
    def forward(ctx, maps):
        """The gated maps (n, c, ...) of maps (n, 2 c, ...)."""
        both = torch.sigmoid(maps + maps)
        a, b = both.chunk(2, 1)
        gated = (4 * a).sub_(2).mul_(b)
        ctx.save_for_backward(both, gated)
        return gated

    @staticmethod
    def backward(ctx, grad):
        """Derivative by the maps: that of a sigmoid s(2 x) is 2 s (1 - s)."""
        both, gated = ctx.saved_tensors
        a, b = both.chunk(2, 1)
        total = torch.empty_like(both)
        of_a, of_b = total.chunk(2, 1)
        torch.mul(torch.addcmul(a, a, a, value=-1), (8 * b).mul_(grad), out=of_a)
        torch.mul(torch.addcmul(gated, gated, b, value=-1), grad + grad, out=of_b)
        return total


gate = Gate.apply
