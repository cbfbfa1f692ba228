"""White coordinates of rows, and an unmixing matrix to start from that no mixing changes."""

from typing import NamedTuple

import numpy as np

BLOCK_FLOATS = 1 << 16
UNDECIDED = 1e-8  # relative differences of moments that rounding may have made


class Whitening(NamedTuple):
    """White coordinates ``(x - mean) @ K.T`` and the way back ``mean + z @ back.T``."""

    K: np.ndarray  # (k, d)
    back: np.ndarray  # (d, k)
    noise: float  # variance of the d - k directions left out; 0 where none is


def of_all(covariance, rounding):
    """Whitening that leaves nothing out, or None where some direction does not vary.

    The correlations decide, so that the units of the columns do not. ``rounding`` (d,) is the
    variance that the rounding of the values alone gives a column.
    """
    variance = np.diag(covariance)
    if not (variance > rounding).all():
        return None
    scale = np.sqrt(variance)
    values, V = np.linalg.eigh(covariance / np.outer(scale, scale))
    least = 16 * len(values) * np.finfo(float).eps * values[-1] + (rounding / variance).max()
    if values[0] <= least:
        return None
    root = np.sqrt(values)
    return Whitening((V / root).T / scale, scale[:, None] * (V * root), 0.0)


def of_axes(values, axes, noise):
    """Whitening of the principal axes (k, d), with noise beyond them."""
    root = np.sqrt(values)[:, None]
    return Whitening(axes / root, (axes * root).T, noise)


def white_rows(X, mean, K):
    """Centered rows in white coordinates, C-contiguous and in the precision of X, (n, k)."""
    Z = np.empty((X.shape[0], len(K)), X.dtype)
    # Fresh memory for each product would take longer than the products.
    blocks = cached_blocks(*X.shape)
    centered = np.empty((blocks[0].stop, X.shape[1]))
    white = np.empty((blocks[0].stop, len(K)))
    for rows in blocks:
        Y, own = centered[: rows.stop - rows.start], white[: rows.stop - rows.start]
        np.subtract(X[rows], mean, out=Y)
        np.matmul(Y, K.T, out=own)
        Z[rows] = own
    return Z


def cached_blocks(n, k):
    """Slices of rows whose k columns stay in the second cache."""
    step = max(64, BLOCK_FLOATS // k)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def nearest_rotation(W):
    """The orthogonal matrix nearest to W."""
    U, _, Vt = np.linalg.svd(W)
    return U @ Vt


def fourth_order_start(Z, weight):
    """Rotation to the axes of the moment ``E[|z|^2 z z']``.

    These axes turn with the rows, so that solvers which start at them take the same path after any
    mixing of the sources; and where the kurtoses differ they are the sources already (Cardoso
    1989).
    """
    k = Z.shape[1]
    total = np.zeros((k, k))
    blocks = cached_blocks(*Z.shape)
    buffers = np.empty((2, blocks[0].stop, k))
    for rows in blocks:
        Y, scaled = buffers[:, : rows.stop - rows.start]
        Y[:] = Z[rows]
        norms = np.einsum("ij,ij->i", Y, Y)
        if weight is not None:
            norms = norms * weight[rows]
        np.multiply(Y, norms[:, None], out=scaled)
        total += scaled.T @ Y
    values, V = np.linalg.eigh(total)
    # What the moment does not tell apart, as where rows are few, the order of the given axes does.
    apart = np.flatnonzero(np.diff(values) > UNDECIDED * values[-1]) + 1
    for group in np.split(np.arange(k), apart):
        if len(group) > 1:
            inside = V[:, group]
            V[:, group] = inside @ np.linalg.eigh((inside.T * np.arange(k)) @ inside)[1]
    return V.T[::-1]


def by_norm(Z):
    """Rows by growing norm, an order that no mixing changes: each nth is a fair part of them."""
    return np.argsort(np.einsum("ij,ij->i", Z, Z), kind="stable")


def log_volume(C):
    """Logarithm of the factor by which C (k, d) changes volumes in the space of its rows."""
    if len(C) == C.shape[1]:
        return float(np.linalg.slogdet(C)[1])
    return float(np.log(np.abs(np.diag(np.linalg.qr(C.T, mode="r")))).sum())


def outside(Y, C):
    """The part of centered rows Y that lies outside the space of the rows of C."""
    V = np.linalg.qr(C.T)[0]
    return Y - (Y @ V) @ V.T
