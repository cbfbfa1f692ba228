"""Pseudo-likelihood of pairwise machines: conditionals by enumeration, and derivatives."""

import tracemalloc

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from skgen.kernels.boltzmann import quadratic_pseudo_likelihood as pseudo
from skgen.kernels.boltzmann import quadratic_states

D = 4
UPPER = np.triu_indices(D, 1)
rng = np.random.default_rng(0)
X = (rng.random((30, D)) < 0.4).astype(float)
WEIGHT = rng.random(30)
WEIGHT /= WEIGHT.sum()
THETA = rng.normal(size=D + D * (D - 1) // 2)


def parameters(theta):
    W = np.zeros((D, D))
    W[UPPER] = theta[D:]
    return theta[:D], W + W.T


def test_it_is_the_sum_of_conditional_probabilities():
    b, W = parameters(THETA)
    p, _ = quadratic_states.probabilities(b, W)
    numbers = 1 << np.arange(D)
    expected = np.zeros(len(X))
    for row, x in enumerate(X.astype(int)):
        s = int(x @ numbers)
        for j in range(D):
            expected[row] += np.log(p[s] / (p[s] + p[s ^ (1 << j)]))
    got = pseudo.log_pseudo_likelihood(X, pseudo.log_odds(X, b, W))
    np.testing.assert_allclose(got, expected, atol=1e-12)
    value, _ = pseudo.value_and_gradient(X, WEIGHT, b, W)
    assert value == pytest.approx(-WEIGHT @ expected, abs=1e-12)


def value(theta):
    return pseudo.value_and_gradient(X, WEIGHT, *parameters(theta))[0]


def gradient(theta):
    return pseudo.value_and_gradient(X, WEIGHT, *parameters(theta))[1]


def test_derivatives_are_differences():
    np.testing.assert_allclose(gradient(THETA), approx_fprime(THETA, value, 1e-7), atol=1e-6)
    step = 1e-5
    for number, row in enumerate(pseudo.hessian(X, WEIGHT, *parameters(THETA))):
        shift = step * np.eye(len(THETA))[number]
        difference = (gradient(THETA + shift) - gradient(THETA - shift)) / (2 * step)
        np.testing.assert_allclose(row, difference, atol=1e-9)


def test_covariance_of_the_gradients_of_rows(monkeypatch):
    monkeypatch.setattr("skgen.kernels.moments.BLOCK_BYTES", 1)  # 16 rows at once
    expected = np.zeros((len(THETA),) * 2)
    for x, weight in zip(X, WEIGHT):
        g = pseudo.value_and_gradient(x[None], np.ones(1), *parameters(THETA))[1]
        expected += weight * np.outer(g, g)
    got = pseudo.score_covariance(X, WEIGHT, *parameters(THETA))
    np.testing.assert_allclose(got, expected, atol=1e-12)


def test_gradients_of_a_few_rows_are_held_at_once():
    d = 40
    bits = np.ones((4000, d))
    tracemalloc.start()
    pseudo.score_covariance(bits, np.full(len(bits), 1 / len(bits)), np.zeros(d), np.zeros((d, d)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Those of all rows would be 26 MB.
    assert most < 40e6
