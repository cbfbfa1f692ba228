"""What rows in blocks come from: collections of dask, arrays on disk, and sequences of arrays.

Each source has the ``sizes`` of its blocks, and ``read(number)`` gives the rows of one as they are.
"""

import numpy as np
from scipy.sparse import issparse

from skgen.base.blocks.partitions import block_sizes, check_two_dimensions, delayed_blocks
from skgen.base.blocks.verbs import is_lazy
from skgen.kernels.row_blocks import RowBlocks

# Bytes of a block of an array that is cut here.
CUT = 2**24
# Of arrays in memory, whoever made them.
IN_MEMORY = "__array_interface__", "__cuda_array_interface__", "__array_namespace__", "__dlpack__"


class Collection:
    """Blocks of a collection of dask, computed where dask computes."""

    def __init__(self, X):
        check_two_dimensions(X)
        self.parts, self.sizes = delayed_blocks(X), block_sizes(X)

    def read(self, number):
        """The rows of a block."""
        return self.parts[number].compute()


class OnDisk:
    """Slices of an array that is read by ``X[start:stop]``, as those of HDF5 and Zarr are."""

    def __init__(self, X):
        check_two_dimensions(X)
        n_rows, n_features = X.shape
        step = max(1, CUT // max(1, n_features * X.dtype.itemsize))
        # What is stored as a whole is read as a whole.
        stored = (getattr(X, "chunks", None) or (1,))[0]
        self.X, self.step = X, max(1, step // stored) * stored
        self.sizes = np.diff(np.append(np.arange(0, n_rows, self.step), n_rows))

    def read(self, number):
        """The rows of a block."""
        start = number * self.step
        return np.asarray(self.X[start : start + self.step])


class InTurn:
    """A sequence of arrays or frames, such as a list of memory maps."""

    def __init__(self, X):
        for part in X:
            check_two_dimensions(part)
        self.X, self.sizes = X, [part.shape[0] for part in X]

    def read(self, number):
        """The rows of a block."""
        return self.X[number]


def is_on_disk(X):
    """Whether X is like an array, but none of those that are in memory."""
    is_array = isinstance(getattr(X, "dtype", None), np.dtype) and hasattr(X, "ndim")
    in_memory = issparse(X) or any(hasattr(X, name) for name in IN_MEMORY)
    return is_array and not in_memory and not hasattr(X, "iloc")


def source_of(X):
    """The kind of source that X is, or None of anything that is read as an array."""
    if is_lazy(X):
        return Collection
    if hasattr(X, "__next__"):
        raise TypeError(
            f"X is a {type(X).__name__}, which can be read once, but a fit reads rows more than "
            "once; give a list of arrays, or call partial_fit with each."
        )
    if hasattr(X, "shape"):
        return OnDisk if is_on_disk(X) else None
    if isinstance(X, str | dict) or not (hasattr(X, "__len__") and hasattr(X, "__getitem__")):
        return None
    return InTurn if len(X) and len(getattr(X[0], "shape", ())) == 2 else None


def checked_blocks(estimator, X, reset):
    """Rows in blocks as an estimator takes them; None where X is read as an array.

    They are an array where they fit into what training would hold of them. Each block is checked
    when it is read, as an array would be.
    """
    if isinstance(X, RowBlocks):
        # Of a model that this one is a part of, which has checked them.
        estimator._validate(X[:1], reset=reset, training=True)
        return X
    source = source_of(X)
    if source is None:
        return None
    source = source(X)
    filled = np.flatnonzero(source.sizes)
    if not len(filled):
        raise ValueError("X has no row; give some.")
    head = estimator._validate(source.read(filled[0]), reset=reset, training=True)
    if reset:
        estimator._meet(source.read(number) for number in filled[1:])

    def read(number):
        rows = estimator._validate(source.read(number), reset=False, training=True)
        rows = rows.toarray() if issparse(rows) else rows
        return rows.astype(head.dtype, copy=False)

    blocks = RowBlocks(source.sizes, read, head.shape[1], head.dtype)
    return blocks.whole() if blocks.fraction_held() == 1 else blocks


def at_hand(values):
    """Labels or weights as they are, or as an array where they are lazy."""
    if is_lazy(values):
        return np.asarray(values.compute())
    return np.asarray(values[:]) if is_on_disk(values) else values
