"""Digests of what a fit learns from."""

import hashlib
import pickle

import numpy as np
from scipy.sparse import issparse

from skgen.kernels.row_blocks import RowBlocks

# Bytes of X up to which all of it is compared; of more, so many in rows evenly spread.
MOST_COMPARED = 2**26


def digest(arrays):
    """What changes with the values of arrays, of any other data, or their order."""
    found = hashlib.sha256()
    for array in arrays:
        for part in _parts(array):
            found.update(part)
    return found.hexdigest()


def _parts(array):
    """Bytes that tell one of the arrays."""
    if issparse(array):
        array = array.tocsr()
        yield repr(array.shape).encode()
        for part in (array.data, array.indices, array.indptr):
            yield from _parts(part)
        return
    if array is None or not hasattr(array, "shape"):
        yield pickle.dumps(array)
        return
    array = array if isinstance(array, RowBlocks) else np.asarray(array)
    yield f"{array.dtype.str} {array.shape}".encode()
    if array.dtype.hasobject:
        yield repr(array.tolist()).encode()
    elif array.size:
        rows = array if array.ndim else array.reshape(1)
        n_rows = max(1, MOST_COMPARED // max(1, array.nbytes // len(rows)))
        yield np.ascontiguousarray(rows[:: -(-len(rows) // n_rows)]).tobytes()
