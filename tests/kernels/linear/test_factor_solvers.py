"""Solvers of factor analysis: gradients, monotone traces, and agreement at the maximum."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skgen.kernels.linear import factor_em, factor_fit, factor_profile, factor_restricted
from skgen.kernels.linear import lowrank_gaussian as lg

# Correlations of nine psychological tests of 145 pupils: upper triangle, column by column
# (Joreskog 1967; the restricted four-factor problem is that of Rubin & Thayer 1982).
JORESKOG = """.554 .227 .296 .189 .219 .769 .461 .479 .237 .212 .506 .530 .243 .226 .520 .408 .425
.304 .291 .514 .473 .280 .311 .718 .681 .313 .348 .374 .241 .311 .730 .661 .245 .290 .306 .672"""


def joreskog():
    S = np.eye(9)
    S.T[np.tril_indices(9, -1)] = [float(r) for r in JORESKOG.split()]
    S = np.triu(S, 1) + np.triu(S, 1).T + np.eye(9)
    free = np.ones((4, 9), dtype=bool)
    free[2, 4:] = free[3, :4] = False
    return S, free


@pytest.fixture
def S(rng):
    """A covariance that no factor model of few factors fits exactly."""
    X = rng.standard_normal((300, 4)) @ rng.standard_normal((4, 12))
    X += rng.standard_normal((300, 12)) * rng.uniform(1, 2, 12)
    return np.cov(X.T, bias=True)


def central_differences(f, x, h=1e-5):
    steps = h * np.eye(len(x))
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps])


def test_profile_is_the_likelihood_at_the_best_loadings(S, rng):
    u = np.log(rng.uniform(0.1, 1, 12) * np.diag(S))
    pairs = factor_profile.covariance_eigenpairs(S, 3)
    point = factor_profile.evaluate(u, pairs, np.diag(S))
    psi = np.exp(u)

    def f(W):
        C = lg.covariance(W, psi)
        return np.linalg.slogdet(C)[1] + np.trace(np.linalg.solve(C, S))

    assert point.f == pytest.approx(f(point.loadings))
    for _ in range(20):
        assert f(point.loadings + 0.01 * rng.standard_normal((3, 12))) > point.f


def test_profile_gradient(S, rng):
    u = np.log(rng.uniform(0.1, 1, 12) * np.diag(S))
    pairs = factor_profile.covariance_eigenpairs(S, 3)

    def f(u):
        return factor_profile.evaluate(u, pairs, np.diag(S)).f

    gradient = factor_profile.evaluate(u, pairs, np.diag(S)).gradient
    np.testing.assert_allclose(gradient, central_differences(f, u), atol=1e-7)


def test_restricted_gradient(S, rng):
    free = rng.random((3, 12)) < 0.7
    x = rng.standard_normal(free.sum() + 12)
    gradient = factor_restricted.objective(x, S, free)[1]
    numeric = central_differences(lambda x: factor_restricted.objective(x, S, free)[0], x)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-5)


def solve(solver, S, k, tol=1e-12, max_iter=5000, psi=None):
    floor = 1e-6 * np.diag(S)
    return solver(S, k, psi, floor, tol=tol, max_iter=max_iter, report=factor_fit.unwatched)


def test_em_never_falls_and_meets_the_quasi_newton_maximum(S):
    em = solve(factor_fit.by_em, S, 2)
    assert np.diff(em.trace).min() >= -1e-12
    newton = solve(factor_fit.from_covariance, S, 2)
    assert newton.trace[-1] == pytest.approx(em.trace[-1], abs=1e-8)
    np.testing.assert_allclose(newton.psi, em.psi, rtol=1e-3)
    np.testing.assert_allclose(lg.covariance(*newton[:2]), lg.covariance(*em[:2]), atol=1e-3)


def test_em_step_raises_the_likelihood_from_anywhere(S, rng):
    W, psi = rng.standard_normal((2, 12)), rng.uniform(0.5, 5, 12)
    values = []
    for _ in range(50):
        W, psi, value = factor_em.em_step(S, W, psi, np.full(12, 1e-9))
        values.append(value)
    assert np.diff(values).min() >= 0


def test_joreskog_restricted_problem(monkeypatch):
    S, free = joreskog()
    evaluations = []
    objective = factor_restricted.objective

    def counted(*args):
        evaluations.append(1)
        return objective(*args)

    monkeypatch.setattr(factor_restricted, "objective", counted)
    solution = factor_fit.restricted(
        S, free, None, np.full(9, 1e-4), tol=1e-12, max_iter=1000, report=factor_fit.unwatched
    )
    nll = -145 * (solution.trace[-1] + 4.5 * np.log(2 * np.pi))
    assert nll == pytest.approx(327.690628, abs=1e-6)
    assert np.all(solution.W[~free] == 0)
    assert len(evaluations) <= 250


def test_rows_and_covariance_meet_in_the_wide_case(rng):
    Y = rng.standard_normal((20, 3)) @ rng.standard_normal((3, 30))
    Y += rng.standard_normal(Y.shape)
    Y -= Y.mean(0)
    S, floor = Y.T @ Y / 20, np.full(30, 0.05)
    options = {"tol": 1e-12, "max_iter": 3000, "report": factor_fit.unwatched}
    narrow = factor_fit.from_covariance(S, 2, None, floor, **options)
    wide = factor_fit.from_rows(Y, 20.0, 2, narrow.psi, floor, **options)
    assert wide.trace[-1] == pytest.approx(narrow.trace[-1], abs=1e-6)
    fresh = factor_fit.from_rows(Y, 20.0, 2, None, floor, **options)
    assert np.diff(fresh.trace).min() > 0
    assert fresh.gain < 1e-10


def test_standardized_digits_beat_the_published_figure():
    X = load_digits().data
    X = X[:, X.std(0) > 0.05]
    S = np.corrcoef(X.T)
    solution = solve(factor_fit.from_covariance, S, 20, tol=1e-6, max_iter=200)
    assert len(S) == 58
    assert solution.trace[-1] >= -62.9825
    assert len(solution.trace) < 60


def test_every_start_reaches_the_maximum_of_a_hard_problem():
    """Two noise variances run to the floor on these digits, where long steps must not mislead."""
    X = load_digits().data
    S = np.corrcoef(X[:, X.std(0) > 0.8].T)
    ends = [
        solve(factor_fit.from_covariance, S, 20, tol=1e-10, psi=psi)
        for psi in (None, np.ones(len(S)), np.full(len(S), 0.1))
    ]
    assert np.ptp([end.trace[-1] for end in ends]) < 1e-8
    assert max(len(end.trace) for end in ends) < 60


def test_heywood_case_stops_at_the_floor():
    """One factor would need a communality of .9 * .9 / .5 = 1.62 in the first feature."""
    S = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]) * np.outer([1, 5, 9], [1, 5, 9])
    floor = 1e-3 * np.diag(S)
    solution = factor_fit.from_covariance(
        S, 1, None, floor, tol=1e-10, max_iter=100, report=factor_fit.unwatched
    )
    assert solution.at_floor.tolist() == [True, False, False]
    assert solution.psi[0] == pytest.approx(floor[0])
    assert len(solution.trace) < 40
