"""Rows in blocks for training: each block is checked when it is read, as an array would be."""

import numpy as np
from scipy.sparse import issparse

from skgen.base.blocks.sources import source_of
from skgen.kernels.row_blocks import RowBlocks


def checked_blocks(estimator, X, reset):
    """Rows in blocks as an estimator takes them; None where X is read as an array.

    They are an array where they fit into what training would hold of them.
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
