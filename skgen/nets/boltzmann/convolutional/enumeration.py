"""log Z of a small convolutional machine: the sum over its images, or over its hidden states."""

import copy
import math
from math import prod

import torch

N_STATES = 2**12  # at a time


def n_hidden_bits(net):
    """Base-2 logarithm of the number of hidden states: a block of n units has n + 1."""
    return len(net.hidden_bias) * float(torch.log2(net.block_sizes() + 1).sum())


@torch.no_grad()
def log_partition_over_images(net):
    """Log Z of binary visible units in nats, by all 2^d images."""
    net = copy.deepcopy(net).double()
    d = len(net.visible_bias)
    places = torch.arange(d)

    def terms(numbers):
        return -net.free_energy(((numbers.unsqueeze(1) >> places) & 1).double())

    return _log_sum(terms, 2**d)


@torch.no_grad()
def log_partition_over_hidden(net):
    """Log Z in nats, by all states of the hidden units, the visible ones summed out."""
    net = copy.deepcopy(net).double()
    members = hidden_blocks(net)
    radix = torch.tensor([len(units) + 1 for units in members])
    steps = torch.cat([torch.ones(1, dtype=torch.int64), radix.cumprod(0)[:-1]])
    bias = net.hidden_bias.repeat_interleave(prod(net.map_shape))

    def terms(numbers):
        h = torch.zeros(len(numbers), len(bias), dtype=torch.float64)
        for units, step in zip(members, steps):
            # State 0 of a block is the empty one.
            state = numbers // step % (len(units) + 1)
            for number, unit in enumerate(units, 1):
                h[:, unit] = (state == number).double()
        return h @ bias + net.log_sum_visible(h)

    return _log_sum(terms, int(radix.prod()))


def hidden_blocks(net):
    """Numbers of the hidden units of each block, a list of lists."""
    n_filters, height, width = net.hidden_shape
    numbers = torch.arange(n_filters * height * width).view(net.hidden_shape)
    size = net.pool_size
    return [
        numbers[k, row : row + size, column : column + size].flatten().tolist()
        for k in range(n_filters)
        for row in range(0, height, size)
        for column in range(0, width, size)
    ]


def _log_sum(terms, n_states):
    """Log of the sum of exp(terms(numbers)) over the states with numbers below ``n_states``."""
    total = torch.tensor(-math.inf, dtype=torch.float64)
    for start in range(0, n_states, N_STATES):
        numbers = torch.arange(start, min(start + N_STATES, n_states))
        total = torch.logaddexp(total, torch.logsumexp(terms(numbers), 0))
    return float(total)
