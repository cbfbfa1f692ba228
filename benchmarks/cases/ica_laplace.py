"""Independent component analysis of 50 Laplacian sources on one core."""

from benchmarks.cases import _ica_laplace

CASE = _ica_laplace.case(
    10_000,
    50,
    threads=1,
    most_seconds=0.25,
    free_seconds=0.25,
    over_tight=1.0,
    repeats=9,
)
