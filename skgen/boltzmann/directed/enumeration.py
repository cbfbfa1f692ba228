"""Sigmoid belief networks with few hidden units, exactly: sums over all of their states."""

import torch
from torch.nn import functional as F

from skgen.kernels.boltzmann.boltzmann_enumeration import bits

# Hidden units in all whose states are enumerated.
MOST_UNITS = 15


class EnumeratedNet:
    """A network with every state of its lowest hidden layer, and the prior of these.

    ``n_values`` bounds the numbers of one intermediate array.
    """

    def __init__(self, net, n_values):
        self.lowest, self.log_prior = net.generative[0], log_prior_of_lowest(net)
        n_units, n_features = self.lowest.weight.shape
        blocks = _states(n_units, self.lowest.weight).split(max(1, n_values // n_features))
        self.blocks = blocks

    def log_joint(self, x, observed=None):
        """Log p(x, h) of rows x (n, d) and every state h of the lowest layer, shape (n, 2^k).

        Of rows with gaps it is that of what is ``observed`` (n, d), 1 or 0.
        """
        parts = []
        for h in self.blocks:
            log_odds = self.lowest.visible_input(h)
            if observed is None:
                parts.append(x @ log_odds.T - F.softplus(log_odds).sum(-1))
            else:
                parts.append((x * observed) @ log_odds.T - observed @ F.softplus(log_odds).T)
        return torch.cat(parts, 1) + self.log_prior

    def log_evidence(self, x):
        """Log p(x) of rows x (n, d), shape (n,)."""
        return torch.logsumexp(self.log_joint(x), 1)

    def conditional_means(self, x, observed):
        """E[x | what is observed] of rows, (n, d)."""
        weights = torch.softmax(self.log_joint(x, observed), 1)
        parts = weights.split([len(h) for h in self.blocks], 1)
        return sum(part @ self.lowest.visible_mean(h) for part, h in zip(parts, self.blocks))

    def conditional_draws(self, x, observed, n_draws, generator):
        """Draws of x given what is observed, (n, n_draws, d)."""
        weights = torch.softmax(self.log_joint(x, observed), 1)
        numbers = torch.multinomial(weights, n_draws, replacement=True, generator=generator)
        return self.lowest.draw_visible(torch.cat(self.blocks)[numbers], generator)


def log_prior_of_lowest(net):
    """Log p(h_1) of every state of the lowest hidden layer, (2^k,), the layers above summed out."""
    above = _states(len(net.top_bias), net.top_bias)
    log_prior = net.log_top(above)
    for layer in reversed(net.generative[1:]):
        below = _states(len(layer.visible_bias), layer.visible_bias)
        log_prior = torch.logsumexp(layer.log_visible(below.unsqueeze(1), above) + log_prior, 1)
        above = below
    return log_prior


def _states(k, like):
    return torch.from_numpy(bits(k)).to(like)
