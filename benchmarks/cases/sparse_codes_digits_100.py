"""Lasso codes of standardised digits, 100 atoms, alpha = 1."""

from benchmarks.cases import _sparse

CASE = _sparse.coding_case(
    "Codes of 1797 standardised digits, 100 atoms, alpha = 1",
    _sparse.digits,
    n_atoms=100,
    alpha=1.0,
)
