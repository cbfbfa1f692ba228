"""Generators and critics that are multilayer perceptrons."""

import math
from itertools import pairwise

import torch
from torch import nn

from skgen.nets.mlp import ACTIVATIONS


def hidden_layer(n_in, n_out, activation, norm, *, first):
    """Linear layer with He weights, its normalization and activation.

    The first layer's kinks are spread over the rows, which have zero mean and unit variance.
    """
    linear = nn.Linear(n_in, n_out)
    nn.init.kaiming_normal_(linear.weight)
    nn.init.zeros_(linear.bias)
    if first:
        nn.init.uniform_(linear.bias, -math.sqrt(3), math.sqrt(3))
    layers = [linear, ACTIVATIONS[activation]()]
    if norm is not None:
        layers.insert(1, norm(n_out))
    return layers


def hidden_layers(widths, activation, norm):
    """Perceptron through ``widths``, activated to the end."""
    layers = []
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        layers += hidden_layer(n_in, n_out, activation, norm, first=i == 0)
    return nn.Sequential(*layers)


def output_layer(n_in, n_out):
    """Linear layer whose outputs have the variance of its inputs."""
    linear = nn.Linear(n_in, n_out)
    nn.init.normal_(linear.weight, std=n_in**-0.5)
    nn.init.zeros_(linear.bias)
    return linear


def mlp_generator(n_components, n_features, widths, activation, norm):
    """Module from latent rows (n, n_components) to rows (n, n_features)."""
    hidden = hidden_layers((n_components, *widths), activation, norm)
    return nn.Sequential(*hidden, output_layer((n_components, *widths)[-1], n_features))


def mlp_critic(n_inputs, widths, activation, norm):
    """Module from rows (n, n_inputs) to features (n, widths[-1])."""
    return hidden_layers((n_inputs, *widths), activation, norm)


def spectrally_normalized(network):
    """Divide every weight by its largest singular value (Miyato et al. 2018); return the network.

    One power iteration an update follows the singular vector.
    """
    for layer in list(network.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            torch.nn.utils.parametrizations.spectral_norm(layer)
    return network
