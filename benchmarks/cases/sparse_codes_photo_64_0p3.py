"""Lasso codes of photograph patches, 64 atoms, alpha = 0.3."""

from benchmarks.cases import _sparse

# With few atoms, most of the time goes into short loops that vector instructions do not speed up.
CASE = _sparse.coding_case(
    "Codes of 10000 8 x 8 photograph patches, 64 atoms, alpha = 0.3",
    _sparse.photo_patches,
    n_atoms=64,
    alpha=0.3,
    over_spams=2.0,
    over_sklearn=15.0,
)
