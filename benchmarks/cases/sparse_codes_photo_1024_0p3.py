"""Lasso codes of photograph patches, 1024 atoms, alpha = 0.3."""

from benchmarks.cases import _sparse

CASE = _sparse.coding_case(
    "Codes of 10000 8 x 8 photograph patches, 1024 atoms, alpha = 0.3",
    _sparse.photo_patches,
    n_atoms=1024,
    alpha=0.3,
)
