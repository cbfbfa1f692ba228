"""Weights that are the moving average of another network's."""

import torch


def averager(average, network, n_updates, decay):
    """``after()`` that moves ``average`` towards the present state of ``network``.

    ``n_updates`` is a scalar tensor that counts the calls: an average over few updates forgets
    its start sooner. Weights and running statistics are averaged alike, in place, so that the
    call may be part of a CUDA graph.
    """
    mine, theirs = _floats(average), _floats(network)

    @torch.no_grad()
    def after():
        n_updates.add_(1)
        distance = torch._foreach_sub(theirs, mine)
        torch._foreach_mul_(distance, 1 - (n_updates / (9 + n_updates)).clamp(max=decay))
        torch._foreach_add_(mine, distance)

    return after


def _floats(network):
    """Weights and statistics; counters of batches do not average."""
    return [value for value in network.state_dict().values() if value.is_floating_point()]
