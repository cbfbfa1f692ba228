"""Weights that are the moving average of another network's."""

import torch


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
        n = n_updates.max()
        weight = 1 - (n / (9 + n)).clamp(max=decay)
        torch._foreach_lerp_(averaged, present, [weight] * len(averaged))

    return after


def _floats(network):
    """Weights and statistics; counters of batches do not average."""
    return [value for value in network.state_dict().values() if value.is_floating_point()]
