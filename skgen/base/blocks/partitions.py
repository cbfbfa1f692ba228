"""The blocks of rows of collections of dask."""

import sys

import numpy as np


def is_lazy(X):
    """Whether X is a collection of dask; who has one has imported dask."""
    dask = sys.modules.get("dask")
    return dask is not None and dask.is_dask_collection(X)


def check_two_dimensions(X):
    """Refuse what has no rows and columns."""
    if len(np.shape(X)) != 2:
        raise ValueError(f"X has shape {np.shape(X)}; blocks of rows need two dimensions.")


def delayed_blocks(X):
    """The blocks of rows of a collection, which are computed one by one."""
    if not hasattr(X, "map_partitions") and X.ndim == 2:
        X = X.rechunk({1: -1})
    return list(np.ravel(X.to_delayed()))


def block_sizes(X):
    """Rows of each block."""
    if hasattr(X, "map_partitions"):
        return list(X.map_partitions(len).compute())
    if np.isnan(X.shape[0]):
        X = X.compute_chunk_sizes()
    return list(X.chunks[0])
