"""Maximum likelihood where entries are missing: a few EM steps, then quasi-Newton ones.

EM gives the gradient of the observed likelihood (Fisher's identity). The expected information of
each coefficient and log variance, which its posterior moments give too, is a metric for it, closer
than the information of the completed rows, in which EM steps. Quasi-Newton steps in that metric
(Lange 1995; Jamshidian and Jennrich 1997) end where EM would end, in a fraction of its iterations.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.linear import missing_em
from skgen.kernels.linear.missing_em import State

MEMORY = 20
EM_STEPS = 3  # from a rough start EM gains faster than a Newton step
LONGEST_STEP = 2.0  # of a log variance in one iteration
LEAST_INFORMATION = 1e-3  # of an observed entry


class Point(NamedTuple):
    """The log-likelihood at x, which holds coefficients (d, k + 1) and then log variances."""

    x: np.ndarray
    log_likelihood: float
    gradient: np.ndarray
    information: np.ndarray  # (d, k + 1, k + 1) about the coefficients
    noise_information: np.ndarray  # about the log variances


class Observed(NamedTuple):
    """The rows, and what the likelihood needs of them beside their expected latent rows."""

    rows: mg.Incomplete
    weight: np.ndarray  # (n,), in the order of ``rows``
    counts: np.ndarray  # (d,) weight that observes each feature
    squares: np.ndarray  # (d,) weighted sums of squares
    isotropic: bool

    def state(self, x, k):
        """The parameters that x stands for."""
        d = len(self.counts)
        coefficients = x[: d * (k + 1)].reshape(d, k + 1)
        psi = np.broadcast_to(np.exp(x[d * (k + 1) :]), d)
        return State(coefficients[:, k], coefficients[:, :k].T, psi)

    def vector(self, state):
        """Coefficients and log variances of a state as one vector."""
        coefficients = np.column_stack([state.W.T, state.mean])
        psi = state.psi[:1] if self.isotropic else state.psi
        return np.concatenate([coefficients.ravel(), np.log(psi)])


def observed_rows(Y, weight, isotropic):
    """Prepare the rows of Y (n, d), where NaN is missing, for many passes."""
    data = mg.prepare(Y)
    weight = weight[data.order]
    seen = data.observed[data.pattern]
    return Observed(data, weight, weight @ seen, weight @ data.values**2, isotropic)


def evaluate(x, data, k):
    """Log-likelihood, gradient and metric at x."""
    state = data.state(x, k)
    statistics = missing_em.expectation(data.rows, data.weight, state)
    A = mg.unpack_symmetric(statistics.second, k + 1)
    B = np.column_stack([state.W.T, state.mean])
    fitted = np.einsum("dij,dj->di", A, B)
    slope = (statistics.cross - fitted) / state.psi[:, None]
    # Expected squares of what the factors leave, were the rows complete.
    rest = data.squares + np.sum(B * (fitted - 2 * statistics.cross), axis=1)
    noise_slope = 0.5 * (rest / state.psi - data.counts)
    least = LEAST_INFORMATION * data.counts
    noise_information = np.maximum(0.5 * statistics.precision_square, least)
    if data.isotropic:
        # One variance for all is known nearly as well as from complete rows.
        noise_slope = noise_slope.sum()
        noise_information = np.maximum(0.5 * rest / state.psi, 0.25 * data.counts).sum()
    known = np.maximum(statistics.precision, least) / np.maximum(data.counts, np.finfo(float).tiny)
    return Point(
        x,
        statistics.log_likelihood,
        np.append(slope.ravel(), noise_slope),
        A * (known / state.psi)[:, None, None],
        np.atleast_1d(noise_information),
    )


def fit(Y, weight, start, *, isotropic, floor, tol, max_iter, report):
    """Maximize the likelihood of what is observed; Y (n, d) has NaN where missing.

    Stops when less than ``tol`` nats of the total log-likelihood are left to gain, or when
    ``report(state, trace)`` says so. ``floor`` bounds the noise variances. Returns the state, the
    trace of total log-likelihoods and the nats left to gain, by the curvature seen so far.
    """
    data, k = observed_rows(Y, weight, isotropic), len(start.W)
    stopped = False

    def watched(state, trace):
        nonlocal stopped
        stopped = report(state, trace)
        return stopped

    state, trace, gain = missing_em.fit(
        data, start, floor=floor, tol=tol, max_iter=min(EM_STEPS, max_iter), report=watched
    )
    if stopped:
        return state, trace, gain
    low = np.full(len(data.vector(state)), -np.inf)
    n_coefficients = len(state.mean) * (k + 1)
    low[n_coefficients:] = np.log(np.max(floor) if isotropic else floor)
    point = evaluate(np.maximum(data.vector(state), low), data, k)
    pairs, recent = deque(maxlen=MEMORY), deque([np.inf] * 5, maxlen=5)
    while True:
        free = ~((point.x <= low) & (point.gradient <= 0))
        direction = _direction(point, free, pairs)
        gain = 0.5 * (point.gradient @ direction)
        # One short step says little of what is left, and early curvature too little.
        if max(gain, sum(recent)) < tol or len(trace) >= max_iter:
            break
        moved = _line_search(point, direction, low, free, pairs, data, k)
        if moved is None:
            gain = 0.0  # rounding hides all ascent
            break
        _remember(pairs, point, moved, free)
        recent.append(moved.log_likelihood - point.log_likelihood)
        point = moved
        trace.append(point.log_likelihood)
        if report(data.state(point.x, k), trace):
            break
    return data.state(point.x, k), trace, gain


def _direction(point, free, pairs):
    """L-BFGS two-loop recursion around the metric of the completed rows, on the free variables."""
    q, stack = np.where(free, point.gradient, 0.0), []
    for s, y in reversed(pairs):
        a = (s @ q) / (s @ y)
        stack.append(a)
        q = q - a * y
    q = _precondition(point, q)
    for (s, y), a in zip(pairs, reversed(stack)):
        q = q + s * (a - (y @ q) / (s @ y))
    q[~free] = 0.0
    steepest = np.abs(q[-len(point.noise_information) :]).max()
    return q * min(1.0, LONGEST_STEP / max(steepest, LONGEST_STEP))


def _precondition(point, q):
    d, width, _ = point.information.shape
    out = np.empty_like(q)
    H = point.information.copy()
    # A feature that hardly a row observes leaves its coefficients open.
    ridge = 1e-10 * np.trace(H, axis1=1, axis2=2)
    H.reshape(d, -1)[:, :: width + 1] += ridge[:, None]
    out[: d * width] = np.linalg.solve(H, q[: d * width].reshape(d, width, 1)).ravel()
    out[d * width :] = q[d * width :] / point.noise_information
    return out


def _line_search(point, direction, low, free, pairs, data, k):
    """The next point, by backtracking; None when rounding hides all ascent."""
    step = 1.0
    while step > 1e-8:
        x = np.maximum(point.x + step * direction, low)
        trial = evaluate(x, data, k)
        promised = point.gradient @ (x - point.x)
        if promised > 0 and trial.log_likelihood >= point.log_likelihood + 1e-4 * promised:
            return trial
        step /= 3
        if pairs and step < 0.1:
            # The remembered curvature misled: forget it and take the step of EM.
            pairs.clear()
            direction, step = _direction(point, free, pairs), 1.0
    return None


def _remember(pairs, point, moved, free):
    s = np.where(free, moved.x - point.x, 0.0)
    y = np.where(free, point.gradient - moved.gradient, 0.0)
    if s @ y > 1e-10 * np.linalg.norm(s) * np.linalg.norm(y):
        pairs.append((s, y))
