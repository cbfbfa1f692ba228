"""Inverses and log determinants of many small positive-definite matrices."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def invert_all(M):
    """Overwrite each M[p] (k, k) by its inverse; return the log determinants, shape (p,).

    Gauss-Jordan sweeps without pivoting, which positive-definite matrices do not need. Every
    inner loop runs along a row, so it vectorizes; LAPACK's calls cost more than the arithmetic.
    """
    n, k, _ = M.shape
    log_det = np.zeros(n)
    for p in range(n):
        A = M[p]
        for c in range(k):
            pivot = A[c, c]
            log_det[p] += np.log(pivot)
            A[c, c] = 1.0
            for j in range(k):
                A[c, j] /= pivot
            for i in range(k):
                if i != c:
                    factor = A[i, c]
                    A[i, c] = 0.0
                    for j in range(k):
                        A[i, j] -= factor * A[c, j]
    return log_det
