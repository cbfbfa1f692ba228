"""An output layer that stays inside the range of the data."""

import torch
from torch import nn


class Bounded(nn.Module):
    """Squash each column into [low, high] by a sigmoid that passes zero at zero.

    Rows are centered: a decoder whose output is zero gives the mean of every column, and in
    mid-range the row moves about as far as the output.
    """

    def __init__(self, low, high):
        super().__init__()
        span = high - low
        # Constant columns have no span and stay at low.
        fraction = torch.where(span > 0, -low / span, 0.5).clamp(0.01, 0.99)
        self.register_buffer("low", low)
        self.register_buffer("span", span)
        self.register_buffer("slope", torch.where(span > 0, 4 / span, 0.0))
        self.register_buffer("offset", torch.logit(fraction))

    def forward(self, out):
        """Values inside the range, of the shape of ``out``."""
        return torch.addcmul(self.low, self.span, torch.sigmoid(out * self.slope + self.offset))
