"""Layers of logistic units as a network that backpropagation can go on with."""

import torch
from torch import nn
from torch.nn.utils import skip_init


@torch.no_grad()
def sigmoid_layers(weights, biases):
    """Module of linear layers, each with sigmoids, from W (k, d) and b (k,) of each layer.

    It computes where the weights are, and in their type.
    """
    parts = []
    for weight, bias in zip(weights, biases, strict=True):
        where = {"device": weight.device, "dtype": weight.dtype}
        layer = skip_init(nn.Linear, weight.shape[1], weight.shape[0], **where)
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
        parts += [layer, nn.Sigmoid()]
    return nn.Sequential(*parts)
