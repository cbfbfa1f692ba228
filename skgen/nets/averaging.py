"""Weights that are the moving average of another network's."""

import copy

import torch
from torch import nn


class AveragedNet(nn.Module):
    """A network that learns, and the moving average of its weights.

    The average forgets the noise that mini-batches leave in the weights, as a falling learning
    rate would, but knows no end of the training (Polyak & Juditsky 1992).
    """

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.averaged_net = copy.deepcopy(net).requires_grad_(False)
        self.register_buffer("n_updates", torch.zeros(()))

    def averager(self, decay):
        """``after()`` an update of ``net``."""
        return averager(self.averaged_net, self.net, self.n_updates, decay)


def averager(averaged_network, network, n_updates, decay):
    """``after()`` that moves ``averaged_network`` toward the present state of ``network``.

    ``n_updates`` is a tensor that counts the calls: an average over few updates forgets its start
    sooner. Weights and running statistics are averaged alike, in place, so that the
    call may be part of a CUDA graph.
    """
    averaged, present = _floats(averaged_network), _floats(network)

    @torch.no_grad()
    def after():
        n_updates.add_(1)
        n = n_updates.max().float()
        weight = 1 - (n / (9 + n)).clamp(max=decay)
        torch._foreach_lerp_(averaged, present, [weight] * len(averaged))

    return after


def _floats(network):
    """Weights and statistics; counters of batches do not average."""
    return [value for value in network.state_dict().values() if value.is_floating_point()]
