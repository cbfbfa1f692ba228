"""The network that is fine-tuned: an encoder, dropout, and a layer of logits."""

import torch
from torch import nn

from skgen.nets.layers import flat
from skgen.training import OwnDropout


def classifier_network(encoder, n_features, n_classes, *, input_dropout, dropout):
    """Sequence of the encoder, dropout of its outputs, and the logits."""
    with torch.no_grad():
        n_out = encoder(torch.zeros(2, n_features, dtype=torch.float32)).shape[1]
    encoder = with_dropout(encoder, input_dropout, dropout)
    return nn.Sequential(encoder, OwnDropout(dropout), nn.Linear(n_out, n_classes))


def with_dropout(encoder, of_inputs, of_hidden):
    """The encoder with dropout of its inputs and of what its further linear layers read."""
    layers = [OwnDropout(of_inputs)]
    for layer in flat(encoder):
        if isinstance(layer, nn.Linear) and len(layers) > 1:
            layers.append(OwnDropout(of_hidden))
        layers.append(layer)
    return nn.Sequential(*layers)


def initialize_randomly(encoder):
    """Glorot weights and zero biases in every linear layer."""
    for layer in encoder.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
