"""Lasso codes of standardized digits, 100 atoms, alpha = 1."""

from benchmarks.cases import _sparse

# 1797 rows take a few milliseconds, so that fixed costs weigh.
CASE = _sparse.coding_case(
    "Codes of 1797 standardized digits, 100 atoms, alpha = 1",
    _sparse.digits,
    n_atoms=100,
    alpha=1.0,
    over_spams=2.0,
    over_sklearn=15.0,
)
