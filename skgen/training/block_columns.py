"""What is known of the columns of rows in blocks."""

from functools import cached_property

import numpy as np

from skgen.kernels.row_blocks import RowBlocks
from skgen.training.columns import N_SAMPLE, Columns
from skgen.training.rows import representatives


class BlockColumns(Columns):
    """Measures of the columns of rows in blocks: one pass takes them all, and the sample.

    Parameters
    ----------
    X : RowBlocks of shape (n_samples, n_features)
        Rows, not empty.
    weight, earlier, y
        As of ``Columns``.
    """

    def at_hand(self):
        """Rows of the sample, in which weighted ones stand as often as their weight says."""
        return self.sample(), None

    def sample(self, n_rows=N_SAMPLE):
        """At most so many rows of this call, at random and always the same; all if fewer."""
        rows, _ = self._passed
        return rows[:: -(-len(rows) // n_rows)]

    def own_moments(self):
        """Mean and variance of each column of the rows of this call."""
        return self._own["moments"]

    @property
    def _own(self):
        return self._passed[1]

    @cached_property
    def _passed(self):
        """The sample, and the record of the rows of this call alone."""
        X, weight = self.X, self.weight
        numbers = _numbers_of_sample(X, weight)
        sample = np.empty((len(numbers), X.shape[1]), X.dtype)
        total = len(X) if weight is None else weight.sum()
        record = None
        for block in X.numbers():
            rows, span = X.read(block), X.span(block)
            own = None if weight is None else weight[span]
            fraction = (len(rows) if own is None else own.sum()) / total
            part = Columns(rows, own, record, n_new=fraction * self.n_new)
            part.total(), part.extremes(), part.fraction_at_ends()
            part.moments(), part.kurtosis()
            record = part.record()
            first, last = np.searchsorted(numbers, (span.start, span.stop))
            sample[first:last] = rows[numbers[first:last] - span.start]
        return sample, record

    def _total(self):
        return self._own["total"]

    def _extremes(self):
        return self._own["extremes"]

    def _fraction_at_ends(self):
        return self._own["ends"]

    def _shape(self):
        return self._own["shape"]


def _numbers_of_sample(X, weight):
    """Sorted numbers of the rows that stand for all."""
    n_picks = min(len(X), N_SAMPLE)
    if weight is not None:
        return representatives(weight, n_picks).numpy()
    return np.sort(np.random.default_rng(0).choice(len(X), n_picks, replace=False))


def columns_of(X, *about):
    """The ``Columns`` of an array, a sparse matrix or rows in blocks."""
    return (BlockColumns if isinstance(X, RowBlocks) else Columns)(X, *about)
