"""Distributions on the way from independent visible units to a Boltzmann machine."""

import math

import torch

from skgen.nets.boltzmann.rbm import draw_units, log_sum_states

LOG_2PI = math.log(2 * math.pi)


class BernoulliPath:
    """p_beta(v) = exp(v ((1 - beta) base + beta b)) prod_j (1 + exp(beta input_j(v))) / Z_beta.

    ``base`` (d,) are log-odds, best those of the data: the base-rate model of Salakhutdinov
    & Murray (2008). ``beta`` is a number, or a tensor that broadcasts over the rows.
    """

    def __init__(self, net, base):
        self.net, self.base = net, base

    def log_partition_of_base(self):
        """Log Z at beta = 0."""
        of_visible = log_sum_states(self.base.double(), self.net.n_classes)
        return float(of_visible) + _log_n_hidden(self.net, self.base)

    def start(self, n, generator):
        """Draw n rows at beta = 0."""
        return draw_units(self.base.expand(n, -1), self.net.n_classes, generator)

    def log_density(self, v, inputs, beta):
        """Log p_beta(v) + log Z_beta of rows whose hidden inputs are at hand, float64."""
        alone = (1 - beta) * (v @ self.base) + beta * (v @ self.net.visible_bias)
        return alone.double() + _hidden_part(self.net, inputs, beta)

    def draw_hidden(self, inputs, beta, generator):
        """Draw hidden units at beta given their inputs."""
        return self.net.draw_hidden(_column(beta) * inputs, generator)

    def draw_visible(self, h, beta, generator):
        """Draw visible units at beta given hidden ones."""
        beta = _column(beta)
        log_odds = (1 - beta) * self.base + beta * self.net.visible_input(h)
        return draw_units(log_odds, self.net.n_classes, generator)


class GaussianPath:
    """The same for Gaussian visible units, from N(0, 1) on the scale that the networks see."""

    def __init__(self, net):
        self.net = net

    def log_partition_of_base(self):
        """Log Z at beta = 0."""
        b = self.net.visible_bias
        return 0.5 * len(b) * LOG_2PI + _log_n_hidden(self.net, b)

    def start(self, n, generator):
        """Draw n rows at beta = 0."""
        like = self.net.visible_bias
        shape = (n, len(like))
        return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)

    def log_density(self, v, inputs, beta):
        """Log p_beta(v) + log Z_beta of rows whose hidden inputs are at hand, float64."""
        at_base = 0.5 * v.square().sum(-1)
        alone = -(1 - beta) * at_base - beta * self.net.visible_energy(v)
        return alone.double() + _hidden_part(self.net, inputs, beta)

    def draw_hidden(self, inputs, beta, generator):
        """Draw hidden units at beta given their inputs."""
        return self.net.draw_hidden(_column(beta) * inputs, generator)

    def draw_visible(self, h, beta, generator):
        """Draw visible units at beta given hidden ones."""
        beta = _column(beta)
        # beta (v - b)^2 / 2s - beta h W v / s: the mean at beta has the shift times beta / s.
        of_model = beta * torch.exp(-self.net.log_variance)
        precision = (1 - beta) + of_model
        mean = of_model * self.net.visible_mean(h) / precision
        noise = torch.randn(mean.shape, generator=generator, device=h.device, dtype=h.dtype)
        return mean + noise * precision.rsqrt()


def _hidden_part(net, inputs, beta):
    """Log of the sum over hidden states at beta, float64 (...)."""
    return net.log_sum_hidden(_column(beta) * inputs).sum(-1, dtype=torch.float64)


def _log_n_hidden(net, v):
    """Log of the number of hidden states, of a net that takes rows like v (d,)."""
    no_input = torch.zeros_like(net.hidden_input(v.unsqueeze(0)), dtype=torch.float64)
    return float(net.log_sum_hidden(no_input).sum())


def _column(beta):
    """Beta against rows of units: a number as it is, one a row as a column."""
    return beta.unsqueeze(-1) if isinstance(beta, torch.Tensor) else beta
