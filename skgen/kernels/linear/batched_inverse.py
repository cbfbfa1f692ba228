"""Inverses and log determinants of many small positive-definite matrices."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def invert_all(M):
    """Overwrite each M[p] (k, k) by its inverse; return the log determinants, shape (p,).

    Sweeps without pivoting, which positive-definite matrices do not need: each is one update of
    rank one, whose loops run along rows and vectorize. LAPACK's calls cost more than that.
    """
    n, k, _ = M.shape
    log_det = np.zeros(n)
    row = np.empty(k)
    for p in range(n):
        A = M[p]
        for c in range(k):
            pivot = A[c, c]
            log_det[p] += np.log(pivot)
            row[:] = A[c]
            row[c] = 0.0
            for i in range(k):
                factor = row[i] / pivot
                for j in range(k):
                    A[i, j] -= factor * row[j]
            # Beaton's sign: after all columns A is minus its inverse.
            for i in range(k):
                A[c, i] = A[i, c] = row[i] / pivot
            A[c, c] = -1.0 / pivot
        for i in range(k):
            for j in range(k):
                A[i, j] = -A[i, j]
    return log_det
