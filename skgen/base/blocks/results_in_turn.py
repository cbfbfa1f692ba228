"""Results of blocks that are read one after the other, as those of one array."""

from itertools import chain

import numpy as np

from skgen.base.blocks.sources import stacked


def result_in_turn(of_rows, source, own, draws):
    """What ``of_rows(rows, **arguments)`` makes of all rows; no block is held beside another.

    Parameters
    ----------
    of_rows : callable
        Returns rows or numbers, one for each row, or rows of data in frames.
    source : OnDisk or InTurn
        The rows.
    own : list of dict
        Arguments of each block.
    draws : bool
        Whether ``of_rows`` draws, rows on the last axis but one.
    """
    filled = np.flatnonzero(source.sizes)
    numbers = filled if len(filled) else [0]
    results = (of_rows(source.read(number), **own[number]) for number in numbers)
    first = next(results)
    if len(numbers) == 1:
        return first
    if isinstance(first, np.ndarray):
        axis = first.ndim - 2 if draws else 0
        return _in_one_array(chain([first], results), sum(source.sizes), axis)
    numbered = not hasattr(source.like, "iloc")
    if isinstance(first, list):  # a frame a draw
        return [stacked(frames, numbered=numbered) for frames in zip(first, *results)]
    return stacked([first, *results], numbered=numbered)


def _in_one_array(results, n_rows, axis):
    out, stop = None, 0
    for found in results:
        if out is None:
            shape = *found.shape[:axis], n_rows, *found.shape[axis + 1 :]
            out = np.empty(shape, found.dtype)
        if found.dtype != out.dtype:
            out = out.astype(np.promote_types(out.dtype, found.dtype))
        start, stop = stop, stop + found.shape[axis]
        out[(slice(None),) * axis + (slice(start, stop),)] = found
    return out
