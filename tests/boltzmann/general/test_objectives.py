"""Objectives of the general machine: values by enumeration, gradients by differences."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import logsumexp

from skgen.boltzmann.general.objectives import ExactLikelihood, unpacked
from skgen.boltzmann.general.visible_fit import Rows, thinned

rng = np.random.default_rng(0)
V = (rng.random((12, 3)) < 0.4).astype(float)
WEIGHT = rng.random(12)
WEIGHT /= WEIGHT.sum()


def negative_log_likelihood(theta, m):
    """By all states, each written out."""
    b, W = unpacked(theta, m)

    def exponent(u):
        return u @ b + 0.5 * u @ W @ u

    log_Z = logsumexp([exponent(np.array(u)) for u in product((0.0, 1.0), repeat=m)])
    behind = [np.array(h) for h in product((0.0, 1.0), repeat=m - 3)]
    rows = [logsumexp([exponent(np.concatenate([v, h])) for h in behind]) for v in V]
    return log_Z - WEIGHT @ rows


@pytest.mark.parametrize("n_hidden", [0, 1, 3])
def test_value_and_gradient_are_exact(n_hidden):
    m = 3 + n_hidden
    theta = rng.normal(size=m + m * (m - 1) // 2)
    value, gradient = ExactLikelihood(V, WEIGHT, m)(theta)
    assert value == pytest.approx(negative_log_likelihood(theta, m), abs=1e-10)
    expected = [
        (negative_log_likelihood(theta + e, m) - negative_log_likelihood(theta - e, m)) / 2e-5
        for e in 1e-5 * np.eye(len(theta))
    ]
    np.testing.assert_allclose(gradient, expected, atol=1e-9)


def test_the_bound_of_mean_field_has_its_gradient():
    theta = 0.5 * rng.normal(size=21)
    bound = ExactLikelihood(V, WEIGHT, 6, summed=False)
    value, gradient = bound(theta)
    assert value > negative_log_likelihood(theta, 6)
    np.testing.assert_allclose(
        gradient, approx_fprime(theta, lambda t: bound(t)[0], 1e-6), atol=1e-5
    )


def test_probabilities_of_bits_stand_for_their_draws():
    gray = rng.random((1, 3))
    states = np.array(list(product((0.0, 1.0), repeat=3)))
    p = np.prod(np.where(states == 1, gray, 1 - gray), axis=1)
    theta = rng.normal(size=6)
    one = ExactLikelihood(gray, np.ones(1), 3)(theta)
    all_draws = ExactLikelihood(states, p, 3)(theta)
    assert one[0] == pytest.approx(all_draws[0], abs=1e-12)
    np.testing.assert_allclose(one[1], all_draws[1], atol=1e-12)


def test_a_fifth_of_the_rows_is_held_out():
    states = np.array(list(product((0.0, 1.0), repeat=4)))
    counts = rng.integers(1, 400, size=16).astype(float)
    rows = Rows(states, counts / counts.sum(), counts.sum())
    train, test = thinned(rows)
    assert train.n + test.n == pytest.approx(rows.n)
    assert test.n == pytest.approx(rows.n / 5, abs=1)
    # Frequent rows stand on both sides in that proportion.
    for part, fraction in ((train, 0.8), (test, 0.2)):
        of_state = dict(zip(map(tuple, part.V), part.weight * part.n))
        got = np.array([of_state.get(tuple(s), 0.0) for s in states])
        assert np.abs(got - fraction * counts).max() <= 1.0 + 1e-6
