"""Machines whose last visible units are a label: it is summed out, predicted, or drawn.

Each function also serves a machine without labels, of which it then asks nothing more.
"""

import torch
from torch.nn import functional as F

from skgen.nets.boltzmann.rbm import BinaryHidden, draw_labels


def without_labels(net, v):
    """Visible rows, biases or weights (..., d + n_classes) without the columns of the labels."""
    return v[..., : v.shape[-1] - net.n_classes]


def class_free_energies(net, v):
    """Free energy of rows v (..., d) beside each label, shape (..., n_classes)."""
    inputs = F.linear(v, without_labels(net, net.weight), net.hidden_bias)
    return -_log_beside_labels(net, v @ without_labels(net, net.visible_bias), inputs)


def _log_beside_labels(net, of_rows, inputs):
    """Logarithm of what each label leaves of the sum over hidden units, (..., n_classes).

    ``of_rows`` are the terms of the visible units (...), ``inputs`` those of the hidden ones
    (..., k).
    """
    d = len(net.visible_bias) - net.n_classes
    each = [
        of_rows + bias + F.softplus(inputs + column).sum(-1)
        for bias, column in zip(net.visible_bias[d:], net.weight.T[d:])
    ]
    return torch.stack(each, -1)


def class_probabilities(net, v):
    """P(label | v) of rows v (..., d), exactly, shape (..., n_classes)."""
    return torch.softmax(-class_free_energies(net, v), -1)


def free_energy(net, v):
    """Free energy of rows v (..., d), labels summed out, shape (...)."""
    if not net.n_classes:
        return net.free_energy(v)
    return -torch.logsumexp(-class_free_energies(net, v), -1)


def hidden_means(net, v):
    """P(h = 1 | v) of rows v (..., d), averaged over the labels, shape (..., k)."""
    if not net.n_classes:
        return torch.sigmoid(net.hidden_input(v))
    d = v.shape[-1]
    inputs = F.linear(v, net.weight[:, :d], net.hidden_bias)
    means = 0.0
    for p, column in zip(class_probabilities(net, v).unbind(-1), net.weight.T[d:]):
        means = means + p.unsqueeze(-1) * torch.sigmoid(inputs + column)
    return means


def with_drawn_labels(net, v, generator):
    """Rows v (..., d) with a label behind each, drawn from P(label | v)."""
    if not net.n_classes:
        return v
    return torch.cat([v, draw_labels(-class_free_energies(net, v), generator)], -1)


def log_pseudo_likelihood(net, v):
    """Sum of log P(v_j | the other features) over the features of rows v (n, d), shape (n,)."""
    d = v.shape[-1]
    of_rows = v @ net.visible_bias[:d]
    inputs = F.linear(v, net.weight[:, :d], net.hidden_bias)
    own = torch.logsumexp(_log_beside_labels(net, of_rows, inputs), -1)
    total = torch.zeros_like(own)
    for change, bias, column in zip((1 - 2 * v).T, net.visible_bias, net.weight.T[:d]):
        flipped_inputs = torch.addcmul(inputs, change.unsqueeze(-1), column)
        flipped = _log_beside_labels(net, of_rows + change * bias, flipped_inputs)
        total -= F.softplus(torch.logsumexp(flipped, -1) - own)
    return total


class LabelClamped(BinaryHidden):
    """A machine with its label clamped: what Gibbs sampling by class runs on."""

    def __init__(self, net, label):
        self.net = net
        self.labels = F.one_hot(torch.tensor(label), net.n_classes).to(net.weight)

    def hidden_input(self, v):
        """Log-odds of the hidden units."""
        return self.net.hidden_input(v)

    def draw_visible(self, h, generator):
        """Draw the visible units other than the label."""
        v = self.net.draw_visible(h, generator)
        v[..., -self.net.n_classes :] = self.labels
        return v
