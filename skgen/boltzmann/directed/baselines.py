"""What a learning signal is expected to be, so that only the surplus reinforces (NVIL)."""

import torch
from torch import nn

from skgen.workers import workers

# Units of the network that predicts the signal, and how slowly its moments are forgotten, as
# Mnih & Gregor (2014) have them.
N_UNITS, FORGETTING = 100, 0.8


class Baselines(nn.Module):
    """Of each layer a running mean of its signal, and a network of the states below for the rest.

    The surplus over both is divided by the running standard deviation, where that is above 1. It
    depends on earlier batches alone, so that the gradient keeps its direction on average.
    """

    def __init__(self, sizes):
        super().__init__()
        self.networks = nn.ModuleList(
            nn.Sequential(_linear(d, N_UNITS), nn.Tanh(), _linear(N_UNITS, 1)) for d in sizes
        )
        for name in ("mean", "variance"):
            self.register_buffer(name, torch.zeros(len(sizes), dtype=torch.float32))
        # 0 before the first batch, whose signals are compared with nothing.
        self.register_buffer("known", torch.zeros((), dtype=torch.float32))

    def forward(self, states, signals):
        """Scaled surplus of the signals of each layer, and the loss of the networks."""
        surplus, losses, known = [], [], self.known.clone()
        for below, signal, network, mean, variance in zip(
            states, signals, self.networks, self.mean.clone(), self.variance.clone()
        ):
            scaled = (signal - mean) / variance.sqrt().clamp(min=1.0)
            rest = known * (scaled - network(below).squeeze(-1))
            surplus.append(rest.detach())
            losses.append(rest.square().mean())
        self._follow(signals)
        return surplus, sum(losses)

    @torch.no_grad()
    def _follow(self, signals):
        """Move the moments toward those of a batch, which the first one sets."""
        fresh = 1 - FORGETTING * self.known
        self.mean.lerp_(_means(signals), fresh)
        squares = [(s - mean).square() for s, mean in zip(signals, self.mean)]
        self.variance.lerp_(_means(squares), fresh)
        self.known.fill_(1.0)


def _means(signals):
    """Mean of each signal (..., n), over the rows of all workers."""
    return workers().mean_of(torch.stack([s.mean() for s in signals]), signals[0].shape[-1])


def _linear(n_in, n_out):
    return nn.Linear(n_in, n_out, dtype=torch.float32)
