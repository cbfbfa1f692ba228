"""The low-rank Gaussian against dense linear algebra."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from skgen.kernels.linear import lowrank_gaussian as lg


@pytest.fixture
def model(rng):
    return rng.standard_normal((3, 7)), rng.uniform(0.2, 2, 7)


def dense(W, psi):
    return W.T @ W + np.diag(psi)


@pytest.mark.parametrize("noise", [1e-6, 1.0, 1e6])
def test_log_density_is_that_of_scipy(model, noise, rng):
    W, psi = model[0], noise * model[1]
    Y = lg.draw(50, W, psi, rng)
    expected = multivariate_normal(np.zeros(7), dense(W, psi)).logpdf(Y)
    np.testing.assert_allclose(lg.log_density(Y, W, psi), expected, rtol=1e-6)


def test_float32_rows_keep_their_digits(model, rng):
    W, psi = model
    Y = lg.draw(50, W, psi, rng)
    single = lg.log_density(Y.astype(np.float32), W, psi)
    assert single.dtype == np.float64
    np.testing.assert_allclose(single, lg.log_density(Y, W, psi), rtol=1e-5)


def test_posterior_is_gaussian_conditioning(model, rng):
    W, psi = model
    Y = rng.standard_normal((5, 7))
    gain = W @ np.linalg.inv(dense(W, psi))
    np.testing.assert_allclose(lg.posterior_mean(Y, W, psi), Y @ gain.T, atol=1e-12)
    np.testing.assert_allclose(lg.posterior_covariance(W, psi), np.eye(3) - gain @ W.T, atol=1e-12)


def test_bartlett_mean_is_weighted_least_squares(model, rng):
    W, psi = model
    Y = rng.standard_normal((5, 7))
    A = W.T / np.sqrt(psi)[:, None]
    expected = np.linalg.lstsq(A, (Y / np.sqrt(psi)).T, rcond=None)[0].T
    np.testing.assert_allclose(lg.bartlett_mean(Y, W, psi), expected, atol=1e-12)


def test_precision_and_determinant(model):
    W, psi = model
    np.testing.assert_allclose(lg.precision(W, psi) @ lg.covariance(W, psi), np.eye(7), atol=1e-12)
    assert lg.log_determinant(W, psi) == pytest.approx(np.linalg.slogdet(dense(W, psi))[1])


@pytest.mark.parametrize("noise", [1e-3, 1e-9, 1e-15])
def test_precision_keeps_its_digits_where_the_noise_is_tiny(rng, noise):
    W, psi = rng.standard_normal((5, 5)), np.full(5, noise)
    np.testing.assert_allclose(lg.precision(W, psi) @ lg.covariance(W, psi), np.eye(5), atol=1e-9)


def test_draws_have_the_covariance(model, rng):
    W, psi = model
    draws = lg.draw(200_000, W, psi, rng)
    # The standard error of a covariance entry is below sqrt(2 / n) times the largest variance.
    atol = 5 * np.sqrt(2 / 200_000) * dense(W, psi).max()
    np.testing.assert_allclose(np.cov(draws.T), dense(W, psi), atol=atol)
