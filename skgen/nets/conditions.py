"""Conditions behind the features of rows: split off, and hidden at random in training."""

import torch
from torch import nn

# Fraction of the rows of a batch whose condition is hidden, so that "unknown" is learned.
HIDDEN = 0.1


class ConditionColumns(nn.Module):
    """Where the code of a condition stands in rows, and what it is where nothing is known.

    Parameters
    ----------
    n_features : int
        Number of features before the code.
    widths : list of int
        Number of columns of each block of the code, the last of which is the flag "unknown".
    """

    def __init__(self, n_features, widths):
        super().__init__()
        self.n_features, self.width, self.n_blocks = n_features, sum(widths), len(widths)
        ends = torch.tensor(widths).cumsum(0) - 1
        unknown = torch.zeros(self.width, dtype=torch.float32)
        unknown[ends] = 1.0
        # Block of each column, and the code in which all is unknown.
        block = torch.repeat_interleave(torch.arange(len(widths)), torch.tensor(widths))
        self.register_buffer("block", block)
        self.register_buffer("unknown", unknown)

    def split(self, rows):
        """Features (..., n_features) and conditions (..., width), unknown where rows have none."""
        if rows.shape[-1] == self.n_features:
            return rows, self.unknown.to(rows.dtype).expand(*rows.shape[:-1], -1)
        return rows.split([self.n_features, self.width], dim=-1)

    def hide(self, code, generator):
        """Conditions (n, width) with some hidden: all of a row, or blocks of it one by one."""
        options = {"generator": generator, "device": code.device, "dtype": code.dtype}
        hidden = torch.rand(len(code), 1, **options) < HIDDEN
        if self.n_blocks > 1:
            hidden = hidden | (torch.rand(len(code), self.n_blocks, **options) < HIDDEN)
            hidden = hidden[:, self.block]
        return torch.where(hidden, self.unknown.to(code.dtype), code)

    def with_hidden(self, rows, generator):
        """Rows of a batch with some of their conditions hidden."""
        x, code = self.split(rows)
        return torch.cat([x, self.hide(code, generator)], 1)


def of_hidden_conditions(columns, bound):
    """``bound(rows, generator)`` of rows whose conditions are partly hidden, anew in each call."""
    return bound and (lambda rows, g: bound(columns.with_hidden(rows, g), g))
