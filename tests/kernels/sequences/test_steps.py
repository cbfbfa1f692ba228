"""Moments of rows and their steps against sums over pairs, and merging."""

from collections import Counter

import numpy as np
import pytest

from skgen.kernels.sequences import steps
from skgen.kernels.sequences.slow_directions import quadratic, slow_directions


def by_pairs(X, groups, times, lag):
    """Mean products of speeds, one pair of rows after the other."""
    total, n = 0.0, 0
    for t in range(len(X) - lag):
        if (groups[t : t + lag + 1] == groups[t]).all():
            speed = (X[t + lag] - X[t]) / (times[t + lag] - times[t])
            total, n = total + np.outer(speed, speed), n + 1
    return total / n, n


@pytest.mark.parametrize("lag", [1, 3])
def test_moments_in_blocks_are_those_of_all_pairs(monkeypatch, lag):
    monkeypatch.setattr(steps, "FEWEST_ROWS", 7)
    monkeypatch.setattr("skgen.kernels.moments.BLOCK_BYTES", 1)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 3)) + 5
    groups = np.repeat([0, 1, 0, 2], [20, 9, 19, 2])
    times = np.cumsum(rng.uniform(0.5, 2, 50))
    starts = steps.starts_of(50, groups)
    elapsed = steps.times_between(starts, times)
    found = steps.sequence_moments(X, starts, elapsed, lag, lambda rows: rows)
    speeds, n_steps = by_pairs(X, groups, times, lag)
    assert found.n_rows == 50
    assert found.n_steps == n_steps == sum(found.lengths.values())
    np.testing.assert_allclose(found.mean_speeds, speeds)
    np.testing.assert_allclose(found.covariance, np.cov(X.T, bias=True))
    np.testing.assert_allclose(found.mean, X.mean(axis=0))
    inner = np.diff(times)[groups[1:] == groups[:-1]]
    assert found.duration == pytest.approx(inner.sum())


def test_lengths_keep_four_digits():
    lengths = np.array([0.123449, 0.12346, 98_765.4, 1.0, 2.00004, 999.96, 3e-9])
    expected = [0.1234, 0.1235, 98_770, 1.0, 2.0, 1000.0, 3e-9]
    np.testing.assert_allclose(steps.rounded(lengths), expected, rtol=1e-12)
    # What sums of times differ by in their last digits is one length.
    X, times = np.zeros((40, 1)), np.cumsum(np.full(40, 0.1)) + 1e6
    elapsed = steps.times_between(starts := steps.starts_of(40, None), times)
    assert len(set(elapsed[1:])) > 1
    found = steps.sequence_moments(X, starts, elapsed, 1, lambda rows: rows)
    assert found.lengths == Counter({0.1: 39})


def test_parts_that_overlap_by_the_lag_merge_to_the_whole():
    X = np.random.default_rng(0).standard_normal((40, 2))
    every = np.ones(40)
    every[0] = 0
    starts = every == 0
    whole = steps.sequence_moments(X, starts, every, 2, lambda rows: rows)
    first = steps.sequence_moments(X[:15], starts[:15], every[:15], 2, lambda rows: rows)
    joined = every[13:].copy()
    joined[0] = 0
    second = steps.sequence_moments(X[13:], joined == 0, joined, 2, lambda rows: rows, n_known=2)
    found = steps.merged(first, second)
    assert found.lengths == whole.lengths == Counter({2.0: 38})
    assert (found.n_rows, found.n_steps, found.duration) == (40, 38, 39)
    np.testing.assert_allclose(found.scatter, whole.scatter)
    np.testing.assert_allclose(found.speeds, whole.speeds)
    np.testing.assert_allclose(found.mean, whole.mean)


def test_times_that_do_not_rise_are_refused():
    starts = np.array([True, False, True, False])
    assert steps.times_between(starts, np.array([3.0, 4.0, 1.0, 2.0])).tolist() == [0, 1, 0, 1]
    with pytest.raises(ValueError, match="in row 3"):
        steps.times_between(starts, np.array([3.0, 4.0, 1.0, 1.0]))


def test_products_of_all_pairs():
    Y = np.random.default_rng(0).standard_normal((5, 3))
    pairs = [Y[:, i] * Y[:, j] for i in range(3) for j in range(i, 3)]
    np.testing.assert_array_equal(quadratic(Y), np.column_stack([Y, *pairs]))


def test_directions_solve_the_problem_and_are_uncorrelated():
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((2, 6, 4))
    covariance, speeds = A.T @ A, B.T @ B
    delta, W, constant, _ = slow_directions(covariance, speeds, 10)
    assert constant.shape == (4, 0)
    assert (np.diff(delta) >= 0).all()
    assert (W.max(axis=0) == np.abs(W).max(axis=0)).all()
    np.testing.assert_allclose(W.T @ covariance @ W, np.eye(4), atol=1e-10)
    np.testing.assert_allclose(speeds @ W, covariance @ W * delta, atol=1e-10)
    slowest = slow_directions(covariance, speeds, 10, 2)
    np.testing.assert_allclose(slowest[0], delta[:2])
    np.testing.assert_allclose(slowest[1], W[:, :2], atol=1e-10)


def test_directions_without_variance_are_left_out():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 3)) @ rng.standard_normal((3, 5))
    covariance, speeds = np.cov(X.T), np.cov(np.diff(X, axis=0).T)
    delta, W, constant, floor = slow_directions(covariance, speeds, 10)
    assert len(delta) == 3
    assert constant.shape == (5, 2)
    assert np.abs(constant.T @ covariance @ constant).max() < floor
    assert len(slow_directions(covariance, speeds, 2)[0]) == 2
