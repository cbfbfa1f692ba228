"""Weighted mean and covariance in one pass over the rows, and their exact merging."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

# Blocks of rows of 4 MiB: large enough for BLAS, small enough to stay in the caches.
BLOCK_BYTES = 1 << 22
SAFE_FLOAT32 = 1e-12, 1e12  # sizes whose squares, summed, are far from float32's ends


class Moments(NamedTuple):
    """Sufficient statistics of a Gaussian; the covariance divides by the total weight."""

    weight: float
    mean: np.ndarray
    covariance: np.ndarray
    n_rows: int = 0  # unknown in what version 0.1 saved


def row_blocks(n_rows, n_features, itemsize, fewest=16):
    """Slices that cut the rows into blocks of about ``BLOCK_BYTES``, or ``fewest`` rows."""
    step = max(fewest, BLOCK_BYTES // max(1, n_features * itemsize))
    return [slice(start, min(start + step, n_rows)) for start in range(0, n_rows, step)]


def dense_rows(X, rows):
    """The chosen rows of an array or CSR matrix as an array."""
    return X[rows].toarray() if sparse.issparse(X) else X[rows]


def centered(X, mean):
    """X - mean subtracted in float64 and kept in the precision of X."""
    return np.subtract(X, mean, dtype=np.float64).astype(X.dtype, copy=False)


def column_mean(X, weight=None):
    """Weighted mean of the columns in float64, shape (d,)."""
    if sparse.issparse(X):
        w = np.ones(X.shape[0]) if weight is None else weight
        return np.asarray(X.T @ w, dtype=np.float64).ravel() / w.sum()
    if weight is None:
        return X.mean(axis=0, dtype=np.float64)
    return weight @ X.astype(np.float64, copy=False) / weight.sum()


def column_variance(X, mean, weight=None):
    """Weighted variance of what each column observes around ``mean``, in float64, shape (d,)."""
    if sparse.issparse(X):
        w = np.ones(X.shape[0]) if weight is None else weight
        squares = np.asarray(X.multiply(X).T @ w, dtype=np.float64).ravel() / w.sum()
        return np.maximum(squares - mean**2, 0.0)
    total, seen = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for rows in row_blocks(*X.shape, itemsize=8):
        Y = X[rows] - mean
        w = np.ones(len(Y)) if weight is None else weight[rows]
        gaps = np.isnan(Y)
        if gaps.any():
            Y[gaps] = 0.0
            seen += w @ ~gaps
        else:
            seen += w.sum()
        with np.errstate(over="ignore", under="ignore"):
            total += w @ np.square(Y, out=Y)
    return total / np.maximum(seen, np.finfo(float).tiny)


def varies(variance, mean, dtype):
    """Which columns vary by more than the rounding of their values."""
    return np.sqrt(variance) > 4 * np.finfo(dtype).eps * np.abs(mean)


def moments(X, weight=None, *, precise=False):
    """Weight, mean (d,) and covariance (d, d) of the rows of X, all in float64.

    ``weight`` gives each row's weight, None means one each. The products of float32 rows are
    float32, unless ``precise`` or their size asks for more.
    """
    # NaN or infinity in X is for the caller to find in the mean.
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        if sparse.issparse(X):
            return _sparse_moments(X, weight)
        return _dense_moments(X, weight, precise)


def _dense_moments(X, weight, precise):
    n, d = X.shape
    # Any shift near the mean keeps every digit of float32 data far from zero; the exact mean
    # then falls out of the same pass. Data around zero need none, and no copy.
    some = X[:: max(1, n // 256)].astype(np.float64)
    shift = some.mean(axis=0)
    if np.all(np.abs(shift) <= 4 * some.std(axis=0)):
        shift[:] = 0.0
    size = np.abs(some - shift).max(initial=0.0)
    wide = X.dtype == np.float32 and (precise or not SAFE_FLOAT32[0] < size < SAFE_FLOAT32[1])
    dtype = np.dtype(np.float64 if wide else X.dtype)
    copied = weight is not None or shift.any() or not X.flags.c_contiguous or wide
    shift = shift.astype(X.dtype)
    # Each block adds a d x d matrix in float64; many rows a block hide that.
    blocks = row_blocks(n, d, X.itemsize, fewest=16 * d)
    buffer = np.empty((blocks[0].stop, d), dtype) if copied else None
    ones = np.ones(blocks[0].stop, dtype)
    total, second = np.zeros(d), np.zeros((d, d))
    for rows in blocks:
        Y, w = X[rows], ones[: rows.stop - rows.start]
        if copied:
            Y = np.subtract(Y, shift, out=buffer[: len(Y)], dtype=dtype)
        if weight is not None:
            w = np.sqrt(weight[rows]).astype(dtype)
            Y *= w[:, None]
        total += w @ Y
        second += Y.T @ Y
    w_sum = float(n if weight is None else weight.sum())
    offset = total / w_sum
    covariance = second / w_sum - np.outer(offset, offset)
    return Moments(w_sum, shift.astype(np.float64) + offset, covariance, n)


def _sparse_moments(X, weight):
    w_sum = float(X.shape[0] if weight is None else weight.sum())
    mean = column_mean(X, weight)
    X = X.astype(np.float64)
    weighted = X if weight is None else sparse.diags_array(weight) @ X
    second = (X.T @ weighted).toarray()
    return Moments(w_sum, mean, second / w_sum - np.outer(mean, mean), X.shape[0])


def merge(a, b):
    """Moments of the union of two disjoint sets of rows (Chan, Golub & LeVeque 1983)."""
    weight = a.weight + b.weight
    fraction = b.weight / weight
    # NaN or infinity is for the caller to find.
    with np.errstate(invalid="ignore", over="ignore"):
        gap = b.mean - a.mean
        covariance = (1 - fraction) * a.covariance + fraction * b.covariance
        covariance += fraction * (1 - fraction) * np.outer(gap, gap)
    return Moments(weight, a.mean + fraction * gap, covariance, a.n_rows + b.n_rows)
