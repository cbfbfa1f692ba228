"""Lasso codes of photograph patches, 1024 atoms, alpha = 3.0."""

from benchmarks.cases import _sparse

# With two non-zeros a row, the product of rows and atoms is a third to a half of the time.
CASE = _sparse.coding_case(
    "Codes of 10000 8 x 8 photograph patches, 1024 atoms, alpha = 3",
    _sparse.photo_patches,
    n_atoms=1024,
    alpha=3.0,
    over_spams=2.5,
)
