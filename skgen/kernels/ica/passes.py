"""Passes over the rows: all that one step of a solver needs, block by block on several threads."""

from collections import deque
from typing import NamedTuple

import numpy as np

from skgen.kernels.ica.mixture_rows import add_counts
from skgen.kernels.ica.source_density import CELLS

BLOCK_FLOATS = 1 << 16  # of sources and of their scores, which together stay in the second cache
COUNTED_PARTS = 4
PARTS = 32  # sums kept apart, so that no number of threads changes a result


class Statistics(NamedTuple):
    """Means over the rows at one unmixing matrix."""

    loss: np.ndarray  # (k,) of the contrast of each source
    slope: np.ndarray  # (k,) of its second derivative
    moment: np.ndarray  # (k, k) of score times source


class Pass:
    """Means of a contrast over white rows, as a function of the unmixing matrix.

    Parameters
    ----------
    Z : ndarray of shape (n, k)
        White rows.
    weight : ndarray of shape (n,) or None
        Weights of the rows; None means one each.
    contrast : callable
        Kernel ``(Y, w, P, loss, slope)``.
    workers : RowWorkers
        Entered.
    covariance : ndarray of shape (k, k) or None
        That of the rows; None where they are white.
    """

    def __init__(self, Z, weight, contrast, workers, covariance=None):
        self.Z, self.contrast, self._workers = Z, contrast, workers
        self._covariance = covariance
        n, k = Z.shape
        self.precision = Z.dtype
        self._weight = np.ones(n) if weight is None else weight
        self._total = float(self._weight.sum())
        self._block = max(64, BLOCK_FLOATS // k)
        self._chunk = self._block * max(1, -(-n // (PARTS * self._block)))
        self._idle = deque()

    def __call__(self, W):
        """The statistics of the sources ``Z @ W.T``."""
        n, k = self.Z.shape
        W = np.ascontiguousarray(W.T, dtype=self.Z.dtype)
        starts = range(0, n, self._chunk)
        loss, slope = np.zeros((2, len(starts), k))
        moment = np.zeros((len(starts), k, k))

        def task(rows):
            part = rows.start // self._chunk
            buffers = self._buffers(k)
            for start in range(rows.start, rows.stop, self._block):
                block = slice(start, min(start + self._block, rows.stop))
                Y, P = (b[: block.stop - block.start] for b in buffers)
                np.matmul(self.Z[block], W, out=Y)
                self.contrast(Y, self._weight[block], P, loss[part], slope[part])
                moment[part] += P.T @ Y
            self._idle.append(buffers)

        self._workers.run(task, n, self._chunk)
        sums = loss.sum(axis=0), slope.sum(axis=0), moment.sum(axis=0)
        return Statistics(*(s / self._total for s in sums))

    def counts(self, W):
        """Counts (k, cells) of the sources ``Z @ W.T`` in the cells of their densities."""
        n, k = self.Z.shape
        W = np.ascontiguousarray(W.T, dtype=self.Z.dtype)
        chunk = self._block * max(1, -(-n // (COUNTED_PARTS * self._block)))
        parts = np.zeros((-(-n // chunk), k, CELLS))

        def task(rows):
            for start in range(rows.start, rows.stop, self._block):
                block = slice(start, min(start + self._block, rows.stop))
                add_counts(self.Z[block] @ W, self._weight[block], parts[rows.start // chunk])

        self._workers.run(task, n, chunk)
        return parts.sum(axis=0)

    def noise(self, n_errors):
        """So many standard errors of a mean of unit variance over the rows."""
        return n_errors / np.sqrt(self._total)

    def second_moment(self, W):
        """Second moment of the sources, shape (k, k)."""
        return W @ W.T if self._covariance is None else W @ self._covariance @ W.T

    def _buffers(self, k):
        try:
            return self._idle.pop()
        except IndexError:
            return tuple(np.empty((2, self._block, k), self.Z.dtype))
