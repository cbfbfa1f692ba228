"""What an RBM's training holds: moving weights, their running mean, and the chains."""

import copy

import numpy as np
import torch
from torch import nn

# Updates: epochs of few rows hold a handful, while the averaged weights move slowly.
LEAST_PATIENCE = 500


class Machine(nn.Module):
    """Two copies of a machine, and hidden states of its Gibbs chains.

    ``moving`` follows the gradient; ``average`` is its running mean, and what a fitted
    estimator uses. Both are kept, so that a later call can go on where one stopped.
    """

    def __init__(self, net, chains):
        super().__init__()
        self.moving, self.average = net, copy.deepcopy(net).requires_grad_(False)
        # (n_temperatures, n_chains, k)
        self.register_buffer("chains", chains)
        self.register_buffer("n_steps", torch.zeros((), dtype=torch.int64))

    def resize_chains(self, n_temperatures, n_chains):
        """Start the chains anew where another number of them is wanted."""
        if self.chains.shape[:2] != (n_temperatures, n_chains):
            chains = new_chains(n_temperatures, n_chains, self.chains.shape[2])
            self.chains = chains.to(self.chains.device)

    def weights(self):
        """Parameters that move, and their means in the same order."""
        return list(self.moving.parameters()), list(self.average.parameters())


def data_means(X):
    """Mean of each binary feature, (d,) float64, strictly between 0 and 1."""
    # Half a row of each kind keeps the log-odds of constant features finite.
    total = np.asarray(X.sum(axis=0), dtype=np.float64).ravel().clip(0, X.shape[0])
    return (total + 0.5) / (X.shape[0] + 1)


def binary_step(n_hidden, highest=0.8):
    """Step that learning_rate="auto" stands for: the more hidden units, the smaller.

    Found on validation rows: .8 serves 16 units, .2 to .4 64, and .1 256, which run away on 784
    features at .8, as 1024 do at .4.
    """
    return min(highest, 6.4 / n_hidden**0.75)


def gaussian_step(n_hidden):
    """The same for real-valued visible units, which bear less."""
    # Hidden units that still are alike move the means together, so steps add up.
    return min(0.1, 2 / n_hidden)


def n_parallel(params):
    """Temperatures, and chains at each of them, that an estimator's parameters ask for."""
    return params.n_temperatures if params.negative_phase == "pt" else 1, params.n_chains


def new_chains(n_temperatures, n_chains, n_hidden):
    """Hidden states by the toss of a coin."""
    return (torch.rand(n_temperatures, n_chains, n_hidden) < 0.5).float()


def draw_normal_(weight, scale):
    """Fill weights with draws from N(0, scale^2)."""
    with torch.no_grad():
        return weight.normal_(0, scale)
