"""Which columns a network takes for numbers, bits and categories."""

from typing import NamedTuple

import numpy as np


class Layout(NamedTuple):
    """Columns of rows as the networks see them, by kind.

    Real columns are standardized, and so are those on a grid; bits are 0 and 1, categories are
    numbered from 0.
    """

    n_columns: int
    real: np.ndarray  # column numbers
    grid: np.ndarray
    bits: np.ndarray
    categories: np.ndarray
    half_cell: np.ndarray  # half a cell of each grid
    low: np.ndarray  # closed ends of each grid, infinite where it is open
    high: np.ndarray
    heap_step: np.ndarray  # of each grid, from heap to heap; 0 where there are none
    heap_start: np.ndarray  # one of the heaps
    spread: np.ndarray  # share of the values that are not heaped
    sizes: np.ndarray  # categories of each column of them
    least: np.ndarray  # ends of the range of draws of all numbers, real ones first
    greatest: np.ndarray

    @property
    def numbers(self):
        """Real columns, and then those on a grid."""
        return np.concatenate([self.real, self.grid])
