"""Precision, recall, density and coverage: definitions, analytic expectations, blocks."""

import numpy as np
import pytest
from sklearn import config_context

from skgen.kernels.two_sample.coverage import coverage, perfect_coverage
from skgen.metrics import density_coverage, precision_recall_f1


def distances(A, B):
    return np.linalg.norm(A[:, None] - B, axis=2)


def radii(X, k):
    return np.sort(distances(X, X), axis=1)[:, k]


def test_density_and_coverage_by_their_definition(rng):
    X, Y = rng.standard_normal((80, 3)), rng.standard_normal((50, 3)) + 0.4
    inside = distances(X, Y) <= radii(X, 4)[:, None]
    result = density_coverage(X, Y, n_neighbors=4)
    assert result.density == pytest.approx(inside.sum() / (4 * 50))
    assert result.coverage == pytest.approx(inside.any(axis=1).mean())
    assert result.coverage == pytest.approx(coverage(X, Y, 4))


def test_precision_and_recall_by_their_definition(rng):
    X, Y = rng.standard_normal((80, 3)), rng.standard_normal((50, 3)) + 0.4
    precision = (distances(Y, X) <= radii(X, 3)).any(axis=1).mean()
    recall = (distances(X, Y) <= radii(Y, 3)).any(axis=1).mean()
    result = precision_recall_f1(X, Y)
    assert result.precision == pytest.approx(precision)
    assert result.recall == pytest.approx(recall)
    assert result.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert precision_recall_f1(X, Y + 1e3) == (0, 0, 0)


@pytest.mark.parametrize("d", [2, 20])
def test_a_perfect_model_has_what_theory_expects(d, rng):
    results = [density_coverage(*rng.standard_normal((2, 1000, d))) for _ in range(8)]
    expected = 1 - np.prod([(1000 - i) / (2000 - i) for i in range(1, 6)])
    assert expected == pytest.approx(0.96877, abs=5e-4)
    assert results[0].expected_coverage == pytest.approx(expected)
    assert np.mean([r.coverage for r in results]) == pytest.approx(0.96877, abs=0.01)
    assert np.mean([r.density for r in results]) == pytest.approx(1, abs=0.05)


def test_so_it_has_in_samples_of_other_sizes(rng):
    results = [
        density_coverage(rng.standard_normal((200, 2)), rng.standard_normal((600, 2)))
        for _ in range(20)
    ]
    expected = perfect_coverage(200, 600)
    assert np.mean([r.coverage for r in results]) == pytest.approx(expected, abs=0.01)
    assert np.mean([r.density for r in results]) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("rate", [0.3, 2])
def test_so_it_has_of_counts(rate, rng):
    results = [density_coverage(*rng.poisson(rate, (2, 500, 2)).astype(float)) for _ in range(20)]
    # Where the last neighbor is one of several as near, a ball is a little larger than counted.
    assert np.mean([r.density for r in results]) == pytest.approx(1, abs=0.15)
    assert np.mean([r.coverage for r in results]) > 0.96


def test_lost_modes_are_not_covered(rng):
    centers = np.array([[0.0, 0], [20, 0], [0, 20], [20, 20]])
    X = centers[rng.integers(4, size=800)] + rng.standard_normal((800, 2))
    Y = centers[rng.integers(3, size=800)] + rng.standard_normal((800, 2))
    lost = (X > 10).all(axis=1)
    result = density_coverage(X, Y)
    assert result.coverage == pytest.approx(0.97 * (1 - lost.mean()), abs=0.02)
    # With the weight of what the draws lack at zero nothing is missing.
    kept = density_coverage(X, Y, sample_weight=1.0 - lost)
    assert kept.coverage > 0.95
    assert kept.density > result.density


def test_equal_weights_change_nothing(rng):
    X, Y = rng.integers(0, 3, (2, 60, 2)).astype(float)
    plain, weighted = (density_coverage(X, Y, sample_weight=w) for w in (None, np.full(60, 7.0)))
    np.testing.assert_allclose(weighted, plain)


def test_blocks_change_nothing(rng):
    X, Y = rng.standard_normal((600, 3)), rng.standard_normal((500, 3))
    whole = density_coverage(X, Y), precision_recall_f1(X, Y)
    with config_context(working_memory=0.05):  # a dozen rows
        assert (density_coverage(X, Y), precision_recall_f1(X, Y)) == whole


def test_a_large_mean_changes_nothing(rng):
    X, Y = np.round(rng.standard_normal((2, 100, 2)) * 64)
    far = 2.0**40
    assert density_coverage(X + far, Y + far) == density_coverage(X, Y)
    assert precision_recall_f1(X + far, Y + far) == precision_recall_f1(X, Y)


def test_what_they_refuse():
    X = np.arange(10.0).reshape(5, 2)
    with pytest.raises(ValueError, match="n_neighbors=5 needs more rows"):
        density_coverage(X, X)
    with pytest.raises(ValueError, match="All rows of X are the same"):
        density_coverage(np.ones((9, 2)), X)
    with pytest.raises(ValueError, match="minimum of 6 is required"):
        precision_recall_f1(X, X, n_neighbors=5)
