"""Windows of rows in time order, which training draws in random order."""

import numpy as np
import torch

from skgen.training import as_tensor, contiguous

# Window numbers travel as two columns of float32, which holds integers below 2^24.
RADIX = 4096


class Windows:
    """Runs of at most ``length`` rows of one sequence, each with up to ``lead`` rows before it.

    The rows of the lead say in which state a window begins.
    """

    def __init__(self, rows, starts, length, lead):
        sequence = np.cumsum(starts)
        first = np.flatnonzero(starts)
        position = np.arange(len(starts)) - first[sequence - 1]
        self.first = np.flatnonzero(position % length == 0)
        self.rows, self.sequence, self.length, self.lead = rows, sequence, length, lead

    def targets(self):
        """Columns (n, 2) with the number of the window that a row begins, or NaN."""
        out = np.full((len(self.rows), 2), np.nan, dtype=np.float32)
        out[self.first] = np.column_stack(np.divmod(np.arange(len(self.first)), RADIX))
        return out

    def on(self, device):
        """The same for torch."""
        return DeviceWindows(self, device)


class DeviceWindows:
    """Windows by their targets, on a device."""

    def __init__(self, windows, device):
        rows = as_tensor(contiguous(windows.rows)).float()
        # Where rows are missing, one behind all of them stands for them.
        self.rows = torch.cat([rows, rows.new_zeros(1, rows.shape[1])]).to(device)
        sequence = torch.as_tensor(np.append(windows.sequence, 0))
        self.sequence = sequence.to(device)
        self.first = torch.as_tensor(windows.first).to(device)
        self.length, self.lead = windows.length, windows.lead
        self.offset = torch.arange(-self.lead, self.length, device=device)

    def __len__(self):
        """Number of rows."""
        return len(self.rows) - 1

    def take(self, targets):
        """Row numbers of windows (m, lead + length), and which of them are rows of the sequence."""
        high, low = targets.round().long().unbind(1)
        first = self.first[high * RADIX + low].unsqueeze(1)
        place = (first + self.offset).clamp(0, len(self))
        known = self.sequence[place] == self.sequence[first]
        # At the ends of all rows places are cut to one.
        known &= (first + self.offset) == place
        return torch.where(known, place, len(self)), known


# What an estimator has outside of a fit.
NO_WINDOWS = Windows(np.empty((0, 1)), np.empty(0, dtype=bool), 1, 0)
