"""The gradient of a convolutional machine's log-likelihood: data against model."""

import math
from math import prod

import torch
from torch.nn import functional as F

from skgen.boltzmann.convolutional.layers import convolutional_layers
from skgen.boltzmann.learning.layers import N_MONITORED
from skgen.boltzmann.learning.phases import wanted_sparsity
from skgen.training import GradientPhase
from skgen.workers import workers


def convolutional_phase(estimator, state, optimizer):
    """Phase that trains a convolutional machine."""
    net = state.net
    gradient = ConvolutionalGradient(
        net,
        estimator._negative_phase(state.chains, net),
        centered=estimator.centered,
        sparsity=wanted_sparsity(estimator),
    )
    return GradientPhase(net.watched, gradient, optimizer, after=net.project)


class ConvolutionalGradient:
    """``gradient(v, generator)`` of a training phase, by a positive and a negative phase.

    Gradients of the filters and their biases are divided by the root of the number of places: a
    sum over hundreds of places would ask for another learning rate with each size of image. Those
    of Gaussian units are scaled by the variances, as in ``GaussianGradient``.
    """

    def __init__(self, net, negative_phase, *, centered, sparsity):
        self.net, self.negative_phase = net, negative_phase
        self.centered, self.sparsity, self.layers = centered, sparsity, None
        self.root = math.sqrt(prod(net.map_shape))
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, v, generator):
        """Leave gradients of minus the log-likelihood of rows v; return the loss to watch."""
        if self.layers is None:
            self.layers = convolutional_layers(self.net, generator)
        net, inputs = self.net, self.layers.hidden_input(v)
        data = v, self.layers.hidden_mean(inputs)
        model = self.negative_phase(self.layers, inputs)
        self.put_gradient(data, model)
        net.put_noise_gradient(data, model)
        if self.sparsity is not None:
            pull = torch.zeros_like(net.hidden_bias)
            self.sparsity(self._over_places(data[1]), pull)
            net.hidden_bias.grad.add_(pull, alpha=self.root)
        return net.loss_to_watch(v[:N_MONITORED], generator)

    def put_gradient(self, data, model):
        """Leave the gradients of weights and biases, from (v, h) pairs of data and model.

        With ``centered`` it is the enhanced gradient (Melchior, Fischer & Wiskott 2016): units are
        measured from offsets, one a channel and one a filter, the middle between data and model.
        """
        net, (v, h), (v_model, h_model) = self.net, data, model
        W, b, c = (p.grad for p in (net.weight, net.visible_bias, net.hidden_bias))
        n_chains = len(h_model) / workers().relative_weight(len(h_model), len(h))
        left = torch.cat([h / -len(h), h_model / n_chains])
        # (filters, channels, rows, columns)
        product = net.mean_product(left, torch.cat([v, v_model]))
        of_filters = map(self._over_places, (h, h_model))
        v_mean, v_model_mean, h_mean, h_model_mean = workers().means(v, v_model, *of_filters)
        b.copy_(v_model_mean - v_mean)
        c.copy_((h_model_mean - h_mean) * self.root)
        W.copy_(product / self.root)
        if self.centered:
            image = 0.5 * (v_mean + v_model_mean)
            mu = image.view(net.image_shape).mean((1, 2))
            self._center(W, b, c, mu, 0.5 * (h_mean + h_model_mean))

    def _center(self, W, b, c, mu, offset):
        """Carry gradients over to units measured from mu (channels,) and offset (filters,)."""
        net = self.net
        # What is under each weight of a filter, over the places.
        seen = F.avg_pool2d(b.view(net.image_shape), net.map_shape, stride=1) * self.root
        # <(h - offset)(v - mu)> of model minus data: the products of offsets cancel.
        W.sub_(offset.view(-1, 1, 1, 1) * seen)
        W.sub_(mu.view(-1, 1, 1) * c.view(-1, 1, 1, 1))
        filters = (offset.view(-1, 1, 1, 1) * W).sum(0, keepdim=True)
        everywhere = filters.new_ones(1, 1, *net.map_shape)
        b.sub_(F.conv_transpose2d(everywhere, filters).flatten())
        c.sub_((net.upward(W) * mu.view(-1, 1, 1)).sum((1, 2, 3)))

    def _over_places(self, h):
        """Mean of each filter's units over the places, (n, n_filters)."""
        return h.view(len(h), len(self.net.hidden_bias), -1).mean(2)
