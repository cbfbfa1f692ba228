"""Linear layers with piecewise-linear activations between them, and their forward pass."""

import torch
from torch import nn

# Slope of an activation below zero; above it is one.
NEGATIVE_SLOPES = {
    nn.ReLU: lambda layer: 0.0,
    nn.LeakyReLU: lambda layer: layer.negative_slope,
    nn.Identity: lambda layer: 1.0,
}


class StackedLinear(nn.Module):
    """Linear layers of one shape side by side: rows (s, n, n_in) to rows (s, n, n_out)."""

    def __init__(self, layers):
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))
        self.bias = nn.Parameter(torch.stack([layer.bias.detach() for layer in layers]))

    def forward(self, x):
        """Each layer's outputs for its own rows."""
        return torch.baddbmm(self.bias.unsqueeze(-2), x, self.weight.mT)


def linear_layers(network):
    """Linear layers of a ``Sequential``, and the negative slopes of the activations between them.

    None where it has layers of other kinds.
    """
    layers = list(network) if isinstance(network, nn.Sequential) else []
    linears, activations = layers[::2], layers[1::2]
    known = all(type(activation) in NEGATIVE_SLOPES for activation in activations)
    if not (linears and known and all(map(is_linear, linears))):
        return None
    return linears, [NEGATIVE_SLOPES[type(layer)](layer) for layer in activations]


def is_linear(layer):
    """Whether a layer is linear and nothing else; a spectrally normalized one has another type."""
    return type(layer) in (nn.Linear, StackedLinear)


def forward_pass(x, linears, slopes):
    """Inputs of every layer and of what lies above, and the slopes of the activations between."""
    inputs, masks = [x], []
    for linear, slope in zip(linears, slopes):
        h = linear(inputs[-1])
        masks.append(h.sign().clamp_(min=slope))
        inputs.append(h.mul_(masks[-1]))
    return inputs, masks
