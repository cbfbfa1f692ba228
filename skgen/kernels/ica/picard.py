"""Maximum-likelihood unmixing by a preconditioned quasi-Newton method, and by fixed points.

The sources are ``y = W z``. Each step multiplies W from the left by a matrix near the identity, so
that neither gradients nor steps depend on the mixing. The contrast of source i enters with the sign
s_i that makes its curvature positive: 1 for peaked sources, -1 for flat ones.
"""

from collections import deque
from functools import partial
from typing import NamedTuple

import numpy as np

from skgen.kernels.ica.whitening import nearest_rotation

LEAST_CURVATURE = 1e-2
HALVINGS = 12
SCALE_STEPS = 6
PAIRS = 7
ROUNDING = {"float64": 1e-13, "float32": 1e-9}  # relative errors of mean losses


class Solution(NamedTuple):
    """Where a solver ended."""

    W: np.ndarray  # (k, k)
    n_iter: int
    gradient: float  # its largest entry
    converged: bool  # to ``tol``, or as far as rounding allows


class Point(NamedTuple):
    """What is known at one unmixing matrix."""

    W: np.ndarray
    stats: tuple
    extra: np.ndarray  # (k, k) second moment of the sources


class Rotations:
    """White rows unmixed by rotations: the relative steps are antisymmetric."""

    @staticmethod
    def curvature(point):
        """Second derivatives along rotations, per source and before their signs, shape (k,)."""
        return point.stats.slope - np.diag(point.stats.moment)

    @staticmethod
    def loss(point, signs):
        """Sum of the signed contrasts."""
        return float(signs @ point.stats.loss)

    @staticmethod
    def gradient(point, signs):
        """Gradient by the relative step, shape (k, k)."""
        G = signs[:, None] * point.stats.moment
        return 0.5 * (G - G.T)

    @classmethod
    def precondition(cls, point, signs, G):
        """Solution of the Hessian's diagonal, that of independent sources, for G."""
        own = signs * cls.curvature(point)
        return G / np.maximum(0.5 * (own[:, None] + own), LEAST_CURVATURE)

    @staticmethod
    def move(W, step):
        """W after a relative step, by the Cayley transform."""
        identity = np.eye(len(W))
        return np.linalg.solve(identity - 0.5 * step, (identity + 0.5 * step) @ W)


class AllMatrices:
    """White rows unmixed by any matrix.

    Peaked sources have the density 1 / cosh(y), flat ones exp(-y^2 / 2) cosh(y), which is of unit
    curvature less the contrast.
    """

    @staticmethod
    def curvature(point):
        """What decides between the two densities, by source, shape (k,)."""
        return point.stats.slope * np.diag(point.extra) - np.diag(point.stats.moment)

    @staticmethod
    def loss(point, signs):
        """Minus the mean log-likelihood, up to a constant."""
        flat = signs < 0
        squares = 0.5 * np.diag(point.extra)[flat].sum()
        return float(signs @ point.stats.loss + squares - np.linalg.slogdet(point.W)[1])

    @staticmethod
    def gradient(point, signs):
        """Gradient by the relative step, shape (k, k)."""
        G = signs[:, None] * point.stats.moment
        G[signs < 0] += point.extra[signs < 0]
        return G - np.eye(len(G))

    @classmethod
    def blocks(cls, point, signs):
        """H (k, k): with the ones that join entries (i, j) and (j, i), the Hessian's blocks."""
        slope = np.where(signs < 0, 1.0 - point.stats.slope, point.stats.slope)
        return np.outer(slope, np.diag(point.extra))

    @classmethod
    def precondition(cls, point, signs, G):
        """Solution of the block-diagonal Hessian of independent sources for G."""
        H = cls.blocks(point, signs)
        # Eigenvalues of [[H_ij, 1], [1, H_ji]] are raised until they are positive.
        least = 0.5 * (H + H.T - np.sqrt((H - H.T) ** 2 + 4.0))
        H = H + np.maximum(LEAST_CURVATURE - least, 0.0)
        step = (H.T * G - G.T) / np.maximum(H * H.T - 1.0, np.finfo(float).tiny)
        step[np.diag_indices_from(step)] = np.diag(G) / (np.diag(H) + 1.0)
        return step

    @staticmethod
    def move(W, step):
        """W after a relative step."""
        return W + step @ W


def likeliest_scales(counts, places, signs):
    """Factors (k,) by which sources grow to the scale of their assumed densities.

    ``counts`` (k, m) are those of the sources at ``places`` (m,).
    """
    weights = counts / counts.sum(axis=1, keepdims=True)
    second, scale = weights @ places**2, np.ones(len(counts))
    for _ in range(SCALE_STEPS):
        y = scale[:, None] * places
        t = np.tanh(y)
        along = np.einsum("km,km,km->k", weights, t, y)
        bend = np.einsum("km,km,km->k", weights, (1 - t * t) * y, y) + along
        # Derivatives of the mean of f(c y) - log c by log c.
        square = scale**2 * second
        slope = np.where(signs < 0, square - along, along) - 1.0
        curvature = np.where(signs < 0, 2 * square - bend, bend)
        scale *= np.exp(np.clip(-slope / np.maximum(curvature, 0.1), -0.5, 0.5))
    return scale


