"""Inverses of many small positive-definite matrices, and posterior moments that need them."""

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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _invert_lower(A, column):
    """Overwrite the lower triangle of A (k, k) by that of its inverse; its log determinant."""
    k, log_det = len(A), 0.0
    for c in range(k):
        pivot = A[c, c]
        log_det += np.log(pivot)
        for i in range(k):
            column[i] = A[c, i] if i < c else A[i, c]
        column[c] = 0.0
        for i in range(k):
            factor = column[i] / pivot
            for j in range(i + 1):
                A[i, j] -= factor * column[j]
        for j in range(c):
            A[c, j] = column[j] / pivot
        for i in range(c + 1, k):
            A[i, c] = column[i] / pivot
        A[c, c] = -1.0 / pivot
    for i in range(k):
        for j in range(i + 1):
            A[i, j] = -A[i, j]
    return log_det


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def posterior_moments(information, slopes, pattern, weight, means, second):
    """Posterior means and second moments of latent rows with unit normal priors.

    ``information`` (p, k (k + 1) / 2) is the upper triangle, column by column, of what each
    pattern adds to the prior precision, and ``slopes`` (n, k) times the posterior covariance are
    the means; ``pattern`` (n,) is sorted. Writes the means (n, k), and into ``second``
    (p, (k + 1) (k + 2) / 2), zeros before, the same triangle of the weighted sums of
    E[(z, 1) (z, 1)'] over the rows of each pattern. ``information`` becomes the triangle of the
    posterior covariances. Returns the log determinants (p,) of the precisions.
    """
    n, k = slopes.shape
    log_det = np.empty(len(information))
    A, column = np.empty((k, k)), np.empty(k)
    row = 0
    for p in range(len(information)):
        at = 0
        for i in range(k):
            for j in range(i + 1):
                A[i, j] = information[p, at + j]
            A[i, i] += 1.0
            at += i + 1
        log_det[p] = _invert_lower(A, column)
        total, sums = 0.0, second[p]
        while row < n and pattern[row] == p:
            w, z, s = weight[row], means[row], slopes[row]
            for i in range(k):
                z[i] = A[i, i] * s[i]
                for j in range(i):
                    z[i] += A[i, j] * s[j]
                    z[j] += A[i, j] * s[i]
            at = 0
            for i in range(k):
                for j in range(i + 1):
                    sums[at + j] += w * z[i] * z[j]
                at += i + 1
            for j in range(k):
                sums[at + j] += w * z[j]
            sums[at + k] += w
            total += w
            row += 1
        at = 0
        for i in range(k):
            for j in range(i + 1):
                sums[at + j] += total * A[i, j]
                information[p, at + j] = A[i, j]
            at += i + 1
    return log_det
