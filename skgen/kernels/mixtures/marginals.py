"""What latent rows add to the log-densities of rows with missing entries."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def add_latent_terms(information, slopes, pattern, joint):
    """Add ``(s' inverse(M) s - log det M) / 2`` to ``joint`` (n, m), where M is I + information.

    ``information`` (p, m, k (k + 1) / 2) is the upper triangle, column by column, of what each
    pattern tells each cluster's latent rows, ``slopes`` (n, m, k) are the s; ``pattern`` (n,) is
    sorted. ``slopes`` are overwritten.
    """
    n, m, k = slopes.shape
    first = 0
    for p in range(len(information)):
        last = first
        while last < n and pattern[last] == p:
            last += 1
        for c in range(m):
            # Cholesky in place: row i of the factor has the place of column i of the triangle.
            L, log_det = information[p, c], 0.0
            for i in range(k):
                row = i * (i + 1) // 2
                for j in range(i):
                    column = j * (j + 1) // 2
                    total = L[row + j]
                    for a in range(j):
                        total -= L[row + a] * L[column + a]
                    L[row + j] = total * L[column + j]
                pivot = 1.0 + L[row + i]
                for a in range(i):
                    pivot -= L[row + a] ** 2
                log_det += np.log(pivot)
                # The diagonal holds its inverse.
                L[row + i] = 1.0 / np.sqrt(pivot)
            for r in range(first, last):
                z, square = slopes[r, c], 0.0
                for i in range(k):
                    row = i * (i + 1) // 2
                    total = z[i]
                    for a in range(i):
                        total -= L[row + a] * z[a]
                    z[i] = total * L[row + i]
                    square += z[i] ** 2
                joint[r, c] += 0.5 * (square - log_det)
        first = last
