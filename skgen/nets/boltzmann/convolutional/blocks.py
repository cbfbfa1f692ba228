"""Probabilistic max-pooling: of the units of a block at most one is on.

Maps are (..., height, width), cut into blocks of ``size`` x ``size`` from the top left corner;
those at the bottom and at the right have the rows and columns that are left.
"""

import torch
from torch.nn import functional as F


def n_blocks(n_units, size):
    """Blocks along a side of so many units."""
    return -(-n_units // size)


def log_sum_blocks(inputs, size):
    """Log of the sum over the states of each block, 1 + sum exp(input), (..., rows, columns)."""
    if size == 1:
        return F.softplus(inputs, threshold=40)
    height, width = inputs.shape[-2:]
    largest = F.max_pool2d(inputs.reshape(-1, 1, height, width), size, ceil_mode=True)
    largest = largest.view(*inputs.shape[:-2], *largest.shape[-2:]).clamp(min=0)
    # A copy: backpropagation needs the other as it is.
    total = torch.exp(-largest).clone()
    for place in _places(size):
        rows, columns = inputs[place].shape[-2:]
        total[..., :rows, :columns] += torch.exp(inputs[place] - largest[..., :rows, :columns])
    return largest + total.log()


def pooled_means(inputs, size):
    """Probability that some unit of each block is on, (..., rows, columns)."""
    return -torch.expm1(-log_sum_blocks(inputs, size))


def unit_means(inputs, size):
    """Probability of each unit, of the shape of the inputs."""
    return torch.exp(inputs - spread(log_sum_blocks(inputs, size), size, inputs.shape[-2:]))


def draw_blocks(inputs, size, generator):
    """Draw the units of each block, 0.0 or 1.0, of the shape of the inputs."""
    log_sums = log_sum_blocks(inputs, size)
    how = {"generator": generator, "device": inputs.device, "dtype": inputs.dtype}
    left = torch.rand(log_sums.shape, **how)
    drawn = torch.empty_like(inputs)
    # The unit in whose part of [0, 1] the number lies is on; behind all parts none is.
    for place in _places(size):
        rows, columns = inputs[place].shape[-2:]
        rest = left[..., :rows, :columns]
        before = rest >= 0
        rest -= torch.exp(inputs[place] - log_sums[..., :rows, :columns])
        drawn[place] = before & (rest < 0)
    return drawn


def draw_within(inputs, pooled, size, generator):
    """Draw the units of each block given whether one is on, ``pooled`` (..., rows, columns).

    Of the units of such a block one is drawn, with odds exp(input).
    """
    # The largest of inputs with Gumbel's noise is a draw from their softmax.
    noise = -torch.empty_like(inputs).exponential_(generator=generator).log()
    noisy = inputs + noise
    height, width = noisy.shape[-2:]
    largest = F.max_pool2d(noisy.reshape(-1, 1, height, width), size, ceil_mode=True)
    largest = spread(largest.view(*noisy.shape[:-2], *largest.shape[-2:]), size, (height, width))
    return (noisy == largest) * spread(pooled, size, (height, width))


def spread(blocks, size, shape):
    """The value of each block at its units, (..., height, width) for a shape of the units."""
    if size == 1:
        return blocks
    wide = blocks.repeat_interleave(size, -2).repeat_interleave(size, -1)
    return wide[..., : shape[0], : shape[1]]


def _places(size):
    """Index of the first units of all blocks, of the second ones, and so on."""
    steps = [slice(start, None, size) for start in range(size)]
    return [(..., row, column) for row in steps for column in steps]
