"""Lasso codes of photograph patches, 256 atoms, alpha = 1.0."""

from benchmarks.cases import _sparse

CASE = _sparse.coding_case(
    "Codes of 10000 8 x 8 photograph patches, 256 atoms, alpha = 1",
    _sparse.photo_patches,
    n_atoms=256,
    alpha=1.0,
    lars=True,
)
