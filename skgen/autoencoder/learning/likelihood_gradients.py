"""Derivatives of the likelihoods by formulas."""

import torch

from skgen.kernels.cross_entropy import log_probability_and_derivative
from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood


class BernoulliGradient:
    """Log-probabilities of bits and their derivatives by the decoder's log-odds."""

    def __init__(self, likelihood):
        self.derivative = None

    def log_prob(self, x, out):
        """``BernoulliLikelihood.log_prob`` of rows x that broadcast to ``out``, which is spent."""
        rows = out.flatten(0, -2)
        x = x.expand_as(out).reshape(rows.shape)
        log_prob = rows.new_empty(len(rows))
        log_probability_and_derivative(rows.numpy(), x.numpy(), log_prob.numpy())
        self.derivative = out
        return log_prob.view(out.shape[:-1])

    def backward(self, weight):
        """Gradient by ``out`` of minus the sum of weighted log-probabilities."""
        return self.derivative.mul_(weight.unsqueeze(-1)).neg_()


class GaussianGradient:
    """Log-densities of numbers and their derivatives by the decoder's means and the noise."""

    def __init__(self, likelihood):
        self.likelihood, self.learns = likelihood, likelihood.log_excess.requires_grad
        if self.learns:
            likelihood.log_excess.grad = torch.zeros_like(likelihood.log_excess)
        self.residual, self.ratio, self.squares = None, None, None

    def log_prob(self, x, out):
        """``GaussianLikelihood.log_prob``."""
        own = self.likelihood
        log_ratio = (own.log_variance() - 2 * own.log_scale).expand(x.shape[-1])
        self.ratio, self.residual = log_ratio.exp(), torch.sub(x, out)
        self.squares = self.residual.square() / self.ratio
        return -0.5 * (self.squares.sum(-1) + own.normalizer(log_ratio))

    def backward(self, weight):
        """Gradient by ``out`` of minus the sum of weighted log-densities, and that by the noise."""
        own = self.likelihood
        if self.learns:
            by_log_variance = 0.5 * (
                weight.sum() - torch.mv(self.squares.flatten(0, -2).T, weight.flatten())
            )
            if own.log_excess.numel() == 1:
                by_log_variance = by_log_variance.sum(0, keepdim=True)
            # log_variance = log(exp(floor) + exp(log_excess))
            torch.mul(
                by_log_variance,
                torch.sigmoid(own.log_excess - own.floor),
                out=own.log_excess.grad,
            )
        return self.residual.mul_(-weight.unsqueeze(-1)).div_(self.ratio)


GRADIENTS = {BernoulliLikelihood: BernoulliGradient, GaussianLikelihood: GaussianGradient}
