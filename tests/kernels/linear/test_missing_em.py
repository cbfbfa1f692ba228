"""EM with gaps: monotone, stationary, and the closed form when nothing is missing."""

import numpy as np
import pytest

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear import missing_em as em
from skgen.kernels.linear import ppca, spectrum


def problem(rng, fraction):
    X = rng.standard_normal((300, 2)) @ rng.standard_normal((2, 5))
    X += 0.5 * rng.standard_normal(X.shape)
    X[rng.random(X.shape) < fraction] = np.nan
    Y = X - np.nanmean(X, axis=0)
    start = em.State(np.zeros(5), rng.standard_normal((2, 5)), np.ones(5))
    return Y, start


def fit(Y, start, weight=None, **options):
    weight = np.ones(len(Y)) if weight is None else weight
    options = {"tol": 1e-13, "max_iter": 5000, "floor": 1e-9, **options}
    return em.fit(Y, weight, start, report=lambda state: False, **options)


@pytest.mark.parametrize("isotropic", [False, True])
def test_the_likelihood_never_falls_and_ends_stationary(rng, isotropic):
    Y, start = problem(rng, 0.3)
    state, trace, _ = fit(Y, start, isotropic=isotropic)
    assert np.diff(trace).min() >= -1e-9
    flat = np.concatenate([state.mean, state.W.ravel(), np.log(state.psi[: 1 if isotropic else 5])])

    def log_likelihood(x):
        psi = np.full(5, np.exp(x[15])) if isotropic else np.exp(x[15:])
        return mg.log_density(Y - x[:5], x[5:15].reshape(2, 5), psi).mean()

    assert log_likelihood(flat) * len(Y) == pytest.approx(trace[-1])
    for i in range(len(flat)):
        step = 1e-4 * np.eye(len(flat))[i]
        slope = (log_likelihood(flat + step) - log_likelihood(flat - step)) / 2e-4
        assert abs(slope) < 1e-5


def test_complete_rows_reach_the_closed_form(rng):
    Y, start = problem(rng, 0.0)
    state, trace, _ = fit(Y, start, isotropic=True)
    C = Y.T @ Y / len(Y)
    values, axes = spectrum.top_eigenpairs(C, 2)
    sigma2, scales = ppca.closed_form(values, np.trace(C), 5, 1e-9)
    expected = (axes.T * scales**2) @ axes
    np.testing.assert_allclose(state.W.T @ state.W, expected, atol=1e-5)
    assert state.psi[0] == pytest.approx(sigma2, rel=1e-6)
    np.testing.assert_allclose(state.mean, 0, atol=1e-8)


def test_weights_are_repeated_rows(rng):
    Y, start = problem(rng, 0.3)
    weight = rng.integers(1, 4, len(Y)).astype(float)
    options = {"isotropic": False, "max_iter": 20, "tol": 0.0}
    a = fit(Y, start, weight, **options)
    b = fit(np.repeat(Y, weight.astype(int), axis=0), start, **options)
    np.testing.assert_allclose(a[0].psi, b[0].psi, rtol=1e-8)
    np.testing.assert_allclose(a[1], b[1], rtol=1e-10)


def test_pairwise_covariance(rng):
    Y, _ = problem(rng, 0.0)
    np.testing.assert_allclose(
        em.pairwise_covariance(Y, np.ones(len(Y))), np.cov(Y.T, bias=True), atol=1e-12
    )
    Y[rng.random(Y.shape) < 0.6] = np.nan
    assert np.linalg.eigvalsh(em.pairwise_covariance(Y, np.ones(len(Y)))).min() > -1e-12
