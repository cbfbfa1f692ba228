"""Sines and cosines of a row at many scales, so that a small network resolves fine structure."""

import torch
from torch import nn


class FourierFeatures(nn.Module):
    """The row beside amplitude * sin and cos of its projections.

    Directions are random; frequencies run log-spaced from 1 / coarse to 1 / fine, two lengths
    of the data. An amplitude of frequency^-1 gives every scale the same slope, so that the fine
    ones do not drown the coarse (Tancik et al. 2020 draw all frequencies at one scale).
    """

    def __init__(self, n_features, n_frequencies, fine, coarse):
        super().__init__()
        direction = torch.randn(n_features, n_frequencies)
        frequency = torch.logspace(0, 1, n_frequencies, base=coarse / fine) / coarse
        self.register_buffer("weight", direction / direction.norm(dim=0) * frequency)
        self.register_buffer("amplitude", frequency[0] / frequency)

    def forward(self, x):
        """Rows (n, n_features + 2 n_frequencies)."""
        phase = x @ self.weight
        return torch.cat([x, phase.sin() * self.amplitude, phase.cos() * self.amplitude], 1)
