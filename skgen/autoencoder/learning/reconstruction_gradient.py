"""Gradients of reconstruction errors by formulas, for dense encoders and decoders."""

import torch

from skgen.kernels.cross_entropy import log_probability_and_derivative
from skgen.nets.dense_pass import dense_passes


def reconstruction_passes(encoder, decoder, loss):
    """``ReconstructionPasses``, or None for networks of other kinds."""
    passes = dense_passes(encoder, decoder)
    return passes and ReconstructionPasses(*passes, ERRORS[loss])


class ReconstructionPasses:
    """Passes from rows to codes to rebuilt rows and back, with gradients left in place."""

    def __init__(self, encoder, decoder, error):
        self.encoder, self.decoder, self.error = encoder, decoder, error
        self.codes = None

    def forward(self, x):
        """Rebuilt rows; the codes between are kept."""
        self.codes = self.encoder.forward(x)
        return self.decoder.forward(self.codes, spent=True)

    def backward(self, x, out, weight=1.0, *, penalty=None, add=False):
        """Weighted mean error a feature between x and ``out``, which is spent, and a penalty.

        Sets the parameters' gradients, or adds to them. ``penalty(codes)`` is a scalar.
        """
        loss, by_out = self.error(x, out)
        by_codes = self.decoder.backward(by_out.mul_(weight), add=add)
        loss = weight * loss
        if penalty is not None:
            with torch.enable_grad():
                codes = self.codes.detach().requires_grad_()
                more = penalty(codes)
                (by_penalty,) = torch.autograd.grad(more, codes)
            loss, by_codes = loss + more.detach(), by_codes.add_(by_penalty)
        self.encoder.backward(by_codes, to_input=False, add=add)
        return loss


def squared_error(x, out):
    """Mean squared error a feature and its gradient by ``out``, which is spent."""
    difference = out.sub_(x)
    flat = difference.view(-1)
    return torch.dot(flat, flat) / x.numel(), difference.mul_(2 / x.numel())


def cross_entropy(x, out):
    """Mean cross-entropy a feature and its gradient by the log-odds ``out``, which are spent."""
    log_prob = out.new_empty(len(out))
    log_probability_and_derivative(out.numpy(), x.numpy(), log_prob.numpy())
    return -log_prob.sum() / x.numel(), out.mul_(-1 / x.numel())


ERRORS = {"squared_error": squared_error, "cross_entropy": cross_entropy}
