"""Exact lasso codes by an active set of atoms, the default solver."""

from collections import namedtuple

import numpy as np
from numba import njit

from skgen.kernels.sparse.lasso_coordinate import allowed_violation, descend
from skgen.kernels.sparse.support_gram import (
    BLOCK,
    FAST,
    UNROLL,
    append,
    block_peaks,
    correlate,
    locate,
    multiply,
    remove,
)

# Atoms that may join in one round: the peaks of the blocks whose excess over alpha is at least
# this fraction of the largest. Fewer scans of all atoms against more atoms that leave again.
_FRACTION = 0.6
_MOST = 8

# Corrections of a solution that rounding left short of the tolerance.
_REFINEMENTS = 3

# support: atoms in use; w: their weights, s: signs, b: q - alpha s; z: where the weights head
# (the minimum for these atoms and signs); g, u: scratch; narrow: weights in the precision of G;
# dependent: see append.
_Active = namedtuple("_Active", "support w s b z g u inverse narrow dependent")


@njit(cache=True, nogil=True)
def _workspace(size, G, dependent):
    n = size + UNROLL
    return _Active(
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        np.zeros((n, n)),
        np.zeros(n, G.dtype),
        dependent,
    )


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def _join(active, k, j, start, sign, q, G, alpha):
    """Add atom j with a starting weight; the new size, unchanged if it is dependent."""
    for i in range(k):
        active.g[i] = G[j, active.support[i]]
    if not append(active.inverse, k, active.g, np.float64(G[j, j]), active.dependent, active.u):
        return k
    active.support[k] = j
    active.w[k] = start
    active.s[k] = sign
    active.b[k] = q[j] - alpha * sign
    return k + 1


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def _leave(active, k, drop):
    """Drop one atom; the last takes its place."""
    remove(active.inverse, k, drop)
    last = k - 1
    active.support[drop] = active.support[last]
    active.w[drop] = active.w[last]
    active.s[drop] = active.s[last]
    active.b[drop] = active.b[last]
    return last


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def _step_to_minimum(active, k):
    """Move to the minimum for the present signs, dropping each atom that reaches zero first."""
    while k > 0:
        step, drop = 1.0, -1
        for i in range(k):
            if active.z[i] * active.s[i] < 0:
                t = active.w[i] / (active.w[i] - active.z[i])
                if t < step:
                    step, drop = t, i
        if drop < 0:
            break
        for i in range(k):
            active.w[i] += step * (active.z[i] - active.w[i])
        k = _leave(active, k, drop)
        multiply(active.inverse, k, active.b, active.z)
    for i in range(k):
        active.w[i] = active.z[i]
        active.narrow[i] = active.z[i]
    for i in range(k, k + UNROLL):
        active.narrow[i] = 0
    return k


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def _exchange(active, k, sign):
    """Make room for an atom in the span of those in use; its weight and the new size.

    Weight moved to it along its expansion u leaves the fit as it is and lowers the l1 norm,
    until the first of the others reaches zero and leaves.
    """
    step, drop = np.inf, -1
    for i in range(k):
        if active.w[i] * sign * active.u[i] > 0:
            t = active.w[i] / (sign * active.u[i])
            if t < step:
                step, drop = t, i
    if drop >= 0:
        for i in range(k):
            active.w[i] -= step * sign * active.u[i]
        k = _leave(active, k, drop)
    return (step * sign if drop >= 0 else 0.0), k


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def _recruit(active, k, room, first, q, c, G, alpha, bits, mask, peaks, heights):
    """Let the worst atom and other bad ones join; set where the weights head; -1 if stuck."""
    j = locate(bits, mask, peaks, first)
    excess, sign = abs(c[j]) - alpha, np.sign(c[j])
    before, start = k, 0.0
    k = _join(active, k, j, start, sign, q, G, alpha)
    if k == before:
        start, k = _exchange(active, k, sign)
        if start == 0:
            return -1
        k = _join(active, k, j, start, sign, q, G, alpha)
    cut = alpha + _FRACTION * excess
    for block in range(peaks.shape[0]):
        if k >= room or k - before >= _MOST:
            break
        if block != first and heights[block] > cut:
            j = locate(bits, mask, peaks, block)
            k = _join(active, k, j, 0.0, np.sign(c[j]), q, G, alpha)
    if k == before + 1 and start == 0:
        # The others were at their minimum, so one column of the inverse gives the direction.
        gain = c[active.support[before]] - alpha * active.s[before]
        for i in range(k):
            active.z[i] = active.w[i] + gain * active.inverse[before, i]
    else:
        multiply(active.inverse, k, active.b, active.z)
    return k


@njit(cache=True, nogil=True)
def _resume(active, room, code, q, c, G, alpha):
    """Start from the atoms of an earlier code."""
    k = 0
    for j in range(code.shape[0]):
        if code[j] != 0 and k < room:
            k = _join(active, k, j, code[j], np.sign(code[j]), q, G, alpha)
    multiply(active.inverse, k, active.b, active.z)
    k = _step_to_minimum(active, k)
    correlate(q, G, active.support, active.narrow, k, c)
    return k


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def _imbalance(active, k, c, alpha):
    """Largest deviation of the correlations of the atoms in use from +-alpha."""
    worst = 0.0
    for i in range(k):
        worst = max(worst, abs(c[active.support[i]] - alpha * active.s[i]))
    return worst


