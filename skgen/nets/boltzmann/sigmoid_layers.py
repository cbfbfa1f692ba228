"""Layers of logistic units as a network that backpropagation can go on with."""

import torch
from torch import nn


@torch.no_grad()
def sigmoid_layers(weights, biases):
    """Module of linear layers, each with sigmoids, from W (k, d) and b (k,) of each layer."""
    parts = []
    for weight, bias in zip(weights, biases, strict=True):
        layer = nn.Linear(weight.shape[1], weight.shape[0])
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
        parts += [layer, nn.Sigmoid()]
    return nn.Sequential(*parts)
