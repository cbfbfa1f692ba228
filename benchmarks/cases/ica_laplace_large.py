"""Independent component analysis of 64 Laplacian sources in many rows, on two cores."""

from benchmarks.cases import _ica_laplace

CASE = _ica_laplace.case(
    100_000,
    64,
    threads=2,
    most_seconds=2.0,
    free_seconds=4.0,
    over_tight=3.0,
    repeats=3,
)
