"""Multilayer perceptrons."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {
    "identity": nn.Identity,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


def linear_layer(n_in, n_out):
    """Linear layer with Glorot weights and zero bias."""
    layer = nn.Linear(n_in, n_out)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def mlp(widths, activation="relu", *, final="identity"):
    """Perceptron through ``widths``; ``final`` is the activation of the last layer."""
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [linear_layer(n_in, n_out), ACTIVATIONS[activation]()]
    layers[-1] = ACTIVATIONS[final]()
    return nn.Sequential(*layers)


class TiedDecoder(nn.Module):
    """Mirror image of a perceptron encoder: its weights transposed, biases of its own."""

    def __init__(self, encoder, activation="relu"):
        super().__init__()
        layers = [layer for layer in encoder if isinstance(layer, nn.Linear)]
        # A tuple hides the encoder's layers from parameters() and state_dict().
        self._mirrored = (tuple(reversed(layers)),)
        self.biases = nn.ParameterList(
            nn.Parameter(torch.zeros(layer.in_features)) for layer in reversed(layers)
        )
        self.activation = ACTIVATIONS[activation]()

    def forward(self, z):
        """Image of the code rows z, shape (n, n_features)."""
        (layers,) = self._mirrored
        for layer, bias in zip(layers[:-1], self.biases[:-1]):
            z = self.activation(F.linear(z, layer.weight.T, bias))
        return F.linear(z, layers[-1].weight.T, self.biases[-1])
