"""Lasso codes of Kodak patches of unit standard deviation, 256 atoms, alpha = 1."""

from benchmarks.cases import _sparse
from benchmarks.core import Headline

CASE = _sparse.coding_case(
    "Codes of 10000 8 x 8 Kodak patches, 256 atoms, alpha = 1",
    _sparse.kodak_patches,
    n_atoms=256,
    alpha=1.0,
    headline=Headline("faster", over="SPAMS lasso"),
)
