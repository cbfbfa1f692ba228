"""Rows that lie in blocks, whatever holds them, with what an array of them would tell."""

from functools import partial

import numpy as np

# Bytes of rows that training holds at once, while it reads as many ahead.
HELD = 2**26


class RowBlocks:
    """Rows in blocks, of which only those are in memory that somebody reads.

    It has the shape and the type of an array, and ``X[numbers]`` and ``X[start:stop:step]`` are
    arrays: who wants few rows need not know that there are blocks.

    Parameters
    ----------
    sizes : sequence of int
        Rows of each block.
    read : callable
        ``read(number)`` returns the rows of a block, (size, n_features).
    n_features : int
        Number of columns.
    dtype : dtype
        Type of the values.
    """

    ndim = 2

    def __init__(self, sizes, read, n_features, dtype):
        self.edges = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self.read, self.dtype = read, np.dtype(dtype)
        self.shape = int(self.edges[-1]), int(n_features)
        self.size = self.shape[0] * self.shape[1]
        self.nbytes = self.size * self.dtype.itemsize

    def __len__(self):
        return self.shape[0]

    def __array__(self, dtype=None, copy=None):
        raise TypeError("X lies in blocks, which would be read as a whole here; read some rows.")

    def __iter__(self):
        """The rows of each block that has some, read when asked for."""
        return (self.read(number) for number in self.numbers())

    def __getitem__(self, rows):
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        rows = np.asarray(rows)
        out = np.empty((len(rows), self.shape[1]), self.dtype)
        places = np.searchsorted(self.edges, rows, side="right") - 1
        for number in np.unique(places):
            here = places == number
            out[here] = self.read(number)[rows[here] - self.edges[number]]
        return out

    def numbers(self):
        """Numbers of the blocks that have rows."""
        return np.flatnonzero(np.diff(self.edges))

    def span(self, number):
        """Slice of the rows of a block among all rows."""
        return slice(self.edges[number], self.edges[number + 1])

    def fraction_held(self):
        """Fraction of the rows, 1 for all of them, that may be in memory at once."""
        return min(1.0, HELD / max(1, self.nbytes))

    def groups(self, numbers):
        """Runs of block numbers whose rows are held together: one block, or as many as fit."""
        of_block = np.diff(self.edges) * (self.nbytes // max(1, len(self)))
        found, held = [], HELD + 1
        for number in numbers:
            held += of_block[number]
            if held > HELD:
                found.append([])
                held = of_block[number]
            found[-1].append(int(number))
        return found

    def whole(self):
        """All rows as an array."""
        return np.concatenate(list(self), dtype=self.dtype)

    def only(self, kept):
        """The rows for which ``kept`` (n_samples,) is true."""
        parts = [
            np.flatnonzero(kept[start:stop]) for start, stop in zip(self.edges, self.edges[1:])
        ]
        sizes = [len(part) for part in parts]
        return RowBlocks(sizes, lambda number: self.read(number)[parts[number]], *self._type())

    def beside(self, columns):
        """The rows with columns (n_samples, k) behind their own."""
        read = partial(_with_columns, self, columns)
        sizes, (n_features, dtype) = np.diff(self.edges), self._type()
        return RowBlocks(sizes, read, n_features + columns.shape[1], dtype)

    def map(self, function):
        """What a function makes of the rows of each block, row by row."""
        like = function(self[:1])

        def read(number):
            return function(self.read(number))

        return RowBlocks(np.diff(self.edges), read, like.shape[1], like.dtype)

    def astype(self, dtype, copy=False):
        """The rows in another type."""
        return self.map(lambda rows: rows.astype(dtype, copy=copy))

    def _type(self):
        return self.shape[1], self.dtype


def _with_columns(blocks, columns, number):
    rows = blocks.read(number), columns[blocks.span(number)]
    return np.concatenate(rows, axis=1, dtype=blocks.dtype)


def each_part(X):
    """The blocks of rows in blocks one by one, or an array itself."""
    return X if isinstance(X, RowBlocks) else (X,)
