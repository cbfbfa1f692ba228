"""Training of a machine with labels: the joint density, and the labels given the rest."""

import math

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.gradient import Contrast
from skgen.boltzmann.learning.layers import bernoulli_layers
from skgen.boltzmann.learning.phases import wanted_sparsity
from skgen.kernels.boltzmann import label_gradient as kernel
from skgen.nets.boltzmann.labeled import class_free_energies, with_drawn_labels, without_labels
from skgen.training import GradientPhase


def label_gradient(net, v, weight=1.0, partly_labeled=False):
    """Mean of -log p(label | rest) over rows v, and ``weight`` times its gradient.

    The gradient of the weights comes as two factors, left' right; behind it those of the visible
    and of the hidden biases. If ``partly_labeled``, rows in which no label is on add nothing to
    the gradient, and are no part of the mean that is returned.
    """
    n, n_classes, d = len(v), net.n_classes, v.shape[1] - net.n_classes
    W, x, labels = net.weight, v[:, :d], v[:, d:]
    # (n, n_classes, k): inputs of the hidden units beside each label.
    inputs = F.linear(x, W[:, :d], net.hidden_bias).unsqueeze(1) + W[:, d:].T
    log_p = torch.log_softmax(net.visible_bias[d:] + F.softplus(inputs).sum(-1), 1)
    p, n_labeled = log_p.exp(), n
    if partly_labeled:
        known = labels.sum(1, keepdim=True)
        p, n_labeled = p * known, known.sum().clamp(min=1)
    error = (p - labels) * (weight / n)
    signal = torch.sigmoid(inputs) * error.unsqueeze(-1)
    of_rows = signal.sum(1)
    left = torch.cat([of_rows, signal.sum(0)])
    right = F.pad(x, (0, n_classes, 0, n_classes))
    right[n:, d:] = torch.eye(n_classes, device=v.device, dtype=v.dtype)
    loss = -(log_p * labels).sum(1).sum() / n_labeled
    return loss, left, right, F.pad(error.sum(0), (d, 0)), of_rows.sum(0)


def fused_label_gradient(net, v, weight=1.0, partly_labeled=False):
    """The same in float32 on the CPU, in one pass over the hidden units of each row."""
    n, n_classes, d = len(v), net.n_classes, v.shape[1] - net.n_classes
    W, k = net.weight, len(net.weight)
    labels = v[:, d:]
    n_labeled = max(float(labels.sum()), 1.0) if partly_labeled else n
    # Both factors of the product, with the labels' own units behind the rows.
    left = v.new_empty(n + n_classes, k)
    right = v.new_zeros(n + n_classes, d + n_classes)
    right[:n, :d] = v[:, :d]
    right[n:, d:] = torch.eye(n_classes, dtype=v.dtype)
    errors = v.new_empty(n, n_classes)
    inputs = F.linear(v[:, :d], W[:, :d], net.hidden_bias)
    given = inputs, W[:, d:].T.contiguous(), net.visible_bias[d:], labels.contiguous()
    given = (tensor.detach().numpy() for tensor in given)
    results = (tensor.numpy() for tensor in (left[:n], left[n:], errors))
    loss = kernel.label_gradient(*given, weight / n, *results)
    loss = torch.tensor(loss / n_labeled, dtype=torch.float32)
    return loss, left, right, F.pad(errors.sum(0), (d, 0)), left[:n].sum(0)


def fill_labels(net, v, generator):
    """Rows v in which a label is on, where there was none drawn from P(label | features)."""
    features, labels = without_labels(net, v), v[:, -net.n_classes :]
    filled = with_drawn_labels(net, features, generator)
    return torch.where(labels.sum(1, keepdim=True) > 0, v, filled)


def label_loss(net, v, generator):
    """Loss to watch of rows v: minus the mean log-probability of the labels that there are.

    Without any label it is that of the features.
    """
    features, labels = without_labels(net, v), v[:, -net.n_classes :]
    known = labels.sum(1) > 0
    if not known.any():
        return net.loss_to_watch(with_drawn_labels(net, features, generator), generator)
    log_p = torch.log_softmax(-class_free_energies(net, features[known]), 1)
    return -(log_p * labels[known]).sum(1).mean()


class HybridGradient:
    """``gradient(v, generator)`` of a training phase: the hybrid of Larochelle & Bengio (2008).

    The joint density learns bits drawn from the probabilities in a row, ``weight`` times the
    label's log-probability the probabilities themselves, which is what a prediction sees. An
    infinite weight is that log-probability alone. If ``fills_labels``, rows in which no label is
    on learn the density of their features, in which labels are summed out: for the expectation
    stands a label drawn from P(label | bits), whose gradient has the same mean.
    """

    def __init__(
        self,
        net,
        negative_phase,
        optimizer,
        *,
        centered,
        weight,
        sparsity=None,
        fills_labels=False,
        label_gradient=label_gradient,
    ):
        self.net, self.negative_phase, self.optimizer = net, negative_phase, optimizer
        self.label_gradient = label_gradient
        self.contrast, self.sparsity, self.fills_labels = Contrast(centered), sparsity, fills_labels
        self.learns_joint = weight < math.inf
        self.weight = weight if self.learns_joint else 1.0
        self.layers = None
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, v, generator):
        """Leave the gradients at rows v; return minus the mean log-probability of their labels."""
        if self.layers is None:
            self.layers = bernoulli_layers(self.net, generator)
        net = self.net
        loss, *of_labels = self.label_gradient(net, v, self.weight, self.fills_labels)
        uniform = torch.rand(v.shape, generator=generator, device=v.device, dtype=v.dtype)
        # Labels are 0 or 1, and so are their draws.
        bits = (uniform < v).to(v)
        if self.fills_labels:
            bits = fill_labels(net, bits, generator)
        inputs = self.layers.hidden_input(bits)
        data = bits, self.layers.hidden_mean(inputs)
        # A model that agrees with the data leaves the labels' gradient, about the layers' means.
        model = self.negative_phase(self.layers, inputs) if self.learns_joint else data
        b, c = net.visible_bias.grad, net.hidden_bias.grad
        left, right = self.contrast(b, c, data, model, of_labels)
        self.optimizer.put_product(net.weight, left, right)
        if self.sparsity is not None:
            self.sparsity(data[1], c)
        return loss


def hybrid_phase(estimator, state, optimizer, label_gradient=label_gradient):
    """Phase that trains a binary machine with labels."""
    gradient = HybridGradient(
        state.net,
        estimator._negative_phase(state.chains, state.net),
        optimizer,
        centered=estimator.centered,
        weight=estimator.discriminative_weight,
        sparsity=wanted_sparsity(estimator),
        fills_labels=estimator._partly_labeled,
        label_gradient=label_gradient,
    )
    return GradientPhase("minus_label_likelihood", gradient, optimizer)


def fast_hybrid_phase(estimator, state, optimizer):
    """The same with the labels' gradient that is the fastest on the device of the machine."""
    on_cpu = state.net.weight.device.type == "cpu"
    of_labels = fused_label_gradient if on_cpu else label_gradient
    return hybrid_phase(estimator, state, optimizer, of_labels)
