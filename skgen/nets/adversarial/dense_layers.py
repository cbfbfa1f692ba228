"""Linear layers with piecewise-linear units between them, and how to climb them by hand."""

import torch
from torch import nn

SLOPES = {
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


def dense_layers(network):
    """Linear layers of a ``Sequential``, and the slopes below zero of the units between them.

    None where it has layers of other kinds.
    """
    layers = list(network) if isinstance(network, nn.Sequential) else []
    linears, units = layers[::2], layers[1::2]
    if not (linears and all(map(is_linear, linears)) and all(type(u) in SLOPES for u in units)):
        return None
    return linears, [SLOPES[type(unit)](unit) for unit in units]


def is_linear(layer):
    """Whether a layer is linear and nothing else; a spectrally normalized one has another type."""
    return type(layer) in (nn.Linear, StackedLinear)


def climb(x, linears, slopes):
    """Inputs of every layer and of what lies above, and the slopes at the units between."""
    inputs, masks = [x], []
    for linear, slope in zip(linears, slopes):
        h = linear(inputs[-1])
        masks.append(h.sign().clamp_(min=slope))
        inputs.append(h.mul_(masks[-1]))
    return inputs, masks
