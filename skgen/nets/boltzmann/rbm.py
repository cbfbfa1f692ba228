"""Restricted Boltzmann machines: energies and conditionals of two layers of units."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.gaussian import log_normal


class BinaryHidden:
    """Hidden units that are independent bits given the visible ones."""

    def hidden_mean(self, inputs):
        """P(h = 1 | v) from the log-odds of the units."""
        return torch.sigmoid(inputs)

    def draw_hidden(self, inputs, generator):
        """Draw h from the log-odds of its units."""
        return draw_bits(inputs, generator)

    def log_sum_hidden(self, inputs):
        """Log of the sum over h of exp(h inputs), in parts (..., k) whose sum it is."""
        return F.softplus(inputs)


class RBM(BinaryHidden, nn.Module):
    """Binary visible and hidden units with E(v, h) = -v b - h c - h W v.

    Of the last ``n_classes`` visible units exactly one is on: they are the labels of a joint
    model (Larochelle & Bengio 2008, Classification using discriminative RBMs, ICML).
    """

    # Of a learning rate that is given: bounded units bear all of it.
    learning_rate_fraction = 1.0

    def __init__(self, n_visible, n_hidden, n_classes=0):
        super().__init__()
        self.n_classes = n_classes
        self.weight = nn.Parameter(torch.zeros(n_hidden, n_visible, dtype=torch.float32))
        self.visible_bias = nn.Parameter(torch.zeros(n_visible, dtype=torch.float32))
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden, dtype=torch.float32))

    def automatic_learning_rate(self, highest):
        """What learning_rate="auto" stands for: the more hidden units, the smaller.

        Found on validation rows: .8 serves 16 units, .2 to .4 64, and .1 256, which run away on
        784 features at .8, as 1024 do at .4.
        """
        return min(highest, 6.4 / len(self.hidden_bias) ** 0.75)

    def project(self):
        """Every value of the parameters is allowed."""

    def visible_parameters(self):
        """Parameters of p(v | h)."""
        return [self.weight, self.visible_bias]

    def up_weight(self):
        """Weights from the visible to the hidden units, (k, d)."""
        return self.weight

    def hidden_input(self, v):
        """Log-odds of the hidden units given visible rows v (..., d), shape (..., k)."""
        return F.linear(v, self.weight, self.hidden_bias)

    def visible_input(self, h):
        """Log-odds of the visible units given hidden rows h (..., k), shape (..., d)."""
        return F.linear(h, self.weight.T, self.visible_bias)

    def visible_mean(self, h):
        """E[v | h], shape (..., d)."""
        return unit_means(self.visible_input(h), self.n_classes)

    def draw_visible(self, h, generator):
        """Draw v given hidden rows h."""
        return draw_units(self.visible_input(h), self.n_classes, generator)

    def log_visible(self, v, h):
        """Log p(v | h) in nats, shape (...); without labels."""
        log_odds = self.visible_input(h)
        return (v * log_odds - F.softplus(log_odds)).sum(-1)

    def visible_energy(self, v):
        """Energy of the visible units alone, shape (...)."""
        return -(v @ self.visible_bias)

    def free_energy(self, v):
        """-log sum_h exp(-E(v, h)) in nats, shape (...)."""
        return self.visible_energy(v) - F.softplus(self.hidden_input(v)).sum(-1)

    def loss_to_watch(self, v, generator):
        """Minus the pseudo-likelihood by one binary feature a row, mean in nats."""
        columns = torch.randint(
            v.shape[1] - self.n_classes, (len(v), 1), generator=generator, device=generator.device
        )
        flipped = v.scatter(1, columns, 1 - v.gather(1, columns))
        log_odds = self.free_energy(v) - self.free_energy(flipped)
        return v.shape[1] * F.softplus(log_odds).mean()


class GaussianRBM(BinaryHidden, nn.Module):
    """Gaussian visible and binary hidden units.

    E(v, h) = sum_i (v_i - b_i)^2 / (2 s_i) - h c - h W (v / s), with the variances s learned
    through their logarithm (Cho, Ilin & Raiko 2011, Improved learning of Gaussian-Bernoulli
    restricted Boltzmann machines, ICANN). Its bounds are ``log_noise_floor`` (n_visible,) and 0,
    the variance of standardized features.
    """

    n_classes = 0

    def __init__(self, n_visible, n_hidden, log_noise_floor=None):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_hidden, n_visible, dtype=torch.float32))
        self.visible_bias = nn.Parameter(torch.zeros(n_visible, dtype=torch.float32))
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden, dtype=torch.float32))
        self.log_variance = nn.Parameter(torch.zeros(n_visible, dtype=torch.float32))
        floor = torch.full_like(self.visible_bias.detach(), -torch.inf)
        if log_noise_floor is not None:
            floor.copy_(log_noise_floor)
        self.register_buffer("log_noise_floor", floor, persistent=False)

    @property
    def learning_rate_fraction(self):
        """Of a learning rate that is given: real-valued units bear less than bounded ones."""
        return min(0.25, 5 / len(self.hidden_bias))

    def automatic_learning_rate(self, highest):
        """What learning_rate="auto" stands for."""
        # Hidden units that still are alike move the means together, so steps add up. The less
        # noise there is, the more a step of the weights changes the hidden units.
        noise = float(torch.exp(self.log_variance.detach()).mean())
        return min(highest, 0.1, 2 / len(self.hidden_bias), noise / 2)

    @torch.no_grad()
    def project(self):
        """Keep the variances where they can be."""
        # What is left of a variance of one: neither more, nor less than the rows vouch for.
        self.log_variance.clamp_(self.log_noise_floor, torch.zeros_like(self.log_noise_floor))

    def visible_parameters(self):
        """Parameters of p(v | h)."""
        return [self.weight, self.visible_bias, self.log_variance]

    def up_weight(self):
        """Weights from the visible to the hidden units, (k, d)."""
        return self.weight * torch.exp(-self.log_variance)

    def hidden_input(self, v):
        """Log-odds of the hidden units given visible rows v (..., d), shape (..., k)."""
        return F.linear(v * torch.exp(-self.log_variance), self.weight, self.hidden_bias)

    def visible_mean(self, h):
        """E[v | h], shape (..., d)."""
        return F.linear(h, self.weight.T, self.visible_bias)

    def draw_visible(self, h, generator):
        """Draw v given hidden rows h."""
        mean = self.visible_mean(h)
        noise = torch.randn(mean.shape, generator=generator, device=h.device, dtype=h.dtype)
        return torch.addcmul(mean, noise, torch.exp(0.5 * self.log_variance))

    def log_visible(self, v, h):
        """Log p(v | h) in nats, shape (...)."""
        return log_normal(v, self.visible_mean(h), self.log_variance)

    def visible_energy(self, v):
        """Energy of the visible units alone, shape (...)."""
        return 0.5 * ((v - self.visible_bias).square() * torch.exp(-self.log_variance)).sum(-1)

    def free_energy(self, v):
        """-log sum_h exp(-E(v, h)) in nats, shape (...)."""
        return self.visible_energy(v) - F.softplus(self.hidden_input(v)).sum(-1)

    def loss_to_watch(self, v, generator):
        """Mean squared error of E[v | E[h | v]]."""
        reconstruction = self.visible_mean(torch.sigmoid(self.hidden_input(v)))
        return (v - reconstruction).square().mean()


def draw_bits(log_odds, generator):
    """Independent bits, 0.0 or 1.0, with the given log-odds."""
    p = torch.sigmoid(log_odds)
    if p.is_cuda:
        # One launch for three; on the CPU it is the slower way.
        return torch.bernoulli(p, generator=generator)
    uniform = torch.rand(p.shape, generator=generator, device=p.device, dtype=p.dtype)
    return (uniform < p).to(p.dtype)


def unit_means(log_odds, n_classes):
    """Means of units with the given log-odds, the last of them labels."""
    if not n_classes:
        return torch.sigmoid(log_odds)
    bits, labels = log_odds[..., :-n_classes], log_odds[..., -n_classes:]
    return torch.cat([torch.sigmoid(bits), torch.softmax(labels, -1)], -1)


def draw_units(log_odds, n_classes, generator):
    """Bits with the given log-odds, and one label that is on."""
    if not n_classes:
        return draw_bits(log_odds, generator)
    bits, labels = log_odds[..., :-n_classes], log_odds[..., -n_classes:]
    on = draw_labels(labels, generator)
    return torch.cat([draw_bits(bits, generator), on], -1)


def draw_labels(log_odds, generator):
    """One unit that is on, drawn from the softmax of the last axis."""
    noise = torch.empty_like(log_odds).exponential_(generator=generator)
    # The largest of exp(log_odds) / noise is a draw from the softmax.
    on = (log_odds - noise.log()).argmax(-1)
    return F.one_hot(on, log_odds.shape[-1]).to(log_odds)


def log_sum_states(log_odds, n_classes):
    """Log of the sum over all states of exp(state log_odds), shape (...)."""
    if not n_classes:
        return F.softplus(log_odds).sum(-1)
    bits, labels = log_odds[..., :-n_classes], log_odds[..., -n_classes:]
    return F.softplus(bits).sum(-1) + torch.logsumexp(labels, -1)


def gibbs(net, v, n_steps, generator):
    """Visible rows after ``n_steps`` sweeps of block Gibbs sampling from v."""
    for _ in range(n_steps):
        v = net.draw_visible(net.draw_hidden(net.hidden_input(v), generator), generator)
    return v
