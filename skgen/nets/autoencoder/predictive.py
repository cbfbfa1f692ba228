"""Encoders of predictive sparse decomposition: one layer that guesses a sparse code."""

import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.autoencoder.shrinkage import improve_eigenvector, shrink, start_of_powers

# Power iterations: at the start, and after an update, which moves the atoms little.
N_FIRST, N_FURTHER = 100, 2
# Of the largest guess: a gain at which tanh hardly bends, and a threshold that few guesses miss.
SLACK, SMALL = 1.5, 0.02


class SaturatedEncoder(nn.Module):
    """f(x) = g tanh((x W' + b) / g), with a gain g for each unit (Kavukcuoglu et al. 2008).

    The gain in the argument leaves the slope at zero to W; the functions are the same.

    Parameters
    ----------
    W, b : Tensor of shape (K, d) and (K,)
        A linear guess of the codes to start from.
    size : Tensor of shape (K,)
        The largest guess of each unit on the training rows.
    """

    def __init__(self, W, b, size):
        super().__init__()
        self.W, self.b = nn.Parameter(W.clone()), nn.Parameter(b.clone())
        self.log_gain = nn.Parameter(torch.log(SLACK * size))

    def forward(self, x):
        """Guess of the codes, shape (n, K)."""
        gain = torch.exp(self.log_gain)
        return gain * torch.tanh((x @ self.W.T + self.b) / gain)


class ShrinkageEncoder(nn.Module):
    """f(x) = g shrink(x W' + b, t), whose guesses are sparse; the arguments are the same."""

    def __init__(self, W, b, size):
        super().__init__()
        self.W, self.b = nn.Parameter(W.clone()), nn.Parameter(b.clone())
        self.log_gain = nn.Parameter(torch.zeros_like(b))
        self.log_threshold = nn.Parameter(torch.log(SMALL * size))

    def forward(self, x):
        """Guess of the codes, shape (n, K)."""
        threshold = torch.exp(self.log_threshold)
        return torch.exp(self.log_gain) * shrink(x @ self.W.T + self.b, threshold)


ENCODERS = {"tanh": SaturatedEncoder, "shrinkage": ShrinkageEncoder}


class Dictionary(nn.Module):
    """Atoms (K, d) of unit length, and the largest eigenvalue of their Gram matrix.

    Atoms are divided by their lengths, so that gradients have no part along them: Adam's scales
    would turn that into a drift, and the dictionary would not settle where its gradient is zero.
    """

    def __init__(self, D):
        super().__init__()
        self.D = nn.Parameter(D.clone())
        self.register_buffer("vector", start_of_powers(D))
        self.register_buffer("eigenvalue", improve_eigenvector(self.vector, D, N_FIRST))

    def forward(self, z):
        """Rows that codes stand for."""
        return z @ F.normalize(self.D, dim=1)

    @torch.no_grad()
    def settle(self):
        """Give atoms their length back, and follow the eigenvalue."""
        self.D.copy_(F.normalize(self.D, dim=1))
        self.eigenvalue.copy_(improve_eigenvector(self.vector, self.D, N_FURTHER))
