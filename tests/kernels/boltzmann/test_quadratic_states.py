"""Sums over the states of pairwise machines against sums that are written out."""

from itertools import product

import numpy as np
import pytest
from scipy.special import logsumexp

from skgen.kernels.boltzmann import quadratic_states as states


def machine(m, seed=0):
    rng = np.random.default_rng(seed)
    W = np.triu(rng.normal(size=(m, m)), 1)
    return rng.normal(size=m), W + W.T


def enumerated(b, W):
    """All states, the first unit fastest, and their exponents."""
    U = np.array([u[::-1] for u in product((0.0, 1.0), repeat=len(b))])
    return U, np.array([u @ b + 0.5 * u @ W @ u for u in U])


@pytest.mark.parametrize("m", [1, 2, 3, 8])
def test_exponents_probabilities_and_moments(m):
    b, W = machine(m)
    U, exponents = enumerated(b, W)
    p = np.exp(exponents - logsumexp(exponents))
    np.testing.assert_allclose(states.exponents(b, W), exponents, atol=1e-12)
    got, log_Z = states.probabilities(b, W)
    np.testing.assert_allclose(got, p, atol=1e-14)
    assert log_Z == pytest.approx(logsumexp(exponents), abs=1e-12)
    second, log_Z = states.second_moments(b, W)
    np.testing.assert_allclose(second, (U.T * p) @ U, atol=1e-13)
    assert log_Z == pytest.approx(logsumexp(exponents), abs=1e-12)
    joint, _ = states.joint_moments(b, W)
    both = [u.astype(bool) for u in U]
    for number, held in enumerate(both):
        assert joint[number] == pytest.approx(p @ U[:, held].all(axis=1), abs=1e-13)


def test_log_partition_in_parts_of_states(monkeypatch):
    b, W = machine(7)
    monkeypatch.setattr(states, "MOST_AT_ONCE", 3)
    expected = logsumexp(enumerated(b, W)[1])
    assert states.log_partition(b, W) == pytest.approx(expected, abs=1e-12)


def test_fisher_information_is_the_covariance_of_the_statistics():
    b, W = machine(5)
    U, exponents = enumerated(b, W)
    p = np.exp(exponents - logsumexp(exponents))
    i, j = np.triu_indices(5, 1)
    T = np.hstack([U, U[:, i] * U[:, j]])
    T -= p @ T
    joint, _ = states.joint_moments(b, W)
    np.testing.assert_allclose(states.fisher_information(joint, 5), (T.T * p) @ T, atol=1e-13)


def test_units_given_inputs():
    b, W = machine(4)
    inputs = np.random.default_rng(1).normal(size=(6, 4))
    weight = np.arange(1.0, 7.0)
    log_sums, means, second = np.zeros(6), np.zeros((6, 4)), np.zeros((4, 4))
    pairs = states.exponents(np.zeros(4), W)
    states.given_inputs(inputs, pairs, weight, log_sums, means, second)
    expected = np.zeros((4, 4))
    for row in range(6):
        U, exponents = enumerated(inputs[row], W)
        p = np.exp(exponents - logsumexp(exponents))
        assert log_sums[row] == pytest.approx(logsumexp(exponents), abs=1e-12)
        np.testing.assert_allclose(means[row], p @ U, atol=1e-13)
        expected += weight[row] * (U.T * p) @ U
    np.testing.assert_allclose(second, expected, atol=1e-12)


def test_draws_given_inputs_invert_the_distribution_function():
    _, W = machine(3)
    inputs = np.random.default_rng(1).normal(size=3)
    pairs = states.exponents(np.zeros(3), W)
    U, exponents = enumerated(inputs, W)
    p = np.exp(exponents - logsumexp(exponents))
    # The middle of each state's part of the unit interval leads to that state.
    uniform = np.cumsum(p) - p / 2
    out = np.empty((8, 3))
    states.draw_given_inputs(np.tile(inputs, (8, 1)), pairs, uniform, out)
    np.testing.assert_array_equal(out, U)
