"""Training of a machine with labels: the joint density, and the labels given the rest."""

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.gradient import likelihood_gradient
from skgen.boltzmann.learning.layers import bernoulli_layers
from skgen.training import GradientPhase


class HybridGradient:
    """``gradient(v, generator)`` of a training phase: the hybrid of Larochelle & Bengio (2008).

    The joint density learns bits drawn from the probabilities in a row, ``weight`` times the
    label's log-probability the probabilities themselves, which is what a prediction sees.
    """

    def __init__(self, net, negative_phase, optimizer, *, centered, weight):
        self.net, self.negative_phase, self.optimizer = net, negative_phase, optimizer
        self.centered, self.weight = centered, weight
        self.layers = None
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, v, generator):
        """Leave the gradients at rows v; return minus the mean log-probability of their labels."""
        if self.layers is None:
            self.layers = bernoulli_layers(self.net, generator)
        net = self.net
        loss, *of_labels = label_gradient(net, v, self.weight)
        uniform = torch.rand(v.shape, generator=generator, device=v.device, dtype=v.dtype)
        # Labels are 0 or 1, and so are their draws.
        bits = (uniform < v).to(v)
        inputs = self.layers.hidden_input(bits)
        data = bits, self.layers.hidden_mean(inputs)
        model = self.negative_phase(self.layers, inputs)
        b, c = net.visible_bias.grad, net.hidden_bias.grad
        left, right = likelihood_gradient(b, c, data, model, self.centered, of_labels)
        self.optimizer.put_product(net.weight, left, right)
        return loss


def hybrid_phase(estimator, state, optimizer):
    """Phase that trains a binary machine with labels."""
    gradient = HybridGradient(
        state.net,
        estimator._negative_phase(state.chains, state.net),
        optimizer,
        centered=estimator.centered,
        weight=estimator.discriminative_weight,
    )
    return GradientPhase("minus_label_likelihood", gradient, optimizer)


def label_gradient(net, v, weight=1.0):
    """Mean of -log p(label | rest) over rows v, and ``weight`` times its gradient.

    That of the weights comes as two factors, left' right; behind it those of the visible and of
    the hidden biases.
    """
    n, n_classes, d = len(v), net.n_classes, v.shape[1] - net.n_classes
    W, x, labels = net.weight, v[:, :d], v[:, d:]
    # (n, n_classes, k): inputs of the hidden units beside each label.
    inputs = F.linear(x, W[:, :d], net.hidden_bias).unsqueeze(1) + W[:, d:].T
    log_p = torch.log_softmax(net.visible_bias[d:] + F.softplus(inputs).sum(-1), 1)
    error = (log_p.exp() - labels) * (weight / n)
    signal = torch.sigmoid(inputs) * error.unsqueeze(-1)
    of_rows = signal.sum(1)
    left = torch.cat([of_rows, signal.sum(0)])
    right = F.pad(x, (0, n_classes, 0, n_classes))
    right[n:, d:] = torch.eye(n_classes, device=v.device, dtype=v.dtype)
    loss = -(log_p * labels).sum(1).mean()
    return loss, left, right, F.pad(error.sum(0), (d, 0)), of_rows.sum(0)
