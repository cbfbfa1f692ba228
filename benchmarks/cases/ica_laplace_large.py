"""Independent component analysis of 64 Laplacian sources in many rows, on one core."""

from benchmarks.cases import _ica_laplace

CASE = _ica_laplace.case(
    100_000,
    64,
    # A BLAS of two threads would wait for a neighbor of the run; one core meets the goal of two.
    threads=1,
    most_seconds=2.0,
    free_seconds=4.0,
    over_tight=3.0,
    repeats=3,
)
