"""Penalized minima against closed forms and conditions of optimality."""

import numpy as np
import pytest

from skgen.kernels.boltzmann import penalized

rng = np.random.default_rng(0)
A = rng.normal(size=(30, 6))
Y = rng.normal(size=30)


def quadratic(theta):
    error = A @ theta - Y
    return 0.5 * error @ error / 30, A.T @ error / 30


def hessian(theta):
    return A.T @ A / 30


def how(**changes):
    return {
        "tol": 1e-9,
        "max_iter": 500,
        "report": lambda theta, largest: False,
        **changes,
    }


def test_ridge_has_its_closed_form():
    ridge = np.linspace(0, 1, 6)
    expected = np.linalg.solve(hessian(None) + np.diag(ridge), A.T @ Y / 30)
    by_newton = penalized.newton(quadratic, hessian, np.zeros(6), ridge, **how())
    by_lbfgs = penalized.lbfgs(quadratic, np.zeros(6), ridge, **how())
    np.testing.assert_allclose(by_newton.theta, expected, atol=1e-8)
    np.testing.assert_allclose(by_lbfgs.theta, expected, atol=1e-7)
    assert by_newton.gradient <= 1e-9


def test_newton_halves_steps_that_go_too_far():
    def steep(theta):
        return float(np.sqrt(1 + theta @ theta)), theta / np.sqrt(1 + theta @ theta)

    def curvature(theta):
        return np.eye(1) * (1 + theta @ theta) ** -1.5

    # From 2 the first whole step would lead to -8.
    found = penalized.newton(steep, curvature, np.array([2.0]), np.zeros(1), **how())
    assert abs(found.theta[0]) < 1e-8


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_lasso_meets_the_conditions_of_its_minimum(ridge):
    weights = np.array([0, 0, 0.1, 0.1, 0.05, 0.2])
    of_ridge = np.where(weights == 0, ridge, 0.0)
    start = rng.normal(size=6)
    found = penalized.lasso(quadratic, start, of_ridge, weights, **how()).theta
    slope = quadratic(found)[1] + of_ridge * found
    zero = found == 0
    assert zero.any()
    assert not zero[:2].any()
    np.testing.assert_allclose(slope[~zero], -(weights * np.sign(found))[~zero], atol=1e-6)
    assert (np.abs(slope[zero]) <= weights[zero] + 1e-6).all()


@pytest.mark.parametrize("solver", ["newton", "lbfgs", "lasso"])
def test_reports_are_heard(solver):
    told = []

    def report(theta, largest):
        told.append(largest)
        return True

    arguments = {"newton": (hessian, np.zeros(6), np.zeros(6))}.get(solver, (np.zeros(6),) * 2)
    if solver == "lasso":
        arguments = (*arguments, np.full(6, 0.01))
    getattr(penalized, solver)(quadratic, *arguments, **how(report=report, tol=0.0))
    assert len(told) == 1
    assert told[0] >= 0
