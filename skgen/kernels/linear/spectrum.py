"""Leading eigenpairs of a covariance by the side of the data that costs least."""

import numpy as np
from scipy import linalg, sparse

from skgen.kernels.linear import blas
from skgen.kernels.moments import centered

OVERSAMPLING = 10
SMALL = 400  # up to this size a few eigenpairs cost less on one thread than all on two
POWER_ITERATIONS = 5


def cheapest_solver(n, d, k, *, full):
    """Name of the solver with the fewest operations; ``full`` asks for every eigenvalue.

    The randomized one is inexact, so it has to be ten times cheaper to be chosen.
    """
    side = min(n, d)
    exact = n * d * side + 10 * side**3
    randomized = 4 * (POWER_ITERATIONS + 1) * n * d * (k + OVERSAMPLING)
    if not full and 10 * randomized < exact:
        return "randomized"
    return "covariance" if d <= n else "gram"


def top_eigenpairs(C, k):
    """The k largest eigenvalues, descending, and eigenvectors as rows, of a symmetric matrix."""
    d = len(C)
    if 3 * k < d <= SMALL:
        subset = [d - k, d - 1]
        with blas.one_scipy_thread():
            # Bisection needs half the time of the default driver for a few pairs.
            values, V = linalg.eigh(C, subset_by_index=subset, driver="evx", check_finite=False)
    else:
        values, V = np.linalg.eigh(C)
    return values[::-1][:k], V[:, ::-1][:, :k].T


def gram_eigenpairs(A, total, k, G=None):
    """Top eigenpairs of ``A.T @ A / total`` through the Gram matrix G = A @ A.T, for n < d."""
    G = A @ A.T if G is None else G
    values, U = top_eigenpairs(G.astype(np.float64) / total, k)
    values = np.maximum(values, 0.0)
    axes = (A.T @ U.T).T / np.sqrt(total)
    # Directions beyond the rank carry rounding only; QR completes them to an orthonormal set.
    keep = values > values[0] * len(G) * np.finfo(A.dtype).eps
    axes[~keep] = 0.0
    axes[keep] /= np.sqrt(values[keep])[:, None]
    Q, R = np.linalg.qr(axes.T)
    return values, (Q * np.where(np.diag(R) < 0, -1.0, 1.0)).T


def gram_matrix(X, mean):
    """Inner products (n, n) of the rows around ``mean``; sparse X stays sparse."""
    if not sparse.issparse(X):
        Y = centered(X, mean)
        return (Y @ Y.T).astype(np.float64)
    with_mean = X @ mean
    return (X @ X.T).toarray() - with_mean[:, None] - with_mean + mean @ mean


def randomized_eigenpairs(A, total, k, rng):
    """Top eigenpairs of ``A.T @ A / total`` by a random range finder with power iterations.

    ``A`` is anything with ``shape``, ``@`` and ``.T`` (Halko, Martinsson & Tropp 2011).
    """
    n, d = A.shape
    width = min(k + OVERSAMPLING, n, d)
    Q = rng.standard_normal((d, width))
    for _ in range(POWER_ITERATIONS):
        Q = linalg.qr(A @ Q, mode="economic", check_finite=False)[0]
        Q = linalg.qr(A.T @ Q, mode="economic", check_finite=False)[0]
    _, s, Vt = linalg.svd(A @ Q, full_matrices=False, check_finite=False)
    return s[:k] ** 2 / total, (Vt[:k] @ Q.T)


def centered_rows(X, mean, weight=None):
    """The centered, root-weighted data as something to multiply with; sparse X stays sparse."""
    root = None if weight is None else np.sqrt(weight)
    if not sparse.issparse(X):
        Y = centered(X, mean)
        return Y if root is None else Y * root[:, None].astype(X.dtype)
    root = np.ones(X.shape[0]) if root is None else root
    A = sparse.linalg.aslinearoperator(sparse.diags_array(root) @ X.astype(np.float64))
    shift = sparse.linalg.LinearOperator(
        X.shape,
        matvec=lambda q: root * (mean @ q.ravel()),
        rmatvec=lambda p: mean * (root @ p.ravel()),
        matmat=lambda Q: np.outer(root, mean @ Q),
        rmatmat=lambda P: np.outer(mean, root @ P),
        dtype=np.float64,
    )
    return A - shift


def total_variance(X, mean, weight=None):
    """Sum of the features' variances, divided by the total weight."""
    if sparse.issparse(X):
        squares = np.asarray(X.multiply(X).sum(axis=1), dtype=np.float64).ravel()
        return float(np.average(squares, weights=weight) - mean @ mean)
    Y = centered(X, mean)
    squares = np.einsum("ij,ij->i", Y, Y, dtype=np.float64)
    return float(np.average(squares, weights=weight))
