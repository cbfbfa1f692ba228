"""Gradients of sigmoid belief networks, through whose binary units none passes.

A unit with mean m that was drawn as v, or that should have been, has the gradient v - m by its
log-odds (Neal 1992). The trainings differ in which draws they learn from, and with what weight.
"""

import math

import torch
from torch import nn

from skgen.boltzmann.directed.baselines import Baselines
from skgen.nets.boltzmann.directed import log_bits

# Of the ways to learn recognition by reweighted wake-sleep: weight of what is awake, and of dreams.
UPDATES = {"wake": (1.0, 0.0), "sleep": (0.0, 1.0), "both": (0.5, 0.5)}


class BeliefState(nn.Module):
    """A network, and what else its training holds."""

    def __init__(self, net, *, has_baselines):
        super().__init__()
        self.net = net
        sizes = [layer.weight.shape[1] for layer in net.recognition]
        self.baselines = Baselines(sizes) if has_baselines else None
        self.register_buffer("n_steps", torch.zeros((), dtype=torch.int64))

    def count(self):
        """Count an update."""
        self.n_steps.add_(1)


def make_gradient(training, state, n_particles, recognition_update):
    """``gradient(x, generator)`` of a kind of training; it returns the negative bound."""
    if training == "reinforce":
        return BeliefGradient(state.net, Reinforced(state.baselines), n_particles)
    if training == "wake_sleep":
        return BeliefGradient(state.net, awake_alike, n_particles, dreaming=1.0)
    awake, asleep = UPDATES[recognition_update]
    return BeliefGradient(state.net, Reweighted(awake), n_particles, dreaming=asleep)


class BeliefGradient:
    """Gradients from draws of the way up, which ``rule`` weighs, and from dreams.

    ``rule(states, log_p, log_q)`` gets the draws and their log-probabilities layer by layer, each
    (n_particles, n), and returns the weight of the draws for the way down, that of each layer for
    the way up, or None, and the negative bound. ``dreaming`` is the weight of rows that the
    network draws itself, from which the way up learns what they were made of.
    """

    def __init__(self, net, rule, n_particles, dreaming=0.0):
        self.net, self.rule = net, rule
        self.n_particles, self.dreaming = n_particles, dreaming
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, x, generator):
        """Set the gradients for rows x (n, d); return the negative bound."""
        net = self.net
        states, up = draw_up(net, x, self.n_particles, generator)
        pairs = list(zip(net.generative, states, states[1:]))
        down = [layer.visible_input(above) for layer, _, above in pairs]
        down.append(net.top_bias)
        log_p = [log_bits(v, log_odds) for v, log_odds in zip(states, down)]
        log_q = list(map(log_bits, states[1:], up))
        weight, weights_up, loss = self.rule(states, log_p, log_q)
        for (layer, below, above), log_odds in zip(pairs, down):
            error = _error(below, log_odds, weight).flatten(0, 1)
            torch.mm(above.flatten(0, 1).T, error, out=layer.weight.grad)
            torch.sum(error, 0, out=layer.visible_bias.grad)
        top_error = _error(states[-1], net.top_bias, weight)
        torch.sum(top_error, (0, 1), out=net.top_bias.grad)
        self._learn_up(states, up, weights_up, 0.0)
        if self.dreaming:
            self._learn_dreams(len(x), generator)
        return loss

    def _learn_dreams(self, n_rows, generator):
        net = self.net
        states = net.draw_down(net.draw_last(n_rows, generator), generator)
        up = [layer.hidden_input(below) for layer, below in zip(net.recognition, states)]
        weight = states[0].new_full((n_rows,), self.dreaming / n_rows)
        self._learn_up(states, up, [weight] * len(up), 1.0)

    def _learn_up(self, states, up, weights, keep):
        """Set the gradients of the way up, given log-odds of its layers, or add to them."""
        for number, layer in enumerate(self.net.recognition):
            weight, bias = layer.weight.grad, layer.hidden_bias.grad
            if weights is None:
                weight.zero_(), bias.zero_()
                continue
            below = states[number]
            error = _error(states[number + 1], up[number], weights[number])
            # All draws of a row have seen the same row.
            error = error.sum(0) if error.ndim > below.ndim else error
            error, below = error.flatten(0, -2), below.flatten(0, -2)
            torch.addmm(weight, error.T, below, beta=keep, out=weight)
            bias.mul_(keep).add_(error.sum(0))


def awake_alike(states, log_p, log_q):
    """Wake-sleep (Hinton, Dayan, Frey & Neal 1995): all draws count alike, for the way down."""
    log_w = sum(log_p) - sum(log_q)
    return torch.full_like(log_w, 1 / log_w.numel()), None, -log_w.mean()


class Reweighted:
    """Reweighted wake-sleep (Bornschein & Bengio 2015): importance weights of the draws of a row.

    The way down so follows an estimate of the gradient of log p(x). ``awake`` is their weight for
    the way up.
    """

    def __init__(self, awake):
        self.awake = awake

    def __call__(self, states, log_p, log_q):
        """Weights for both ways, and minus the importance-weighted bound."""
        log_w = sum(log_p) - sum(log_q)
        weight = torch.softmax(log_w, 0) / log_w.shape[1]
        up = [self.awake * weight] * len(log_q) if self.awake else None
        return weight, up, -importance_bound(log_w)


class Reinforced:
    """Score-function gradient of the evidence lower bound (Mnih & Gregor 2014).

    A layer of the way up has for its weight what its draw decides of the bound, less what was to
    be expected of it.
    """

    def __init__(self, baselines):
        self.baselines = baselines
        for parameter in baselines.parameters():
            parameter.grad = torch.zeros_like(parameter)

    def __call__(self, states, log_p, log_q):
        """Weights for both ways, and minus the bound; the baselines have their gradients."""
        signals, above = [], log_p[-1]
        for p, q in zip(reversed(log_p[:-1]), reversed(log_q)):
            above = above + p - q
            signals.insert(0, above)
        own = list(self.baselines.parameters())
        with torch.enable_grad():
            surplus, loss = self.baselines(states, signals)
            gradients = torch.autograd.grad(loss, own)
        for parameter, gradient in zip(own, gradients):
            parameter.grad.copy_(gradient)
        n_draws = above.numel()
        up = [one / n_draws for one in surplus]
        return torch.full_like(above, 1 / n_draws), up, -signals[0].mean()


def negative_bound(net, n_particles, x, generator):
    """Minus the importance-weighted bound, to watch on held-out rows."""
    states, up = draw_up(net, x, n_particles, generator)
    return -importance_bound(net.log_joint(states) - sum(map(log_bits, states[1:], up)))


def importance_bound(log_w):
    """Mean importance-weighted bound of rows, given the weights of their draws (n_draws, n)."""
    return (torch.logsumexp(log_w, 0) - math.log(len(log_w))).mean()


def draw_up(net, x, n_particles, generator):
    """States of all layers for rows x (n, d), those above (n_particles, n, k), and log-odds."""
    where = {"generator": generator, "device": x.device, "dtype": x.dtype}
    shapes = [(n_particles, len(x), len(layer.hidden_bias)) for layer in net.recognition]
    return net.draw_up(x, [torch.rand(shape, **where) for shape in shapes])


def _error(v, log_odds, weight):
    """Gradient of minus the weighted log-probability of units v by their log-odds."""
    return (torch.sigmoid(log_odds) - v).mul_(weight.unsqueeze(-1))
