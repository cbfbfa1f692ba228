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
    return F.softplus(_log_odds(inputs, size), threshold=40)


def pooled_means(inputs, size):
    """Probability that some unit of each block is on, (..., rows, columns)."""
    return torch.sigmoid(_log_odds(inputs, size))


def unit_means(inputs, size):
    """Probability of each unit, of the shape of the inputs."""
    if size == 1:
        return torch.sigmoid(inputs)
    log_sums = spread(log_sum_blocks(inputs, size), size, inputs.shape[-2:])
    return torch.exp(inputs - log_sums)


def draw_blocks(inputs, size, generator):
    """Draw the units of each block, 0.0 or 1.0, of the shape of the inputs."""
    log_sums = log_sum_blocks(inputs, size)
    how = {"generator": generator, "device": inputs.device, "dtype": inputs.dtype}
    left = torch.rand(log_sums.shape, **how)
    drawn = torch.empty_like(inputs)
    # The unit in whose part of [0, 1] the number lies is on; behind all parts none is.
    for row in range(size):
        for column in range(size):
            place = ..., slice(row, None, size), slice(column, None, size)
            rows, columns = inputs[place].shape[-2:]
            rest = left[..., :rows, :columns]
            before = rest >= 0
            rest -= torch.exp(inputs[place] - log_sums[..., :rows, :columns])
            drawn[place] = before & (rest < 0)
    return drawn


def spread(blocks, size, shape):
    """The value of each block at its units, (..., height, width) for a shape of the units."""
    if size == 1:
        return blocks
    wide = blocks.repeat_interleave(size, -2).repeat_interleave(size, -1)
    return wide[..., : shape[0], : shape[1]]


def _log_odds(inputs, size):
    """Log of the sum of exp(input) in each block: the log-odds that some unit is on."""
    if size == 1:
        return inputs
    height, width = inputs.shape[-2:]
    rows, columns = n_blocks(height, size), n_blocks(width, size)
    missing = 0, columns * size - width, 0, rows * size - height
    whole = F.pad(inputs, missing, value=-torch.inf) if any(missing) else inputs
    return torch.logsumexp(
        whole.unflatten(-1, (columns, size)).unflatten(-3, (rows, size)), (-3, -1)
    )
