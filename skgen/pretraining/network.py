"""The network that is fine-tuned: an encoder, dropout, and a layer of outputs."""

import torch
from torch import nn

from skgen.nets.layers import flat
from skgen.training import OwnDropout


def tuned_network(encoder, n_features, n_outputs, *, input_dropout, dropout):
    """Sequence of the encoder, dropout of its codes, and a linear layer of outputs."""
    with torch.no_grad():
        n_out = encoder(torch.zeros(2, n_features, dtype=torch.float32)).shape[1]
    encoder = with_dropout(encoder, input_dropout, dropout)
    return nn.Sequential(encoder, OwnDropout(dropout), nn.Linear(n_out, n_outputs))


def with_dropout(encoder, of_inputs, of_hidden):
    """The encoder with dropout of its inputs and of what its further linear layers read."""
    layers = [OwnDropout(of_inputs)]
    for layer in flat(encoder):
        if isinstance(layer, nn.Linear) and len(layers) > 1:
            layers.append(OwnDropout(of_hidden))
        layers.append(layer)
    return nn.Sequential(*layers)


def layers_of(network):
    """Its layers of weights, the lowest first, each a ``ModuleList`` with what belongs to it.

    A normalization belongs to the weights before it; a module that is no sequence is one layer.
    """
    layers = []
    for module in flat(network):
        shapes = [parameter.ndim for parameter in module.parameters()]
        if not shapes:
            continue
        if max(shapes) > 1 or not layers:
            layers.append(nn.ModuleList())
        layers[-1].append(module)
    return layers


def initialize_randomly(encoder):
    """Glorot weights and zero biases in every linear layer."""
    for layer in encoder.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
