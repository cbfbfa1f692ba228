"""Quasi-Newton steps with gaps: gradient, the maximum of EM, the nats left."""

import numpy as np
import pytest

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear import missing_em, missing_fit
from skgen.kernels.linear.missing_em import State


def problem(seed, n=200, d=6):
    rng = np.random.default_rng(seed)
    X = 2 * rng.standard_normal((n, 2)) @ rng.standard_normal((2, d)) + rng.standard_normal((n, d))
    X[rng.random(X.shape) < 0.3] = np.nan
    start = State(np.zeros(d), 0.1 * rng.standard_normal((2, d)), np.full(d, np.nanvar(X)))
    return X - np.nanmean(X, axis=0), start


def fit(Y, start, **options):
    options = {"floor": np.full(len(start.psi), 1e-6), "tol": 1e-7, "max_iter": 3000, **options}
    return missing_fit.fit(Y, np.ones(len(Y)), start, report=lambda state, trace: False, **options)


@pytest.mark.parametrize("isotropic", [False, True])
def test_gradient_is_that_of_the_log_density(isotropic):
    Y, start = problem(0)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(Y))
    rows = missing_fit.observed_rows(Y, weight, isotropic)
    start = start._replace(mean=np.linspace(-1, 1, 6))
    x = rows.vector(start)

    def log_likelihood(x):
        state = rows.state(x, 2)
        return weight @ mg.log_density(Y - state.mean, state.W, state.psi)

    point = missing_fit.evaluate(x, rows, 2)
    assert point.log_likelihood == pytest.approx(log_likelihood(x))
    steps = 1e-5 * np.eye(len(x))
    numeric = [(log_likelihood(x + s) - log_likelihood(x - s)) / 2e-5 for s in steps]
    np.testing.assert_allclose(point.gradient, numeric, rtol=1e-5, atol=1e-4)


def test_moments_of_the_expectation_are_those_of_each_row():
    Y, start = problem(0, n=12)
    Y[5] = Y[2]
    weight = np.random.default_rng(1).uniform(0.5, 2, len(Y))
    mean, W, psi = np.linspace(-1, 1, 6), 10 * start.W, np.linspace(0.5, 2, 6)
    rows = missing_fit.observed_rows(Y, weight, False)
    found = missing_em.expectation(rows.rows, rows.weight, State(mean, W, psi))
    second, precision, square = np.zeros((6, 3, 3)), np.zeros(6), np.zeros(6)
    for y, w in zip(Y, weight):
        o = ~np.isnan(y)
        inverse = np.linalg.inv(W[:, o].T @ W[:, o] + np.diag(psi[o]))
        z = np.append(W[:, o] @ inverse @ (y - mean)[o], 1.0)
        moments = np.outer(z, z)
        moments[:2, :2] += np.eye(2) - W[:, o] @ inverse @ W[:, o].T
        second[o] += w * moments
        share = psi[o] * np.diag(inverse)
        precision[o] += w * share
        square[o] += w * share**2
    np.testing.assert_allclose(mg.unpack_symmetric(found.second, 3), second)
    np.testing.assert_allclose(found.precision, precision)
    np.testing.assert_allclose(found.precision_square, square)


@pytest.mark.parametrize("isotropic", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_it_ends_where_em_ends(seed, isotropic):
    Y, start = problem(seed)
    _, trace, gain = fit(Y, start, isotropic=isotropic)
    rows = missing_fit.observed_rows(Y, np.ones(len(Y)), isotropic)
    _, slow, _ = missing_em.fit(
        rows, start, floor=1e-6, tol=1e-7, max_iter=5000, report=lambda state, trace: False
    )
    # The last gain may be lost in rounding.
    assert np.diff(trace).min() > -1e-9
    assert trace[-1] == pytest.approx(slow[-1], abs=1e-4)
    assert gain < 1e-7
    # With even noise EM, whose latent rows may turn and stretch, is fast itself.
    assert isotropic or 3 * len(trace) < len(slow)


def test_the_nats_left_are_about_what_more_iterations_gain():
    for seed in range(10):
        Y, start = problem(seed)
        end = fit(Y, start, isotropic=False, tol=1e-8)[1][-1]
        for tol in (1.0, 1e-2):
            _, trace, gain = fit(Y, start, isotropic=False, tol=tol)
            assert gain < tol
            assert end - trace[-1] < 5 * tol


def test_noise_stops_at_its_floor():
    Y, start = problem(0)
    Y[:, 1] = Y[:, 0] * 3
    floor = np.full(6, 1e-2)
    state, trace, gain = fit(Y, start, isotropic=False, floor=floor)
    assert state.psi.min() >= 1e-2 * (1 - 1e-12)
    assert np.sum(state.psi <= 1e-2 * (1 + 1e-9)) == 2
    assert gain < 1e-7
    assert len(trace) < 200


def test_few_iterations_report_what_is_left():
    Y, start = problem(1)
    _, trace, gain = fit(Y, start, isotropic=False, max_iter=4)
    assert len(trace) == 4
    assert gain > 1e-2
