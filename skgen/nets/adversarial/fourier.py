"""Sines and cosines of a row at many scales, so that a small network resolves fine structure."""

import torch
from torch import nn


class FourierFeatures(nn.Module):
    """The row beside sines and cosines of its projections (Tancik et al. 2020).

    Directions are random, each group of ``n_features`` orthogonal. The frequencies of
    ``n_coarse`` of them run log-spaced from 1 / coarse to 1 / middle, those of ``n_fine`` from
    1 / middle to 1 / fine, where middle is the geometric mean of the two lengths. The fine
    ones give zero until ``enable_fine(True)``.
    """

    def __init__(self, n_features, n_coarse, n_fine, fine, coarse):
        super().__init__()
        middle = (fine * coarse) ** 0.5
        frequency = torch.cat([_spaced(coarse, middle, n_coarse), _spaced(middle, fine, n_fine)])
        direction = _directions(n_features, n_coarse + n_fine)
        self.n_coarse = n_coarse
        self.n_outputs = n_features + 2 * len(frequency)
        self.register_buffer("weight", direction * frequency)
        self.register_buffer("amplitude", (torch.arange(len(frequency)) < n_coarse).float())

    def forward(self, x):
        """Rows (..., n, n_features + 2 (n_coarse + n_fine))."""
        phase, amplitude = x @ self.weight, self.amplitude.unsqueeze(-2)
        return torch.cat([x, phase.sin() * amplitude, phase.cos() * amplitude], -1)

    def enable_fine(self, enabled):
        """Switch the fine frequencies on or off, in place."""
        self.amplitude[..., self.n_coarse :] = float(enabled)

    @torch.no_grad()
    def zero_fine_weights(self, weight):
        """Zero weights (n, p n_outputs) that read fine frequencies, so that these come in smoothly.

        The other weights grow, to what they would be without fine frequencies.
        """
        n_frequencies = len(self.amplitude)
        is_fine = torch.zeros(self.n_outputs, dtype=torch.bool)
        for end in (self.n_outputs - n_frequencies, self.n_outputs):
            is_fine[end - n_frequencies + self.n_coarse : end] = True
        weight.unflatten(1, (-1, self.n_outputs))[:, :, is_fine] = 0.0
        weight *= (self.n_outputs / (~is_fine).sum()) ** 0.5


def _directions(n_features, n):
    """``n`` unit vectors in random orthogonal groups: few of them leave no direction unseen."""
    n_groups = -(-n // n_features)
    groups = [torch.linalg.qr(torch.randn(n_features, n_features))[0] for _ in range(n_groups)]
    return torch.cat(groups, 1)[:, :n]


def _spaced(longest, shortest, n):
    """``n`` frequencies, log-spaced between the inverses of two lengths."""
    return torch.logspace(0, 1, n, base=longest / shortest) / longest