@njit(cache=True, nogil=True, fastmath=FAST)
def _aim(active, k, c, alpha):
    """Correct where the weights head by what the correlations say is left."""
    for i in range(k):
        active.g[i] = c[active.support[i]] - alpha * active.s[i]
    multiply(active.inverse, k, active.g, active.z)
    for i in range(k):
        active.z[i] += active.w[i]


@njit(cache=True, nogil=True)
def _solve(active, k, room, alpha, goal, max_iter, q, c, G, bits, mask, peaks, heights):
    """Rounds of joining and settling; the size and the violation, infinite if it gave up."""
    refined = 0
    for _ in range(max_iter):
        first = block_peaks(bits, mask, peaks)
        excess = np.float64(heights[first]) - alpha
        if excess <= goal:
            worst = max(excess, _imbalance(active, k, c, alpha))
            if worst <= goal:
                return k, worst
            if refined == _REFINEMENTS:
                break
            refined += 1
            _aim(active, k, c, alpha)
            k = _step_to_minimum(active, k)
            correlate(q, G, active.support, active.narrow, k, c)
            continue
        if k > room:
            break
        joined = _recruit(active, k, room, first, q, c, G, alpha, bits, mask, peaks, heights)
        if joined < 0:
            break
        k = _step_to_minimum(active, joined)
        correlate(q, G, active.support, active.narrow, k, c)
    return k, np.inf


@njit(cache=True, nogil=True)
def _polish(active, k, K, alpha, goal, max_iter, positive, q, c, G, out):
    """Finish a row whose atoms in use are dependent by coordinate descent in float64."""
    a, w = np.zeros(K), np.zeros(K + UNROLL)
    support = np.zeros(K + UNROLL, np.int64)
    wide = np.zeros(c.shape[0])
    for i in range(k):
        a[active.support[i]] = active.w[i]
    target = q.astype(np.float64)
    descend(target, G, alpha, goal, max_iter, positive, a, wide, support, w)
    out[:] = a
    # What is reported belongs to the code as it is returned, in the precision of the caller.
    for j in range(K):
        a[j] = out[j]
    return descend(target, G, alpha, goal, 0, positive, a, wide, support, w)


@njit(cache=True, nogil=True)
def active_set(Q, G, alpha, tol, max_iter, positive, rank, mask, dependent, warm, codes, gap):
    """Lasso codes by adding the worst atoms and solving exactly on those in use.

    Each round adds the atoms that violate the optimality conditions most, steps toward the
    minimum for the present signs, drops an atom whenever its weight reaches zero on the way (as
    in feature-sign search, Lee et al. 2006), and computes the correlations afresh. The inverse
    Gram matrix of the atoms in use is updated, never factorized. An atom that depends on those
    in use takes the place of one of them. Rows that rounding defeats are finished by coordinate
    descent.

    Parameters
    ----------
    Q : ndarray of shape (n, K)
        Correlations ``X D'`` of the rows with the atoms.
    G : ndarray of shape (K, K padded)
        Gram matrix of the atoms, from ``padded_gram``.
    alpha : float
        Weight of the l1 norm.
    tol : float
        Largest violation of the optimality conditions relative to alpha; what rounding
        allows, if that is more (``allowed_violation``).
    max_iter : int
        Rounds.
    positive : bool
        Whether codes are non-negative.
    rank : int
        Most atoms that can be independent.
    mask : ndarray of shape (2,)
        What ``order_mask(dtype, positive)`` gives.
    dependent : float
        What ``dependence(dtype)`` gives.
    warm : bool
        Whether ``codes`` holds starting values.
    codes : ndarray of shape (n, K)
        Overwritten by the codes; may be Q itself unless ``warm``.
    gap : ndarray of shape (n,)
        Overwritten by the violation reached, as a multiple of what is allowed.
    """
    K, padded = G.shape
    q, c = np.zeros(padded, G.dtype), np.zeros(padded, G.dtype)
    heights = np.zeros(padded // BLOCK, G.dtype)
    bits, peaks = c.view(mask.dtype), heights.view(mask.dtype)
    active = _workspace(rank, G, dependent)
    for r in range(Q.shape[0]):
        for j in range(K):
            q[j] = Q[r, j]
            c[j] = q[j]
        scale = np.float64(heights[block_peaks(bits, mask[1], peaks)])
        goal = allowed_violation(alpha, scale, tol, np.finfo(G.dtype).eps)
        k = 0
        if warm:
            k = _resume(active, rank, codes[r], q, c, G, alpha)
        k, worst = _solve(
            active, k, rank, alpha, goal, max_iter, q, c, G, bits, mask[0], peaks, heights
        )
        if worst == np.inf:
            worst = _polish(active, k, K, alpha, goal, max_iter, positive, q, c, G, codes[r])
        else:
            for j in range(K):
                codes[r, j] = 0
            for i in range(k):
                codes[r, active.support[i]] = active.narrow[i]
        gap[r] = worst / goal if goal > 0 else 0.0
