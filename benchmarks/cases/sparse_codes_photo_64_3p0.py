"""Lasso codes of photograph patches, 64 atoms, alpha = 3.0."""

from benchmarks.cases import _sparse

CASE = _sparse.coding_case(
    "Codes of 10000 8 x 8 photograph patches, 64 atoms, alpha = 3",
    _sparse.photo_patches,
    n_atoms=64,
    alpha=3.0,
)
