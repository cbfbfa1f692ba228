"""Codes of many rows: correlations by BLAS, then a kernel, chunk by chunk."""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import sparse

from skgen.kernels.moments import dense_rows
from skgen.kernels.sparse.lasso_active_set import active_set
from skgen.kernels.sparse.lasso_coordinate import coordinate_descent
from skgen.kernels.sparse.lasso_proximal import fista, ista
from skgen.kernels.sparse.matching_pursuit import matching_pursuit
from skgen.kernels.sparse.support_gram import dependence, order_mask, padded_gram

# Correlations of one chunk: 256 KiB in float32, well inside a second-level cache.
_CHUNK_ENTRIES = 1 << 16

_SOLVERS = {"auto": active_set, "cd": coordinate_descent, "ista": ista, "fista": fista}


class LassoProblem(NamedTuple):
    """What a lasso code minimizes and how closely: ``|x - D a|^2 / 2 + alpha |a|_1``."""

    alpha: float
    positive: bool = False
    algorithm: str = "auto"
    tol: float = 1e-4
    max_iter: int = 1000


def chunk_rows(n_atoms):
    """Rows coded at a time; a function of the dictionary alone."""
    return max(16, min(1024, _CHUNK_ENTRIES // n_atoms))


def gram(D, workers):
    """Gram matrix of the atoms D (K, d), with padded columns."""
    G = padded_gram(np.empty((len(D), len(D)), dtype=D.dtype))

    def fill(rows):
        G[rows, : len(D)] = D[rows] @ D.T

    workers.run(fill, len(D), 128)
    return G


def largest_eigenvalue(D):
    """An upper bound, to rounding, of the largest eigenvalue of D D'; positive."""
    D = D.astype(np.float64, copy=False)
    small = D @ D.T if len(D) <= D.shape[1] else D.T @ D
    # Atoms of rows that overflow may all be zero.
    return max(1.0001 * float(np.linalg.eigvalsh(small)[-1]), np.finfo(np.float32).tiny)


def _lasso_kernel(problem, D, G):
    """Bind a solver to a dictionary: ``solve(Q, warm=, codes=, gap=)``."""
    solve = partial(
        _SOLVERS[problem.algorithm],
        G=G,
        alpha=problem.alpha,
        tol=problem.tol,
        max_iter=problem.max_iter,
        positive=problem.positive,
    )
    if problem.algorithm == "cd":
        return solve
    if problem.algorithm == "auto":
        mask = order_mask(D.dtype, problem.positive)
        return partial(solve, rank=min(D.shape), mask=mask, dependent=dependence(D.dtype))
    return partial(solve, lipschitz=largest_eigenvalue(D))


def _correlations(X, D, rows, out):
    """Write the correlations X D' of some rows."""
    if sparse.issparse(X):
        out[...] = X[rows] @ D.T
    else:
        np.matmul(X[rows], D.T, out=out)


def lasso_codes(X, D, problem, workers, start=None):
    """Lasso codes (n, K) of the rows of X, and how far each is from optimal (n,).

    The second is the violation of the optimality conditions as a multiple of what is allowed.

    ``start`` holds earlier codes of the same rows to start from.
    """
    D = np.ascontiguousarray(D, dtype=X.dtype)
    if problem.alpha == 0 and problem.algorithm == "auto" and not problem.positive:
        return _least_squares(X, D, workers), np.zeros(X.shape[0])
    solve = _lasso_kernel(problem, D, gram(D, workers))
    warm = start is not None
    codes = np.array(start, dtype=X.dtype) if warm else np.empty((X.shape[0], len(D)), X.dtype)
    gap = np.empty(X.shape[0])

    def task(rows):
        Q = np.empty_like(codes[rows]) if warm else codes[rows]
        _correlations(X, D, rows, Q)
        solve(Q, warm=warm, codes=codes[rows], gap=gap[rows])

    workers.run(task, X.shape[0], chunk_rows(len(D)))
    return codes, gap


def _least_squares(X, D, workers):
    """The shortest of the codes that fit best, which is what remains when alpha is zero."""
    inverse = np.linalg.pinv(D.astype(np.float64))
    codes = np.empty((X.shape[0], len(D)), X.dtype)

    def task(rows):
        codes[rows] = X[rows] @ inverse

    workers.run(task, X.shape[0], chunk_rows(len(D)))
    return codes


def pursuit_codes(X, D, n_nonzero, workers, tol=None):
    """Codes (n, K) of at most ``n_nonzero`` atoms a row, by orthogonal matching pursuit.

    A row stops earlier where its residual is no longer than ``tol``.
    """
    # The length of a residual is a small difference of squares: single precision loses it.
    D = np.ascontiguousarray(D, dtype=X.dtype if tol is None else np.float64)
    G, mask = gram(D, workers), order_mask(D.dtype, positive=False)
    dependent = dependence(D.dtype)
    codes = np.empty((X.shape[0], len(D)), X.dtype)

    def task(rows):
        Q = codes[rows] if codes.dtype == D.dtype else np.empty(codes[rows].shape, D.dtype)
        block = X[rows].astype(D.dtype, copy=False)
        _correlations(block, D, slice(None), Q)
        enough = np.full(len(Q), np.inf) if tol is None else squared_lengths(block) - tol**2
        matching_pursuit(Q, G, n_nonzero, enough, mask, dependent, Q)
        codes[rows] = Q

    workers.run(task, X.shape[0], chunk_rows(len(D)))
    return codes


def check_squares(X):
    """Refuse rows the sum of whose squares leaves the range of their precision."""
    largest = float(abs(X).max())
    most = np.sqrt(float(np.finfo(X.dtype).max) / np.prod(X.shape))
    if largest > most:
        raise ValueError(
            f"X has values up to {largest:.3g}, whose squares leave the range of {X.dtype}; "
            f"divide X so that none exceeds {most:.0e}."
        )


def squared_lengths(X):
    """|x|^2 of each row (n,) of an array or a sparse matrix."""
    if sparse.issparse(X):
        return np.asarray(X.multiply(X).sum(axis=1)).ravel()
    return np.einsum("ij,ij->i", X, X)


def residuals(X, D, codes, workers):
    """X - codes D (n, d), an array also for sparse X."""
    out = np.empty(X.shape, dtype=np.result_type(X.dtype, D.dtype))

    def task(rows):
        np.subtract(dense_rows(X, rows), codes[rows] @ D, out=out[rows])

    workers.run(task, X.shape[0], 256)
    return out


def objective(residual, codes, alpha):
    """``|residual|^2 / 2 + alpha |code|_1`` of each row, in float64."""
    squares = np.einsum("ij,ij->i", residual, residual, dtype=np.float64)
    return 0.5 * squares + alpha * np.abs(codes).sum(axis=1, dtype=np.float64)
