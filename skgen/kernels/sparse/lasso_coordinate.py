"""Coordinate descent for the lasso code, on the Gram matrix of the atoms."""

import numpy as np
from numba import njit

from skgen.kernels.sparse.support_gram import FAST, UNROLL, correlate


@njit(cache=True, nogil=True, fastmath=FAST)
def violation(c, a, alpha, positive):
    """Largest violation of the optimality conditions, given c = D'(x - D a)."""
    worst = 0.0
    for j in range(a.shape[0]):
        if a[j] > 0:
            excess = abs(c[j] - alpha)
        elif a[j] < 0:
            excess = abs(c[j] + alpha)
        elif positive:
            excess = c[j] - alpha
        else:
            excess = abs(c[j]) - alpha
        if excess > worst:
            worst = excess
    return worst


@njit(cache=True, nogil=True)
def largest_correlation(q):
    """The largest |q_j| of one row."""
    largest = 0.0
    for j in range(q.shape[0]):
        if abs(q[j]) > largest:
            largest = abs(q[j])
    return largest


@njit(cache=True, nogil=True)
def allowed_violation(alpha, scale, tol, eps):
    """Tolerance of one row: relative to alpha (to ``scale`` when it is zero), above rounding.

    ``scale`` is the row's largest |q| and ``eps`` the spacing of the numbers that hold it.
    """
    return max(tol * (alpha if alpha > 0 else scale), 32 * eps * scale)


@njit(cache=True, nogil=True, fastmath=FAST)
def refresh(q, G, a, support, w, c):
    """Set c = q - G a from scratch, reading only the rows of G that a uses."""
    k = 0
    for j in range(a.shape[0]):
        if a[j] != 0:
            support[k] = j
            w[k] = a[j]
            k += 1
    w[k : k + UNROLL] = 0
    correlate(q, G, support, w, k, c)
    return k


@njit(cache=True, nogil=True, fastmath=FAST)
def _update(j, G, alpha, positive, a, c):
    """Minimize over one coefficient and return by how much its correlation was off."""
    curvature = G[j, j]
    if curvature <= 0:
        return 0.0
    pull = c[j] + curvature * a[j]
    if pull > alpha:
        value = (pull - alpha) / curvature
    elif pull < -alpha and not positive:
        value = (pull + alpha) / curvature
    else:
        value = 0.0
    step = c.dtype.type(value) - a[j]
    if step != 0:
        a[j] += step
        for i in range(c.shape[0]):
            c[i] -= step * G[j, i]
    return abs(step) * curvature


@njit(cache=True, nogil=True)
def descend(q, G, alpha, goal, max_iter, positive, a, c, support, w):
    """Cyclic sweeps over all atoms and, between them, over those in use; until ``goal``."""
    for _ in range(max_iter):
        # Fresh correlations: the updates of a long descent would let rounding errors pile up.
        k = refresh(q, G, a, support, w, c)
        if violation(c, a, alpha, positive) <= goal:
            break
        for _ in range(20):
            moved = 0.0
            for i in range(k):
                moved = max(moved, _update(support[i], G, alpha, positive, a, c))
            if moved <= 0.1 * goal:
                break
        for j in range(a.shape[0]):
            _update(j, G, alpha, positive, a, c)
    refresh(q, G, a, support, w, c)
    return violation(c, a, alpha, positive)


@njit(cache=True, nogil=True)
def coordinate_descent(Q, G, alpha, tol, max_iter, positive, warm, codes, gap):
    """Lasso codes by cyclic coordinate descent.

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
        Sweeps over all atoms.
    positive : bool
        Whether codes are non-negative.
    warm : bool
        Whether ``codes`` holds starting values.
    codes : ndarray of shape (n, K)
        Overwritten by the codes; may be Q itself unless ``warm``.
    gap : ndarray of shape (n,)
        Overwritten by the violation reached, as a multiple of what is allowed.
    """
    K, padded = G.shape
    q, c = np.zeros(padded, G.dtype), np.zeros(padded, G.dtype)
    a, w = np.zeros(K, G.dtype), np.zeros(K + UNROLL, G.dtype)
    support = np.zeros(K + UNROLL, np.int64)
    for r in range(Q.shape[0]):
        q[:K] = Q[r]
        if warm:
            a[:] = codes[r]
        else:
            a[:] = 0
        scale = largest_correlation(q)
        goal = allowed_violation(alpha, scale, tol, np.finfo(G.dtype).eps)
        worst = descend(q, G, alpha, goal, max_iter, positive, a, c, support, w)
        gap[r] = worst / goal if goal > 0 else 0.0
        codes[r] = a
