"""Rows with gaps against brute-force marginals and conditioning, one row at a time."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from skgen.kernels.linear import lowrank_gaussian as lg
from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear.batched_inverse import invert_all


@pytest.fixture(params=["noisy", "noiseless"])
def problem(rng, request):
    W, psi = rng.standard_normal((3, 6)), rng.uniform(0.2, 2, 6)
    if request.param == "noiseless":
        # As many factors as features explain all but what rounding leaves.
        W, psi = rng.standard_normal((6, 6)), np.full(6, 1e-15)
    Y = lg.draw(40, W, psi, rng)
    Y[rng.random(Y.shape) < 0.4] = np.nan
    Y[0] = np.nan
    Y[1] = np.where(np.isnan(Y[2]), np.nan, Y[1])
    return W, psi, Y


def conditioned(row, C):
    """Mean and covariance of the whole row given its observed part, by dense conditioning."""
    o = ~np.isnan(row)
    gain = C[:, o] @ np.linalg.inv(C[np.ix_(o, o)])
    return gain @ row[o], C - gain @ C[o]


def test_log_density_is_the_marginal(problem):
    W, psi, Y = problem
    C = lg.covariance(W, psi)
    for row, score in zip(Y, mg.log_density(Y, W, psi)):
        o = ~np.isnan(row)
        expected = multivariate_normal(cov=C[np.ix_(o, o)]).logpdf(row[o]) if o.any() else 0.0
        assert score == pytest.approx(expected, abs=1e-10)


def test_conditional_mean(problem):
    W, psi, Y = problem
    C = lg.covariance(W, psi)
    filled = mg.conditional_mean(Y, W, psi)
    expected = np.array([conditioned(row, C)[0] for row in Y])
    np.testing.assert_allclose(filled, np.where(np.isnan(Y), expected, Y), atol=1e-10)


def test_conditional_draws_have_the_conditional_moments(problem, rng):
    W, psi, Y = problem
    C = lg.covariance(W, psi)
    draws = mg.conditional_draws(Y[:6], 40_000, W, psi, rng)
    for i, row in enumerate(Y[:6]):
        m = np.isnan(row)
        mean, covariance = conditioned(row, C)
        atol = 5 * np.sqrt(2 / 40_000) * C.max()
        np.testing.assert_allclose(draws[:, i].mean(0), np.where(m, mean, row), atol=atol)
        block = np.cov(draws[:, i].T)
        np.testing.assert_allclose(block[np.ix_(m, m)], covariance[np.ix_(m, m)], atol=atol)
        assert np.all(draws[:, i, ~m] == row[~m])


def test_posterior_covariance(problem):
    W, psi, Y = problem
    V = mg.posterior_covariance(Y, W, psi)
    for row, own in zip(Y, V):
        o = ~np.isnan(row)
        C = lg.covariance(W[:, o], psi[o])
        expected = np.eye(len(W)) - W[:, o] @ np.linalg.inv(C) @ W[:, o].T
        np.testing.assert_allclose(own, expected, atol=1e-11)


def test_complete_rows_agree_with_the_complete_kernel(problem, rng):
    W, psi, _ = problem
    Y = rng.standard_normal((20, 6))
    for name in ("log_density", "posterior_mean", "bartlett_mean"):
        expected = getattr(lg, name)(Y, W, psi)
        np.testing.assert_allclose(getattr(mg, name)(Y, W, psi), expected, atol=1e-10)


def test_blocks_do_not_change_the_result(problem, monkeypatch):
    W, psi, Y = problem
    whole = mg.log_density(Y, W, psi)
    monkeypatch.setattr(mg, "BLOCK_FLOATS", 40)
    np.testing.assert_allclose(mg.log_density(Y, W, psi), whole, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 9])
def test_batched_inverse(rng, k):
    A = rng.standard_normal((30, k, k + 2))
    M = A @ A.transpose(0, 2, 1) + 1e-3 * np.eye(k)
    inverse = M.copy()
    log_det = invert_all(inverse)
    np.testing.assert_allclose(M @ inverse, np.broadcast_to(np.eye(k), M.shape), atol=1e-8)
    np.testing.assert_allclose(log_det, np.linalg.slogdet(M)[1], atol=1e-9)
