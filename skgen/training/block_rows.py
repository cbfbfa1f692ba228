"""Training rows in blocks: read ahead, and shuffled among those that are held together."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from skgen.training.rows import composed, on_device, on_host, standardized, systematic


class BlockRows:
    """Standardized rows that are read block by block and travel batch by batch.

    Parameters
    ----------
    X : RowBlocks of shape (n_samples, n_features)
        What reads the rows.
    mean, scale : float or ndarray of shape (n_features,)
        The networks see ``(X - mean) / scale``.
    device : torch.device
        Where batches go.
    subset : ndarray of shape (n_rows,) or None
        Sorted numbers of the rows that train; None for all.
    weight : ndarray of shape (n_samples,) or None
        How often each row of X is served relative to others.
    function : callable or None
        ``function(batch)`` is served in place of a batch.
    """

    resident = sorts = False
    lead = ()

    def __init__(self, X, mean, scale, device, subset=None, weight=None, function=None):
        self.X, self.mean, self.scale, self.device = X, mean, scale, device
        self.subset, self.function = subset, function
        self.weight = weight if weight is None or subset is None else weight[subset]
        # Where the rows of each block begin among those that train.
        self.edges = X.edges if subset is None else np.searchsorted(subset, X.edges)
        self.index_device = torch.device("cpu")

    def __len__(self):
        return int(self.edges[-1])

    def order(self, generator):
        """The rows of an epoch in random order: slices of it, one behind the other, are batches.

        Blocks come in random order, and rows in random order within as many blocks as are held
        together. A row of positive weight stands there as often as its fraction of the weight
        says, rounded up or down by chance.
        """
        return Epoch(self, on_host(generator))

    def take(self, batch):
        """Rows of an epoch, on the device."""
        return on_device(batch, self.device, self.function)

    def map(self, function):
        """Rows of ``function(batch)``, computed as they are read."""
        both = composed(function, self.function)
        twin = BlockRows(self.X, self.mean, self.scale, self.device, self.subset, None, both)
        twin.weight = self.weight
        return twin

    def numbers(self):
        """Numbers of the blocks that have training rows."""
        return np.flatnonzero(np.diff(self.edges))

    def read(self, numbers):
        """Standardized training rows of some blocks, (n, n_features) float32."""
        ends = np.cumsum([0, *(self.edges[number + 1] - self.edges[number] for number in numbers)])
        rows = np.empty((ends[-1], self.X.shape[1]), np.float32)
        for number, start, stop in zip(numbers, ends, ends[1:]):
            block = self.X.read(number)
            if self.subset is not None:
                own = self.subset[self.edges[number] : self.edges[number + 1]]
                block = block[own - self.X.edges[number]]
            rows[start:stop] = standardized(block, self.mean, self.scale)
        return torch.from_numpy(rows)

    def weights(self, numbers):
        """Weights of the training rows of some blocks."""
        parts = [self.weight[self.edges[number] : self.edges[number + 1]] for number in numbers]
        return torch.from_numpy(np.concatenate(parts))


class Epoch:
    """The rows of an epoch as consecutive slices ask for them.

    While the rows of some blocks are served a thread reads those that come next, and no more.
    """

    def __init__(self, rows, generator):
        self.rows, self.generator = rows, generator
        numbers = rows.numbers()
        shuffled = numbers[torch.randperm(len(numbers), generator=generator).numpy()]
        self.groups = rows.X.groups(shuffled)
        self.picks = _picks_by_weight(rows, self.groups, generator)
        self.reader = ThreadPoolExecutor(1, thread_name_prefix="blocks")
        self.n_served, self.n_begun = 0, 0
        self.held, self.order = None, torch.empty(0, dtype=torch.int64)
        self.next = self.reader.submit(rows.read, self.groups[0])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, batch):
        start, stop, _ = batch.indices(len(self))
        if start != self.n_served:
            raise IndexError(f"Row {start} of an epoch was asked for, but {self.n_served} is next.")
        parts = []
        while self.n_served < stop:
            if not len(self.order):
                self._begin_group()
            some, self.order = self.order.tensor_split([stop - self.n_served])
            parts.append(self.held.index_select(0, some))
            self.n_served += len(some)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _begin_group(self):
        """Hold the rows of the next blocks, and read on."""
        number = self.n_begun
        self.held = None
        self.held = self.next.result()
        self.n_begun, self.next = number + 1, None
        if self.n_begun < len(self.groups):
            self.next = self.reader.submit(self.rows.read, self.groups[self.n_begun])
        else:
            self.reader.shutdown(wait=False)
        self.order = self.picks(number)


def _picks_by_weight(rows, groups, generator):
    """``picks(number)``: places of the rows of a group, in the order in which they are served."""
    if rows.weight is None:
        return lambda number: torch.randperm(_n_rows(rows, groups[number]), generator=generator)
    # One grid over the weights of all rows (systematic resampling), cut where groups meet.
    start = float(torch.rand((), generator=generator, dtype=torch.float64))
    ends = np.cumsum([0.0, *(float(rows.weights(group).sum()) for group in groups)])
    step = ends[-1] / len(rows)
    cuts = [math.ceil(end / step - start) for end in ends[:-1]] + [len(rows)]

    def picks(number):
        weight = rows.weights(groups[number])
        shuffled = torch.randperm(len(weight), generator=generator)
        first = (cuts[number] + start) * step - ends[number]
        n_picks = max(0, cuts[number + 1] - cuts[number])
        picked = shuffled[systematic(weight[shuffled], n_picks, first / step, step)]
        return picked[torch.randperm(n_picks, generator=generator)]

    return picks


def _n_rows(rows, numbers):
    return int(sum(rows.edges[number + 1] - rows.edges[number] for number in numbers))
