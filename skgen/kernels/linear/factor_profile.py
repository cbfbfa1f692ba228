"""Maximum-likelihood factor analysis: the likelihood as a function of the noise alone.

For given noise variances psi the best loadings are eigenvectors of the covariance scaled by psi
(Lawley & Maxwell 1971). What is left is a function of d numbers, minimized over u = log(psi):

    f(u) = sum(u) + trace(S*) + sum over theta_i > 1 of (log theta_i + 1 - theta_i),

where S* = S / sqrt(psi psi') and theta are its k largest eigenvalues. The log-likelihood a row is
-(d log 2 pi + f) / 2.
"""

from collections import deque
from typing import NamedTuple

import numpy as np
from scipy import linalg

from skgen.kernels.linear import blas
from skgen.kernels.linear.spectrum import top_eigenpairs

MEMORY = 10
LONGEST_STEP = 3.0  # of a log variance in one iteration


class Point(NamedTuple):
    """The profile at one u."""

    u: np.ndarray  # (d,)
    f: float
    gradient: np.ndarray  # (d,)
    theta: np.ndarray  # (k,)
    axes: np.ndarray  # (k, d) eigenvectors of the scaled covariance

    @property
    def loadings(self):
        """The best loadings for this noise, shape (k, d)."""
        return np.sqrt(np.maximum(self.theta - 1, 0))[:, None] * self.axes * np.exp(self.u / 2)


def evaluate(u, eigenpairs, variance):
    """Profile and gradient; ``eigenpairs(scale)`` gives those of the covariance times scale."""
    theta, axes = eigenpairs(np.exp(-u / 2))
    excess = np.maximum(theta - 1, 0)
    scaled = variance / np.exp(u)
    f = u.sum() + scaled.sum() + np.sum(np.log1p(excess) - excess)
    communality = np.einsum("k,kd->d", excess, axes**2)
    return Point(u, f, 1 + communality - scaled, theta, axes)


def covariance_eigenpairs(S, k):
    """Eigenpairs of the scaled covariance from the (d, d) covariance."""

    def eigenpairs(scale):
        return top_eigenpairs(S * scale[:, None] * scale, k)

    return eigenpairs


def initial_noise(S, k):
    """Joreskog's (1967) start: (1 - k / 2d) / diag(inverse of S)."""
    d = len(S)
    scale = np.sqrt(np.diag(S))
    correlation = S / np.outer(scale, scale)
    values, V = np.linalg.eigh(correlation)
    values = np.maximum(values, values[-1] * d * np.finfo(float).eps)
    return (1 - 0.5 * k / d) / np.sum(V**2 / values, axis=1) * scale**2


def fisher_step(gradient, axes, free):
    """Solver of the approximate Hessian on the free variables (Lawley & Maxwell 1971)."""
    H = (np.eye(len(gradient)) - axes.T @ axes) ** 2
    H.flat[:: len(H) + 1] += 1e-8
    L = np.linalg.cholesky(H[np.ix_(free, free)])

    def solve(q):
        if not q.size:  # SciPy before 1.14 refuses to solve for nothing
            return q
        with blas.one_scipy_thread():
            return linalg.cho_solve((L, True), q, check_finite=False)

    return solve


def diagonal_step(gradient, axes, free):
    """The same without a d x d matrix: only the diagonal of the approximate Hessian."""
    h = (1 - np.sum(axes**2, axis=0)) ** 2 + 1e-2
    return lambda q: q / h[free]


def quasi_newton_direction(gradient, pairs, free, solve):
    """L-BFGS two-loop recursion around the metric ``solve``, on the free variables."""
    q, stack = gradient[free].copy(), []
    for s, y in reversed(pairs):
        a = (s[free] @ q) / (s[free] @ y[free])
        stack.append(a)
        q -= a * y[free]
    q = solve(q)
    for (s, y), a in zip(pairs, reversed(stack)):
        q += s[free] * (a - (y[free] @ q) / (s[free] @ y[free]))
    direction = np.zeros_like(gradient)
    # The whole step is shortened: clipping its entries one by one could turn it uphill.
    direction[free] = -q * min(1.0, LONGEST_STEP / np.abs(q).max(initial=LONGEST_STEP))
    return direction


def minimize(u, eigenpairs, variance, floor, metric, *, tol, max_iter, report):
    """Bounded quasi-Newton descent from u, between log(floor) and log(variance).

    Stops when the Fisher step promises to lower f by less than ``tol``, or when
    ``report(point, trace)`` says so. Returns the point, the trace of f, the promised gain and the
    features held at the floor.
    """
    low, high = np.log(floor), np.log(np.maximum(variance, floor))
    point = evaluate(np.clip(u, low, high), eigenpairs, variance)
    trace, pairs, was_free = [point.f], deque(maxlen=MEMORY), None
    for _ in range(max_iter):
        at_floor = (point.u <= low) & (point.gradient > 0)
        free = ~(at_floor | ((point.u >= high) & (point.gradient < 0)))
        if was_free is not None and np.any(free != was_free):
            pairs.clear()
        was_free = free
        solve = metric(point.gradient, point.axes[point.theta > 1], free)
        gain = 0.5 * point.gradient[free] @ solve(point.gradient[free])
        if gain < tol:
            break
        moved = _line_search(point, eigenpairs, variance, low, high, free, pairs, solve)
        if moved is None:
            break
        s, y = moved.u - point.u, moved.gradient - point.gradient
        if s[free] @ y[free] > 1e-10 * np.linalg.norm(s) * np.linalg.norm(y):
            pairs.append((s, y))
        point = moved
        trace.append(point.f)
        if report(point, trace):
            break
    return point, trace, gain, (point.u <= low) & (point.gradient > 0)


def _line_search(point, eigenpairs, variance, low, high, free, pairs, solve):
    """The next point, by backtracking; None when rounding hides all descent."""
    direction = quasi_newton_direction(point.gradient, pairs, free, solve)
    step = 1.0
    while step > 1e-8:
        u = np.clip(point.u + step * direction, low, high)
        trial = evaluate(u, eigenpairs, variance)
        if trial.f <= point.f + 1e-4 * point.gradient @ (u - point.u):
            return trial
        if pairs:
            # The remembered curvature misled: forget it and take the Fisher step.
            pairs.clear()
            direction = quasi_newton_direction(point.gradient, pairs, free, solve)
        else:
            step /= 2
    return None
