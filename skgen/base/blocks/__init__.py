"""Rows in blocks that lie beyond memory, as collections of dask, read one by one."""

from skgen.base.blocks.fits import fit_of_blocks
from skgen.base.blocks.verbs import by_blocks, is_lazy, refuse_lazy

__all__ = ["by_blocks", "fit_of_blocks", "is_lazy", "refuse_lazy"]