def minimize(measure, W, geometry, *, signs_of, tol, max_iter, report):
    """Minimize the signed contrasts by L-BFGS on the preconditioned relative gradient.

    Ablin, Cardoso & Gramfort (2018): the approximate Hessian stands where L-BFGS has a multiple of
    the identity.

    Parameters
    ----------
    measure : callable
        ``W -> Statistics``; one pass over the rows.
    W : ndarray of shape (k, k)
        Start.
    geometry : class
        ``Rotations`` or ``AllMatrices``.
    signs_of : callable
        Signs of the contrasts from their curvatures, ``adaptive_signs`` or ``no_signs``.
    tol : float
        Largest entry of the gradient at which to stop.
    max_iter : int
        Most steps.
    report : callable
        ``(W, largest) -> bool``, called after each step with the largest entry of the gradient
        before it; True stops.
    """
    point = _measured(measure, W)
    signs = signs_of(geometry.curvature(point))
    memory = deque(maxlen=PAIRS)
    n_iter, converged = 0, False
    while True:
        G = geometry.gradient(point, signs)
        largest = float(np.abs(G).max(initial=0.0))
        if largest <= tol or n_iter >= max_iter:
            return _end(geometry, point, n_iter, largest, largest <= tol)
        step = -_two_loops(memory, G, partial(geometry.precondition, point, signs))
        if np.sum(step * G) >= 0:
            memory.clear()
            step = -geometry.precondition(point, signs, G)
        found = _search(measure, geometry, point, signs, step, G)
        if found is None and memory:
            memory.clear()
            continue
        if found is None:
            # Not even the Newton step of a fresh start lowers the loss: its digits are used up.
            converged = largest <= np.sqrt(np.finfo(measure.precision).eps)
            return _end(geometry, point, n_iter, largest, converged)
        scale, after = found
        n_iter += 1
        now = signs_of(geometry.curvature(after))
        if (now == signs).all():
            change = geometry.gradient(after, signs) - G
            if np.sum(change * step) > 0:
                memory.append((scale * step, change))
        else:
            memory.clear()
        point, signs = after, now
        if report(point.W, largest):
            return _end(geometry, point, n_iter, largest, False)


def iterate_fixed_point(measure, W, *, signs_of, tol, max_iter, report, patience=None):
    """FastICA with symmetric decorrelation (Hyvarinen 1999), until the gradient is ``tol``.

    After ``patience`` steps it also ends where a step does not halve the gradient.
    """
    n_iter, before = 0, np.inf
    while True:
        point = _measured(measure, W)
        signs = signs_of(Rotations.curvature(point))
        largest = float(np.abs(Rotations.gradient(point, signs)).max(initial=0.0))
        slow = patience is not None and n_iter >= patience and largest > 0.5 * before
        if largest <= tol or n_iter >= max_iter or slow:
            return Solution(W, n_iter, largest, largest <= tol)
        n_iter, before = n_iter + 1, largest
        M = point.stats.moment - np.diag(point.stats.slope)
        W = nearest_rotation(-signs[:, None] * M) @ W
        if report(W, largest):
            return Solution(W, n_iter, largest, False)


def _measured(measure, W):
    return Point(W, measure(W), measure.second_moment(W))


def _end(geometry, point, n_iter, largest, converged):
    W = nearest_rotation(point.W) if geometry is Rotations else point.W
    return Solution(W, n_iter, largest, converged)


def adaptive_signs(curvature):
    """Signs that make every curvature positive."""
    return np.where(curvature < 0, -1.0, 1.0)


def no_signs(curvature):
    """Ones, for contrasts that are minus a log-density of their source."""
    return np.ones(len(curvature))


def _two_loops(memory, G, precondition):
    """The inverse Hessian that the memory stands for, times G."""
    R, factors = G.copy(), []
    for step, change in reversed(memory):
        rho = 1.0 / np.sum(step * change)
        factor = rho * np.sum(step * R)
        R -= factor * change
        factors.append((rho, factor))
    R = precondition(R)
    for (step, change), (rho, factor) in zip(memory, reversed(factors)):
        R += (factor - rho * np.sum(change * R)) * step
    return R


def _search(measure, geometry, point, signs, step, G):
    """Halve the step until the loss falls: its length and the point there, or None."""
    before, slope = geometry.loss(point, signs), np.sum(step * G)
    allowance = ROUNDING[measure.precision.name] * (1.0 + np.abs(point.stats.loss).sum())
    size = np.abs(G).max()
    scale = 1.0
    for _ in range(HALVINGS):
        after = _measured(measure, geometry.move(point.W, scale * step))
        gain = before - geometry.loss(after, signs)
        if gain > max(-1e-4 * scale * slope, 8 * allowance):
            return scale, after
        # Too near the minimum for losses to tell: gradients can.
        if abs(gain) <= 8 * allowance or -scale * slope <= 8 * allowance:
            smaller = np.abs(geometry.gradient(after, signs)).max() < 0.9 * size
            if smaller:
                return scale, after
        scale *= 0.5
    return None
