"""Mean field of pairwise machines: a fixed point, and a bound that is tight without pairs."""

import numpy as np
import pytest
from scipy.special import expit

from skgen.kernels.boltzmann import quadratic_mean_field, quadratic_states


def settled(inputs, W, max_iter=500):
    n, k = inputs.shape
    bounds, means, second = np.zeros(n), np.zeros((n, k)), np.zeros((k, k))
    quadratic_mean_field.given_inputs(
        inputs, W, np.full(n, 1 / n), max_iter, 1e-12, bounds, means, second
    )
    return bounds, means, second


def exact(inputs, W):
    n, k = inputs.shape
    log_sums, means, second = np.zeros(n), np.zeros((n, k)), np.zeros((k, k))
    pairs = quadratic_states.exponents(np.zeros(k), W)
    quadratic_states.given_inputs(inputs, pairs, np.full(n, 1 / n), log_sums, means, second)
    return log_sums, means, second


@pytest.fixture
def machine():
    rng = np.random.default_rng(0)
    W = np.triu(rng.normal(size=(5, 5)), 1)
    return rng.normal(size=(20, 5)), W + W.T


def test_means_are_those_given_each_other(machine):
    inputs, W = machine
    _, means, second = settled(inputs, W)
    np.testing.assert_allclose(means, expit(inputs + means @ W), atol=1e-10)
    expected = means.T @ means / len(means)
    np.fill_diagonal(expected, means.mean(axis=0))
    np.testing.assert_allclose(second, expected, atol=1e-12)


def test_the_bound_lies_below_and_rises(machine):
    inputs, W = machine
    log_sums, _, _ = exact(inputs, W)
    before = np.full(len(inputs), -np.inf)
    for steps in range(1, 8):
        bounds, _, _ = settled(inputs, W, steps)
        assert (bounds >= before - 1e-12).all()
        before = bounds
    assert (before < log_sums).all()


def test_without_pairs_it_is_exact(machine):
    inputs, W = machine
    for got, expected in zip(settled(inputs, 0 * W), exact(inputs, 0 * W), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)
