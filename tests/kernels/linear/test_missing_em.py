"""EM with gaps: monotone, stationary, and the closed form when nothing is missing."""

import numpy as np
import pytest

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear import missing_em as em
from skgen.kernels.linear import missing_fit, ppca, spectrum


def problem(rng, fraction):
    X = rng.standard_normal((300, 2)) @ rng.standard_normal((2, 5))
    X += 0.5 * rng.standard_normal(X.shape)
    X[rng.random(X.shape) < fraction] = np.nan
    Y = X - np.nanmean(X, axis=0)
    start = em.State(np.zeros(5), rng.standard_normal((2, 5)), np.ones(5))
    return Y, start


def fit(Y, start, weight=None, *, isotropic, **options):
    weight = np.ones(len(Y)) if weight is None else weight
    options = {"tol": 1e-10, "max_iter": 5000, "floor": 1e-9, **options}
    rows = missing_fit.observed_rows(Y, weight, isotropic)
    return em.fit(rows, start, report=lambda state, trace: False, **options)


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


def strong(seed):
    """Rows whose signal is several times the noise, where plain EM creeps."""
    rng = np.random.default_rng(seed)
    X = 3 * rng.standard_normal((400, 2)) @ rng.standard_normal((2, 6))
    X += rng.standard_normal(X.shape)
    X[rng.random(X.shape) < 0.3] = np.nan
    Y = X - np.nanmean(X, axis=0)
    return Y, em.State(np.zeros(6), 0.1 * rng.standard_normal((2, 6)), np.full(6, np.nanvar(Y)))


def unexpanded(maximization):
    """The M-step in which the latent rows keep a standard normal prior: plain EM."""

    def plain(statistics, *args, **options):
        i, j = mg.upper_pairs(statistics.cross.shape[1])
        standard = statistics._replace(latent=(i == j).astype(float))
        return maximization(standard, *args, **options)

    return plain


def n_iterations(trace, end):
    """Iterations until the likelihood is 1e-6 nats a row from the best one."""
    return 1 + np.argmax(np.array(trace) > end - 1e-6 * 400)


@pytest.mark.parametrize("seed", range(4))
def test_expansion_halves_the_iterations(seed, monkeypatch):
    Y, start = strong(seed)
    options = {"isotropic": True, "tol": 4e-8}
    _, expanded, _ = fit(Y, start, **options)
    monkeypatch.setattr(em, "maximization", unexpanded(em.maximization))
    _, plain, _ = fit(Y, start, **options)
    assert plain[-1] == pytest.approx(expanded[-1], abs=1e-5 * len(Y))
    end = max(expanded[-1], plain[-1])
    assert 2 * n_iterations(expanded, end) <= n_iterations(plain, end)


def test_expansion_keeps_the_moments_of_the_rows(rng):
    # The latent rows have the mean and covariance of their posteriors, which the step folds in.
    Y, _ = strong(1)
    start = em.State(rng.standard_normal(6), rng.standard_normal((2, 6)), np.ones(6))
    Z = mg.posterior_mean(Y - start.mean, start.W, start.psi)
    V = mg.posterior_covariance(Y - start.mean, start.W, start.psi)
    m, S = Z.mean(axis=0), V.mean(axis=0) + np.cov(Z.T, bias=True)
    assert np.abs(S - np.eye(2)).max() > 0.1 < np.abs(m).max()
    one = {"isotropic": False, "max_iter": 1}
    expanded = fit(Y, start, **one)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(em, "maximization", unexpanded(em.maximization))
        plain = fit(Y, start, **one)[0]
    np.testing.assert_allclose(expanded.W.T @ expanded.W, plain.W.T @ S @ plain.W)
    np.testing.assert_allclose(expanded.mean, plain.mean + m @ plain.W)
    np.testing.assert_allclose(expanded.psi, plain.psi)


@pytest.mark.parametrize("isotropic", [True, False])
def test_an_expanded_step_never_lowers_the_likelihood(isotropic, rng):
    # From anywhere, not from the states alone that lie on its own path.
    Y, _ = strong(0)
    Y = Y + rng.standard_normal(6)
    for scale in (0.1, 1.0, 10.0) * 5:
        start = em.State(
            scale * rng.standard_normal(6),
            scale * rng.standard_normal((2, 6)),
            np.full(6, rng.exponential()) if isotropic else rng.exponential(size=6),
        )
        before = mg.log_density(Y - start.mean, start.W, start.psi).sum()
        _, trace, _ = fit(Y, start, isotropic=isotropic, max_iter=3)
        assert (np.diff([before, *trace]) > 0).all()


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
