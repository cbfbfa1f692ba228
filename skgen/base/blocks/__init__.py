"""Rows in blocks that lie beyond memory, read one by one: of dask, on disk, or in sequences."""

from skgen.base.blocks.checked import checked_blocks
from skgen.base.blocks.fits import fit_of_blocks
from skgen.base.blocks.sources import at_hand, source_of
from skgen.base.blocks.verbs import by_blocks, lazy_verbs, refuse_lazy

__all__ = [
    "at_hand",
    "by_blocks",
    "checked_blocks",
    "fit_of_blocks",
    "lazy_verbs",
    "refuse_lazy",
    "source_of",
]
