"""What rows in blocks come from: collections of dask, arrays on disk, and sequences of arrays.

Each source has the ``sizes`` of its blocks, and ``read(number)`` gives the rows of one as they are.
``like`` tells the names and types of columns, and ``part(number)`` is a block, perhaps lazy.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from scipy.sparse import issparse, vstack

from skgen.base.blocks.partitions import (
    block_sizes,
    check_two_dimensions,
    delayed_blocks,
    is_lazy,
)

# Bytes of a block of an array that is cut here.
CUT = 2**24
# Of arrays in memory, whoever made them.
IN_MEMORY = "__array_interface__", "__cuda_array_interface__", "__array_namespace__", "__dlpack__"


class Collection:
    """Blocks of a collection of dask, computed where dask computes."""

    is_lazy = True

    def __init__(self, X):
        check_two_dimensions(X)
        self.X, self.parts = X, delayed_blocks(X)
        self.like = getattr(X, "_meta", X) if hasattr(X, "map_partitions") else X

    def __len__(self):
        return len(self.parts)

    @cached_property
    def sizes(self):
        """Rows of each block, which of a frame are counted by reading it."""
        return block_sizes(self.X)

    def part(self, number):
        """A block that is not read yet."""
        return self.parts[number]

    def read(self, number):
        """The rows of a block."""
        return self.parts[number].compute()


class OnDisk:
    """Slices of an array that is read by ``X[start:stop]``, as those of HDF5 and Zarr are."""

    is_lazy = False

    def __init__(self, X):
        check_two_dimensions(X)
        n_rows, n_features = X.shape
        step = max(1, CUT // max(1, n_features * X.dtype.itemsize))
        # What is stored as a whole is read as a whole.
        stored = (getattr(X, "chunks", None) or (1,))[0]
        self.X, self.step = X, max(1, step // stored) * stored
        self.sizes = np.diff(np.append(np.arange(0, max(1, n_rows), self.step), n_rows))
        self.like = np.empty((0, n_features), X.dtype)

    def __len__(self):
        return len(self.sizes)

    def read(self, number):
        """The rows of a block."""
        start = number * self.step
        return np.asarray(self.X[start : start + self.step])

    part = read


class InTurn:
    """A sequence of arrays or frames, such as a list of memory maps."""

    is_lazy = False

    def __init__(self, X):
        for part in X:
            check_two_dimensions(part)
        self.X, self.sizes, self.like = X, [np.shape(part)[0] for part in X], X[0]

    def __len__(self):
        return len(self.sizes)

    def read(self, number):
        """The rows of a block."""
        rows = at_hand(self.X[number])
        return rows if hasattr(rows, "shape") else np.asarray(rows)

    part = read


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
            f"X is a {type(X).__name__}, which can be read once; give a list of arrays, or each "
            "of them to partial_fit, or to a verb."
        )
    if hasattr(X, "shape"):
        return OnDisk if is_on_disk(X) else None
    if isinstance(X, str | Mapping) or not (hasattr(X, "__len__") and hasattr(X, "__getitem__")):
        return None
    return InTurn if len(X) and len(getattr(X[0], "shape", ())) == 2 else None


def at_hand(values):
    """Labels or weights as they are, or as an array where they are lazy."""
    if is_lazy(values):
        return np.asarray(values.compute())
    return np.asarray(values[:]) if is_on_disk(values) else values


def split_beside(source, name, values):
    """Values of each block of a source: lazy where both are, else of one entry a row."""
    if source.is_lazy and is_lazy(values):
        parts = delayed_blocks(values)
        if len(parts) != len(source):
            raise ValueError(
                f"{name} lies in {len(parts)} blocks and X in {len(source)}; rechunk one of them."
            )
        return parts
    values, n_rows = at_hand(values), sum(source.sizes)
    if len(values) != n_rows:
        raise ValueError(
            f"{name} has {len(values)} values, but X has {n_rows} rows; give one a row."
        )
    rows = values.iloc if hasattr(values, "iloc") else values
    return [rows[end - size : end] for size, end in zip(source.sizes, np.cumsum(source.sizes))]


def stacked(parts, numbered=False):
    """Rows of several arrays, sparse matrices or frames as one of them, perhaps numbered anew."""
    if len(parts) == 1:
        return parts[0]
    if any(issparse(part) for part in parts):
        return vstack(parts, format="csr")
    if hasattr(parts[0], "iloc"):
        import pandas as pd

        return pd.concat(parts, ignore_index=numbered)
    if hasattr(parts[0], "columns"):
        import polars as pl

        return pl.concat(parts)
    return np.concatenate(parts)
