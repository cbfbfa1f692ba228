"""Normalization by a fixed reference batch, by which no row depends on its neighbors."""

import torch
from torch import nn

from skgen.nets.layers import activations

EPSILON = 1e-5


class ReferenceNorm(nn.Module):
    """Scale and shift channels to the moments of the first ``n_reference`` rows.

    With ``virtual`` the moments are those of the reference batch and the row itself (virtual
    batch normalization, Salimans et al. 2016); otherwise those of the reference batch alone.
    """

    def __init__(self, n_channels, n_reference, *, virtual):
        super().__init__()
        self.n_reference, self.virtual = n_reference, virtual
        self.weight = nn.Parameter(torch.ones(n_channels))
        self.bias = nn.Parameter(torch.zeros(n_channels))

    def forward(self, x):
        """Normalized reference batch and rows, of the shape of x (m + n, channels, ...)."""
        reference, rows = x[: self.n_reference], x[self.n_reference :]
        within = tuple(range(2, x.dim()))
        batch = (0, *within)
        mean = reference.mean(batch, keepdim=True)
        square = reference.square().mean(batch, keepdim=True)
        rows_mean, rows_square = mean, square
        if self.virtual:
            fraction = 1 / (self.n_reference + 1)
            own = rows.mean(within, keepdim=True) if within else rows
            own_square = rows.square().mean(within, keepdim=True) if within else rows.square()
            rows_mean = torch.lerp(mean.expand_as(own), own, fraction)
            rows_square = torch.lerp(square.expand_as(own), own_square, fraction)
        out = torch.cat(
            [_standardized(reference, mean, square), _standardized(rows, rows_mean, rows_square)]
        )
        shape = (1, -1, *(1 for _ in within))
        return out * self.weight.view(shape) + self.bias.view(shape)


def _standardized(x, mean, square):
    return (x - mean) * torch.rsqrt((square - mean.square()).clamp(min=0) + EPSILON)


class BesideReference(nn.Module):
    """Run a network on the rows with its reference batch in front of them."""

    def __init__(self, network, reference):
        super().__init__()
        self.network = network
        self.register_buffer("reference", reference)

    def forward(self, x):
        """Output for the rows x alone."""
        return self.network(torch.cat([self.reference, x]))[len(self.reference) :]

    def layers(self, x):
        """Units of each layer for the rows x alone, (n, k)."""
        joined = torch.cat([self.reference, x])
        return [units[len(self.reference) :] for units in activations(self.network, joined)]


def norm_factory(normalization, n_reference, *, images):
    """``norm(n_channels)`` that makes the layer of this name, or None where there is none."""
    batch_norm = nn.BatchNorm2d if images else nn.BatchNorm1d
    return {
        None: None,
        "batch": batch_norm,
        "virtual_batch": lambda n: ReferenceNorm(n, n_reference, virtual=True),
        "reference_batch": lambda n: ReferenceNorm(n, n_reference, virtual=False),
    }[normalization]
