"""Two-sample measures against sums over pairs and against theory."""

import numpy as np
import pytest

from skgen.kernels.two_sample.coverage import coverage, perfect_coverage
from skgen.kernels.two_sample.distances import evenly_spaced, length_scales, squared_distances
from skgen.kernels.two_sample.mmd import bandwidths_between, block_mmd2, unbiased_mmd2


def test_distances_with_a_large_mean(rng):
    X, Y = rng.standard_normal((2, 6, 3)) + 1e6
    expected = ((X[:, None] - Y[None]) ** 2).sum(-1)
    np.testing.assert_allclose(squared_distances(X, Y), expected, rtol=1e-6, atol=1e-8)


def test_mmd_against_sums_over_pairs(rng):
    X, Y = rng.standard_normal((5, 2)), rng.standard_normal((4, 2)) + 1
    widths = (0.5, 2.0)

    def kernel(a, b):
        return np.mean([np.exp(-((a - b) ** 2).sum() / (2 * w**2)) for w in widths])

    xx = np.mean([kernel(X[i], X[j]) for i in range(5) for j in range(5) if i != j])
    yy = np.mean([kernel(Y[i], Y[j]) for i in range(4) for j in range(4) if i != j])
    xy = np.mean([kernel(a, b) for a in X for b in Y])
    assert unbiased_mmd2(X, Y, widths) == pytest.approx(xx + yy - 2 * xy, abs=1e-12)


def test_mmd_is_unbiased_under_the_null(rng):
    values = [unbiased_mmd2(*rng.standard_normal((2, 30, 2)), (1.0,)) for _ in range(400)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 20


def test_mmd_of_two_gaussians_against_its_closed_form(rng):
    # E k(x, y) of N(0, 1) and N(m, 1) under a Gaussian kernel of width b is a Gaussian density.
    m, b, n = 1.5, 0.8, 4000
    X, Y = rng.standard_normal((n, 1)), rng.standard_normal((n, 1)) + m
    total = b**2 + 2
    same, apart = b / np.sqrt(total), b / np.sqrt(total) * np.exp(-(m**2) / (2 * total))
    assert unbiased_mmd2(X, Y, (b,)) == pytest.approx(2 * (same - apart), abs=0.02)


def test_blocks_average_what_they_see(rng):
    X, Y = rng.standard_normal((2, 40, 2))
    halves = [unbiased_mmd2(X[s], Y[s], (1.0,)) for s in (slice(0, 20), slice(20, 40))]
    assert block_mmd2(X, Y, (1.0,), block=20) == pytest.approx(np.mean(halves))
    assert block_mmd2(X, Y, (1.0,)) == pytest.approx(unbiased_mmd2(X, Y, (1.0,)))


def test_bandwidths_span_the_two_lengths():
    widths = bandwidths_between(0.01, 1.0)
    np.testing.assert_allclose(widths[[0, 2, -1]], [0.01, 0.1, 1.0])


def test_length_scales_of_clusters(rng):
    centers = np.array([[0, 0], [0, 10], [10, 0], [10, 10.0]])
    X = np.repeat(centers, 500, axis=0) + 0.1 * rng.standard_normal((2000, 2))
    fine, coarse = length_scales(X)
    assert 0.01 < fine < 0.1
    assert 5 < coarse < 15


@pytest.mark.parametrize("X", [np.zeros((1, 3)), np.zeros((5, 3)), np.eye(2)])
def test_length_scales_are_positive(X):
    fine, coarse = length_scales(X)
    assert 0 < fine <= coarse


def test_coverage_of_the_same_distribution(rng):
    X, Y = rng.standard_normal((2, 1500, 3))
    assert coverage(X, Y) == pytest.approx(perfect_coverage(1500, 1500), abs=0.02)
    assert coverage(X, X) == 1


def test_coverage_counts_lost_modes(rng):
    X = np.repeat([[0.0], [10.0]], 400, axis=0) + 0.1 * rng.standard_normal((800, 1))
    assert coverage(X, X[:400]) == pytest.approx(0.5)


def test_evenly_spaced():
    X = np.arange(10)
    np.testing.assert_array_equal(evenly_spaced(X, 5), X[::2])
    np.testing.assert_array_equal(evenly_spaced(X, 20), X)
