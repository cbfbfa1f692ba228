"""Matrix products in the BLAS that SciPy's eigensolvers and factorisations use.

NumPy and SciPy each bring a BLAS with threads of its own. The idle threads of one spin for some
25 ms after a product and take the cores from the other, so a fit that goes back and forth between
them waits more than it computes.
"""

import numpy as np
from scipy.linalg import get_blas_funcs


def inner_upper(Y):
    """Upper triangle of ``Y.T @ Y``, zero below, at half the cost; Y (n, d) is C-ordered."""
    syrk = get_blas_funcs("syrk", (Y,))
    return syrk(1.0, Y.T)


def mirrored(upper):
    """The symmetric matrix of an upper triangle."""
    return upper + np.triu(upper, 1).T


def inner(Y):
    """``Y.T @ Y``, shape (d, d); Y (n, d) is C-ordered."""
    return mirrored(inner_upper(Y))


def product(A, B):
    """``A @ B`` of two matrices."""
    gemm = get_blas_funcs("gemm", (A, B))
    # A C-ordered matrix is its own transpose in Fortran order: no copy on either side.
    return gemm(1.0, np.asarray(B).T, np.asarray(A).T).T


def column_sums(Y, weight):
    """``weight @ Y``, shape (d,); Y (n, d) is C-ordered."""
    gemv = get_blas_funcs("gemv", (Y,))
    return gemv(1.0, Y.T, weight)


def may_have_nan(X):
    """False if X (n, d) has no NaN; True if it has one, or sums to infinities that cancel."""
    Y = X if X.flags.c_contiguous else np.ascontiguousarray(X.T) if X.ndim == 2 else X
    return bool(np.isnan(column_sums(Y, np.ones(len(Y), Y.dtype))).any())
