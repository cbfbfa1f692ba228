"""Maximum mean discrepancy and its permutation test."""

import numpy as np
import pytest
from scipy.stats import kstest

from skgen.kernels.two_sample.mmd import unbiased_mmd2, weighted_mmd2
from skgen.metrics import maximum_mean_discrepancy


def test_the_statistic_is_the_mean_over_pairs(rng):
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((21, 3)) + 0.5
    for bandwidth in (0.7, [0.5, 2.0]):
        result = maximum_mean_discrepancy(X, Y, bandwidth=bandwidth)
        expected = unbiased_mmd2(X, Y, np.atleast_1d(bandwidth))
        assert result.statistic == pytest.approx(expected, abs=1e-12)
        assert np.isnan(result.p_value)


def test_the_median_heuristic_is_the_median_of_pooled_distances(rng):
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((20, 3))
    Z = np.concatenate([X, Y])
    distances = np.linalg.norm(Z[:, None] - Z, axis=2)[np.triu_indices(50, 1)]
    (bandwidth,) = maximum_mean_discrepancy(X, Y).bandwidths
    assert bandwidth == pytest.approx(np.median(distances))


def test_blocks_change_nothing(rng):
    Z, A, B = rng.standard_normal((25, 2)), rng.random((25, 3)), rng.random((25, 3))
    A, B = A / A.sum(axis=0), B / B.sum(axis=0)
    whole, blocks = (weighted_mmd2(Z, A, B, [1.0], size) for size in (100, 4))
    np.testing.assert_allclose(blocks, whole, atol=1e-14)


def test_whole_weights_are_worth_as_many_pairs_of_different_rows(rng):
    """Beside repeated rows only the pairs of a row with its own copies are missing."""
    X, Y = rng.standard_normal((12, 2)), rng.standard_normal((15, 2))
    weight = rng.integers(0, 4, 12)
    result = maximum_mean_discrepancy(X, Y, bandwidth=1.0, sample_weight=weight)

    def kernel(A, B):
        return np.exp(-((A[:, None] - B) ** 2).sum(-1) / 2)

    w = weight / weight.sum()
    W = np.outer(w, w) * (1 - np.eye(12))
    within_y = (kernel(Y, Y).sum() - 15) / (15 * 14)
    expected = (W * kernel(X, X)).sum() / W.sum() + within_y - 2 * w @ kernel(X, Y).mean(axis=1)
    assert result.statistic == pytest.approx(expected, abs=1e-12)


def test_p_values_are_uniform_without_a_difference():
    rng = np.random.default_rng(1)
    values = [
        maximum_mean_discrepancy(
            rng.standard_normal((30, 2)),
            rng.standard_normal((20, 2)),
            n_permutations=99,
            random_state=rng.integers(2**31 - 1).item(),
        ).p_value
        for _ in range(200)
    ]
    # They are whole hundredths, each equally probable.
    assert kstest(np.array(values) - rng.random(200) / 100, "uniform").pvalue > 0.01


def test_rows_that_are_all_the_same_differ_by_nothing():
    ones = np.ones((5, 2))
    result = maximum_mean_discrepancy(ones, ones, n_permutations=9)
    assert result.statistic == pytest.approx(0, abs=1e-12)
    assert result.p_value == 1


def test_units_matter_unless_standardized(rng):
    X, Y = rng.standard_normal((40, 2)), rng.standard_normal((40, 2)) + [1, 0]
    units = np.array([1.0, 1e3])
    plain, scaled = (maximum_mean_discrepancy(X * u, Y * u) for u in (1.0, units))
    assert scaled.statistic != pytest.approx(plain.statistic, rel=0.01)
    plain, scaled = (maximum_mean_discrepancy(X * u, Y * u, standardize=True) for u in (1.0, units))
    assert scaled.statistic == pytest.approx(plain.statistic)


def test_float32_with_a_large_mean_keeps_its_digits(rng):
    X, Y = (rng.integers(-8, 8, (2, 40, 2)) + 2**20).astype(np.float32)
    near = maximum_mean_discrepancy(X - 2**20, Y - 2**20, bandwidth=3.0).statistic
    assert maximum_mean_discrepancy(X, Y, bandwidth=3.0).statistic == pytest.approx(near, abs=1e-12)


def test_what_it_refuses(rng):
    X = rng.standard_normal((5, 2))
    with pytest.raises(ValueError, match="Y has 3 columns, but X has 2"):
        maximum_mean_discrepancy(X, np.ones((5, 3)))
    with pytest.raises(ValueError, match=r"bandwidth=-1 must be positive"):
        maximum_mean_discrepancy(X, X, bandwidth=-1)
    with pytest.raises(ValueError, match="neither numbers nor 'median'"):
        maximum_mean_discrepancy(X, X, bandwidth="mean")
    with pytest.raises(ValueError, match="weighted rows cannot be permuted"):
        maximum_mean_discrepancy(X, X, sample_weight=np.ones(5), n_permutations=9)
    with pytest.raises(ValueError, match="leaves one row"):
        maximum_mean_discrepancy(X, X, sample_weight=[1, 0, 0, 0, 0])
    with pytest.raises(ValueError, match="Input Y contains NaN"):
        maximum_mean_discrepancy(X, np.full((5, 2), np.nan))
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        maximum_mean_discrepancy(X, X[:1])
