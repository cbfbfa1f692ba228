"""Orthogonal matching pursuit on the Gram matrix (Rubinstein, Zibulevsky & Elad 2008)."""

import numpy as np
from numba import njit

from skgen.kernels.sparse.support_gram import (
    BLOCK,
    UNROLL,
    append,
    block_peaks,
    correlate,
    locate,
    multiply,
)


@njit(cache=True, nogil=True)
def matching_pursuit(Q, G, n_nonzero, enough, mask, dependent, codes):
    """Codes of at most ``n_nonzero`` atoms, chosen greedily and fitted by least squares.

    Parameters
    ----------
    Q : ndarray of shape (n, K)
        Correlations ``X D'`` of the rows with the atoms.
    G : ndarray of shape (K, K padded)
        Gram matrix of the atoms, from ``padded_gram``.
    n_nonzero : int
        Largest number of atoms of a code.
    enough : ndarray of shape (n,)
        Squared length of the reconstruction at which a row is done: that of the row less that of
        the residual it may keep. Infinity leaves it to ``n_nonzero``.
    mask : ndarray of shape (2,)
        What ``order_mask(dtype, False)`` gives.
    dependent : float
        What ``dependence(dtype)`` gives.
    codes : ndarray of shape (n, K)
        Overwritten by the codes; may be Q itself.
    """
    K, padded = G.shape
    q, c = np.zeros(padded, G.dtype), np.zeros(padded, G.dtype)
    bits, peaks = c.view(mask.dtype), np.zeros(padded // BLOCK, mask.dtype)
    size = n_nonzero + UNROLL
    inverse, support = np.empty((size, size)), np.zeros(size, np.int64)
    b, g, u, w = np.empty(size), np.empty(size), np.empty(size), np.zeros(size)
    narrow = np.zeros(size, G.dtype)
    rounding = 8 * np.finfo(G.dtype).eps
    for r in range(Q.shape[0]):
        q[:K] = Q[r]
        c[:] = q
        codes[r] = 0
        narrow[:] = 0
        k, floor, explained = 0, 0.0, 0.0
        while k < n_nonzero and explained < enough[r]:
            j = locate(bits, mask[0], peaks, block_peaks(bits, mask[0], peaks))
            if k == 0:
                floor = rounding * abs(c[j])
            if abs(c[j]) <= floor:
                break
            for i in range(k):
                g[i] = G[j, support[i]]
            if not append(inverse, k, g, np.float64(G[j, j]), dependent, u):
                break
            support[k], b[k] = j, q[j]
            k += 1
            multiply(inverse, k, b, w)
            # |w D|^2 = w b, since the residual is orthogonal to w D.
            explained = np.dot(w[:k], b[:k])
            narrow[:k] = w[:k]
            correlate(q, G, support, narrow, k, c)
        for i in range(k):
            codes[r, support[i]] = w[i]
