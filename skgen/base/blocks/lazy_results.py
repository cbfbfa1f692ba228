"""Lazy results of the blocks of a collection of dask."""

import numpy as np

from skgen.base.warn import held

NO_FRAMES = (
    "set_output asks for frames, which would not be lazy here, but X is a {} of dask; call "
    "set_output(transform='default')."
)


def lazy_result(of_rows, source, own, draws):
    """What ``of_rows(rows, **arguments)`` makes of each block, in a collection.

    Parameters
    ----------
    of_rows : callable
        Returns rows or numbers, one for each row.
    source : Collection
        The rows.
    own : list of dict
        Arguments of each block.
    draws : bool
        Whether ``of_rows`` draws, rows on the last axis but one; it has a seed in each block then.
    """
    X, found = source.X, _of_one_row(of_rows, source.X, {"random_state": 0} if draws else {})
    if any(own):
        return _delayed_result(of_rows, source, own, found, axis=found.ndim - 2 if draws else 0)
    if hasattr(X, "map_partitions"):
        return X.map_partitions(_unless_empty, of_rows, found[:0], meta=found[:0])
    X = X.rechunk({1: -1})
    return X.map_blocks(
        of_rows,
        dtype=found.dtype,
        chunks=(X.chunks[0], *((k,) for k in found.shape[1:])),
        drop_axis=None if found.ndim == 2 else 1,
        meta=found[:0],
    )


def _delayed_result(of_rows, source, own, found, axis):
    import dask
    import dask.array as da

    nothing = found[(slice(None),) * axis + (slice(0),)] if axis else found[:0]
    call, X = dask.delayed(_unless_empty), source.X
    parts = [
        call(source.part(number), of_rows, nothing, **arguments)
        for number, arguments in enumerate(own)
    ]
    if not isinstance(found, np.ndarray):
        import dask.dataframe as dd

        return dd.from_delayed(parts, meta=nothing)
    sizes = X.chunks[0] if hasattr(X, "chunks") else [np.nan] * len(parts)
    blocks = [
        da.from_delayed(part, (*found.shape[:axis], size, *found.shape[axis + 1 :]), found.dtype)
        for part, size in zip(parts, sizes)
    ]
    return da.concatenate(blocks, axis=axis, allow_unknown_chunksizes=True)


def _of_one_row(of_rows, X, arguments):
    """Results of a single row, for their type and their shape."""
    row = X.head(1, npartitions=-1) if hasattr(X, "map_partitions") else None
    with held(Warning):
        found = of_rows(np.zeros((1, X.shape[1]), X.dtype) if row is None else row, **arguments)
    if not (isinstance(found, np.ndarray) or (row is not None and hasattr(found, "iloc"))):
        raise ValueError(NO_FRAMES.format(type(X).__name__))
    return found


def _unless_empty(rows, of_rows, nothing, **arguments):
    """Partitions of a frame may have no row."""
    return of_rows(rows, **arguments) if len(rows) else nothing
