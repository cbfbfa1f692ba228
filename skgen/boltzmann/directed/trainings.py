"""Losses of sigmoid belief networks, whose binary layers no gradient passes through.

Each is ``loss(x, generator)``: its gradient is that of the method, and its value the negative bound
on the log-likelihood that the draws of the way up gave.
"""

import math
from functools import partial

import torch
from torch import nn

from skgen.boltzmann.directed.baselines import Baselines
from skgen.nets.boltzmann.directed import log_recognition

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


def make_loss(training, state, n_particles, recognition_update):
    """The loss of a kind of training."""
    net = state.net
    if training == "reinforce":
        return partial(reinforce_loss, net, state.baselines, n_particles)
    if training == "wake_sleep":
        return partial(wake_sleep_loss, net, n_particles)
    return partial(reweighted_loss, net, n_particles, UPDATES[recognition_update])


def wake_sleep_loss(net, n_particles, x, generator):
    """Wake-sleep (Hinton, Dayan, Frey & Neal 1995).

    Awake, the way up draws the hidden layers of the data, and the way down learns to undo it;
    asleep, the network dreams rows, and the way up learns what they were made of.
    """
    states, log_q = draw_up(net, x, n_particles, generator)
    log_p = net.log_joint(states)
    objective = log_p.mean() + dream(net, len(x), generator)
    return with_value(-objective, -_bound(log_p - sum(log_q)))


def reweighted_loss(net, n_particles, weights_of_update, x, generator):
    """Reweighted wake-sleep (Bornschein & Bengio 2015).

    Draws of the way up have importance weights, so that the way down follows an estimate of the
    gradient of log p(x); the way up learns the weighted draws, dreams or both.
    """
    states, log_q = draw_up(net, x, n_particles, generator)
    log_p, log_q = net.log_joint(states), sum(log_q)
    log_w = (log_p - log_q).detach()
    awake, asleep = weights_of_update
    objective = (torch.softmax(log_w, 0) * (log_p + awake * log_q)).sum(0).mean()
    if asleep:
        objective = objective + asleep * dream(net, len(x), generator)
    return with_value(-objective, -_importance_bound(log_w))


def reinforce_loss(net, baselines, n_particles, x, generator):
    """Evidence lower bound by its score-function gradient (Mnih & Gregor 2014)."""
    states, log_q = draw_up(net, x, n_particles, generator)
    log_p = net.log_layers(states)
    signals = _signals(log_p, log_q)
    surplus, own_loss = baselines(states, signals)
    reinforced = sum((s * q).mean() for s, q in zip(surplus, log_q))
    objective = sum(log_p).mean() + reinforced - own_loss
    return with_value(-objective, -_bound(signals[0]))


def negative_bound(net, n_particles, x, generator):
    """Minus the importance-weighted bound, to watch on held-out rows."""
    states, log_q = draw_up(net, x, n_particles, generator)
    return -_importance_bound(net.log_joint(states) - sum(log_q))


def draw_up(net, x, n_particles, generator):
    """States of the layers above rows x (n, d), (n_particles, n, k) each, and log q of each."""
    noise = [
        torch.rand(
            (n_particles, len(x), len(layer.hidden_bias)),
            generator=generator,
            device=x.device,
            dtype=x.dtype,
        )
        for layer in net.recognition
    ]
    return net.draw_up(x, noise)


def dream(net, n_rows, generator):
    """Mean log q(h | x) of rows that the network draws with their hidden layers."""
    with torch.no_grad():
        states = net.draw_down(net.draw_last(n_rows, generator), generator)
    return log_recognition(net, states).mean()


def with_value(loss, value):
    """A scalar with the gradient of the one and the value of the other."""
    return loss + (value - loss).detach()


def _signals(log_p, log_q):
    """Of each layer what its draw decides of log p - log q, (n_particles, n): all from it up."""
    signals, above = [], log_p[-1].detach()
    for p, q in zip(reversed(log_p[:-1]), reversed(log_q)):
        above = above + (p - q).detach()
        signals.insert(0, above)
    return signals


def _bound(log_w):
    return log_w.mean()


def _importance_bound(log_w):
    return (torch.logsumexp(log_w, 0) - math.log(len(log_w))).mean()
