"""Proximal-gradient solvers for the lasso code: ISTA and FISTA (Beck & Teboulle 2009)."""

import math

import numpy as np
from numba import njit

from skgen.kernels.sparse.lasso_coordinate import (
    allowed_violation,
    largest_correlation,
    refresh,
    violation,
)
from skgen.kernels.sparse.support_gram import FAST, UNROLL


@njit(cache=True, nogil=True, fastmath=FAST)
def _proximal_step(alpha, lipschitz, positive, momentum, a, before, c, c_before):
    """Soft-threshold a gradient step from a + momentum (a - before); shift the history.

    The correlations are affine in the code, so those at the extrapolated point need no product.
    """
    threshold = a.dtype.type(alpha / lipschitz)
    step = a.dtype.type(1.0 / lipschitz)
    pace = a.dtype.type(momentum)
    zero = a.dtype.type(0)
    for j in range(a.shape[0]):
        y = a[j] + pace * (a[j] - before[j])
        y += step * (c[j] + pace * (c[j] - c_before[j]))
        before[j] = a[j]
        c_before[j] = c[j]
        above = max(y - threshold, zero)
        below = zero if positive else min(y + threshold, zero)
        a[j] = above + below


@njit(cache=True, nogil=True)
def _proximal(Q, G, alpha, tol, max_iter, positive, lipschitz, accelerate, warm, codes, gap):
    K, padded = G.shape
    q, c = np.zeros(padded, G.dtype), np.zeros(padded, G.dtype)
    a, w = np.zeros(K, G.dtype), np.zeros(K + UNROLL, G.dtype)
    before, c_before = np.zeros(K, G.dtype), np.zeros(K, G.dtype)
    support = np.zeros(K + UNROLL, np.int64)
    for r in range(Q.shape[0]):
        q[:K] = Q[r]
        if warm:
            a[:] = codes[r]
        else:
            a[:] = 0
        scale = largest_correlation(q)
        goal = allowed_violation(alpha, scale, tol, np.finfo(G.dtype).eps)
        refresh(q, G, a, support, w, c)
        worst = violation(c, a, alpha, positive)
        t = 1.0
        before[:] = a
        c_before[:] = c[:K]
        for _ in range(max_iter):
            if worst <= goal:
                break
            t_next = (1 + math.sqrt(1 + 4 * t * t)) / 2 if accelerate else 1.0
            momentum = (t - 1) / t_next
            _proximal_step(alpha, lipschitz, positive, momentum, a, before, c, c_before)
            t = t_next
            # The test is made at the code that would be returned, not at the extrapolated point.
            refresh(q, G, a, support, w, c)
            worst = violation(c, a, alpha, positive)
        gap[r] = worst / goal if goal > 0 else 0.0
        codes[r] = a


@njit(cache=True, nogil=True)
def ista(Q, G, alpha, tol, max_iter, positive, lipschitz, warm, codes, gap):
    """Lasso codes by iterative shrinkage-thresholding.

    After k iterations the objective is within ``lipschitz |a_0 - a*|^2 / (2 k)`` of the minimum.

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
        Proximal-gradient steps.
    positive : bool
        Whether codes are non-negative.
    lipschitz : float
        An upper bound of the largest eigenvalue of the Gram matrix.
    warm : bool
        Whether ``codes`` holds starting values.
    codes : ndarray of shape (n, K)
        Overwritten by the codes; may be Q itself unless ``warm``.
    gap : ndarray of shape (n,)
        Overwritten by the violation reached, as a multiple of what is allowed.
    """
    _proximal(Q, G, alpha, tol, max_iter, positive, lipschitz, False, warm, codes, gap)


@njit(cache=True, nogil=True)
def fista(Q, G, alpha, tol, max_iter, positive, lipschitz, warm, codes, gap):
    """Lasso codes by accelerated shrinkage-thresholding; the arguments are those of ``ista``.

    After k iterations the objective is within ``2 lipschitz |a_0 - a*|^2 / (k + 1)^2`` of the
    minimum.
    """
    _proximal(Q, G, alpha, tol, max_iter, positive, lipschitz, True, warm, codes, gap)
