"""Minima of smooth functions under a ridge or a lasso: Newton's method and L-BFGS.

``objective(theta)`` returns a value and its gradient (p,), ``hessian(theta)`` (p, p). Penalties:
ridge theta^2 / 2 and lasso |theta|, with weights (p,). ``report(theta, largest)`` is told of each
iteration and of the largest entry of the gradient; it returns whether to stop.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

# Of the trace of the Hessian to its mean: what stands in for a direction without curvature.
LEAST_CURVATURE = 1e-10
SUFFICIENT, HALVINGS = 1e-4, 40
# Steps that L-BFGS remembers.
N_PAIRS = 20


class Minimum(NamedTuple):
    """Where a minimization ended.

    theta (p,), iterations, and the largest entry of the gradient, of a lasso at its kinks the
    smallest subgradient's.
    """

    theta: np.ndarray
    n_iter: int
    gradient: float


def newton(objective, hessian, theta, ridge, *, tol, max_iter, report):
    """Newton's method with steps that are halved until the value falls enough."""

    def penalized(at):
        value, gradient = objective(at)
        return value + 0.5 * ridge @ at**2, gradient + ridge * at

    value, gradient = penalized(theta)
    for n_iter in range(1, max_iter + 1):
        if np.abs(gradient).max() <= tol:
            return Minimum(theta, n_iter - 1, np.abs(gradient).max())
        H = hessian(theta) + np.diag(ridge)
        H[np.diag_indices_from(H)] += LEAST_CURVATURE * max(np.trace(H) / len(H), 1e-12)
        step = -cho_solve(cho_factor(H), gradient)
        found = _line_search(penalized, theta, value, gradient, step)
        if found is None:  # no digits are left to gain
            return Minimum(theta, n_iter, np.abs(gradient).max())
        theta, value, gradient = found
        if report(theta, np.abs(gradient).max()):
            break
    return Minimum(theta, n_iter, np.abs(gradient).max())


def _line_search(penalized, theta, value, gradient, step):
    length, slope = 1.0, gradient @ step
    for _ in range(HALVINGS):
        at = theta + length * step
        new_value, new_gradient = penalized(at)
        # Near the minimum the value has lost the digits that the gradient still has.
        closer = np.abs(new_gradient).max() < 0.5 * np.abs(gradient).max()
        flat = abs(slope) < 1e-12 * (1 + abs(value))
        if new_value <= value + SUFFICIENT * length * slope or (flat and closer):
            return at, new_value, new_gradient
        length /= 2
    return None


def lbfgs(objective, theta, ridge, *, tol, max_iter, report):
    """L-BFGS under a ridge."""

    def penalized(at):
        value, gradient = objective(at)
        return value + 0.5 * ridge @ at**2, gradient + ridge * at

    return _by_scipy(penalized, theta, None, lambda at: at, tol, max_iter, report)


def lasso(objective, theta, ridge, weights, *, tol, max_iter, report):
    """L-BFGS of the positive and the negative parts under a lasso, exact zeros included.

    Entries with weight zero are free, and may have a ridge.
    """
    kinked = np.flatnonzero(weights)

    def merged(parts):
        at = parts[: len(theta)].copy()
        at[kinked] -= parts[len(theta) :]
        return at

    def penalized(parts):
        at = merged(parts)
        value, gradient = objective(at)
        value += 0.5 * ridge @ at**2 + weights[kinked] @ (parts[kinked] + parts[len(theta) :])
        gradient = gradient + ridge * at
        return value, np.concatenate([gradient + weights, weights[kinked] - gradient[kinked]])

    first = np.concatenate([theta, np.maximum(-theta[kinked], 0)])
    first[kinked] = np.maximum(theta[kinked], 0)
    low = np.full(len(first), -np.inf)
    low[kinked] = low[len(theta) :] = 0
    return _by_scipy(penalized, first, low, merged, tol, max_iter, report)


def _by_scipy(penalized, first, low, merged, tol, max_iter, report):
    known = {}

    def remembered(at):
        value, gradient = penalized(at)
        known["at"], known["gradient"] = at.copy(), gradient
        return value, gradient

    def largest(at):
        # The last point that was tried is nearly always the one that was taken.
        is_known = np.array_equal(at, known["at"])
        gradient = known["gradient"] if is_known else penalized(at)[1]
        if low is not None:
            gradient = at - np.maximum(at - gradient, low)
        return float(np.abs(gradient).max())

    def callback(at):
        if report(merged(at), largest(at)):
            raise StopIteration

    result = minimize(
        remembered,
        first,
        jac=True,
        method="L-BFGS-B",
        bounds=None if low is None else [(None if np.isinf(x) else x, None) for x in low],
        callback=callback,
        options={
            "gtol": tol,
            "ftol": 0.0,
            "maxiter": max_iter,
            "maxfun": 3 * max_iter + 20,
            "maxcor": N_PAIRS,
        },
    )
    return Minimum(merged(result.x), max(1, result.nit), largest(result.x))
