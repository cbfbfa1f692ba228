"""Verbs of rows that lie in blocks: their results are lazy, and lie in as many."""

import sys
from functools import partial, wraps

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.base.sklearn_compat import output_container


def is_lazy(X):
    """Whether X is a collection of dask; who has one has imported dask."""
    dask = sys.modules.get("dask")
    return dask is not None and dask.is_dask_collection(X)


def refuse_lazy(estimator, X):
    """Refuse a collection where it would have to be read as a whole."""
    if is_lazy(X):
        raise TypeError(
            f"X is a {type(X).__name__} of dask, which this method of {type(estimator).__name__} "
            "would read as a whole; give its blocks one by one, or X.compute() where it fits."
        )


def by_blocks(verb):
    """Decorate a verb whose results are rows or numbers, one for each row of X.

    Of a collection of dask it gives a lazy array, in blocks as those of X. What is wrong with the
    columns of X is said at once.
    """

    @wraps(verb)
    def by_block(self, X, *args, **kwargs):
        if not is_lazy(X):
            return verb(self, X, *args, **kwargs)
        given = [name for name, value in kwargs.items() if value is not None]
        if given or any(value is not None for value in args):
            raise TypeError(
                f"{verb.__name__} takes no {given[0] if given else 'y'} beside rows in blocks of "
                "dask; give the blocks one by one."
            )
        check_is_fitted(self)
        container = output_container(self)
        if container != "default":
            raise ValueError(
                f"set_output asks for frames of {container!r}, which are not lazy, but X is a "
                "collection of dask; call set_output(transform='default')."
            )
        of_rows = partial(verb, self)
        if hasattr(X, "map_partitions"):
            found = of_rows(X.head(1, npartitions=-1))
            return X.map_partitions(_unless_empty, of_rows, found[:0], meta=found[:0])
        found = of_rows(np.zeros((1, X.shape[1]), X.dtype))
        X = X.rechunk({1: -1})
        return X.map_blocks(
            of_rows,
            dtype=found.dtype,
            chunks=(X.chunks[0], *((k,) for k in found.shape[1:])),
            drop_axis=None if found.ndim == 2 else 1,
            meta=found[:0],
        )

    return by_block


def _unless_empty(rows, of_rows, nothing):
    """Partitions of a frame may have no row."""
    return of_rows(rows) if len(rows) else nothing
