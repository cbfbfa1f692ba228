"""Gaussian with covariance ``W.T @ W + diag(psi)``: density, posterior, conditionals, draws."""

import numpy as np
from scipy import linalg

from skgen.kernels.blas_threads import threads_by


def capacitance_cholesky(W, psi):
    """Lower Cholesky factor of ``I + (W / psi) @ W.T``, shape (k, k)."""
    # W: (k, d); psi: (d,). Woodbury turns every d x d problem into this k x k one.
    return linalg.cholesky(np.eye(len(W)) + (W / psi) @ W.T, lower=True)


def solve_capacitance(W, psi, B):
    """Solution of the capacitance matrix for the columns of B."""
    if not len(W):  # SciPy before 1.14 refuses to solve for nothing
        return B
    return linalg.cho_solve((capacitance_cholesky(W, psi), True), B)


@threads_by(lambda Y, W, psi: 4.0 * Y.size * len(W))
def posterior_mean(Y, W, psi):
    """Mean of z given each centered row, shape (n, k)."""
    return Y @ solve_capacitance(W, psi, W / psi).T.astype(Y.dtype)


@threads_by(lambda Y, W, psi: 4.0 * Y.size * len(W))
def bartlett_mean(Y, W, psi):
    """Weighted least-squares estimate of z for each centered row, shape (n, k)."""
    scaled = W / np.sqrt(psi)
    return Y @ (np.linalg.pinv(scaled) / np.sqrt(psi)[:, None]).astype(Y.dtype)


def posterior_covariance(W, psi):
    """Covariance of z given any complete row, shape (k, k)."""
    return solve_capacitance(W, psi, np.eye(len(W)))


def log_determinant(W, psi):
    """Log determinant of the covariance."""
    L = capacitance_cholesky(W, psi)
    return 2 * np.log(np.diag(L)).sum() + np.log(psi).sum()


@threads_by(lambda Y, W, psi: 4.0 * Y.size * len(W))
def log_density(Y, W, psi):
    """Log density of centered rows in O(n d k), float64, shape (n,)."""
    # x' S^-1 x = |z|^2 + |x - z W|^2_psi at the posterior mean z: a sum of squares, so nothing
    # cancels even when the noise is tiny.
    Z = posterior_mean(Y, W, psi)
    residual = Y - Z @ W.astype(Y.dtype)
    residual /= np.sqrt(psi).astype(Y.dtype)
    mahalanobis = np.einsum("ij,ij->i", residual, residual, dtype=np.float64)
    mahalanobis += np.einsum("ij,ij->i", Z, Z, dtype=np.float64)
    return -0.5 * (Y.shape[1] * np.log(2 * np.pi) + log_determinant(W, psi) + mahalanobis)


@threads_by(lambda W, psi: 2.0 * W.size * len(psi))
def covariance(W, psi):
    """The covariance itself, shape (d, d)."""
    C = W.T @ W
    C.flat[:: len(psi) + 1] += psi
    return C


@threads_by(lambda W, psi: 2.0 * W.size * len(psi))
def precision(W, psi):
    """Inverse covariance, shape (d, d)."""
    # The squares of the density as matrices, z = B x and the residual R x: nothing cancels even
    # when the noise is tiny, as it is where k = d.
    B = solve_capacitance(W, psi, W / psi)
    R = (np.eye(len(psi)) - W.T @ B) / np.sqrt(psi)[:, None]
    return B.T @ B + R.T @ R


def draw(n, W, psi, rng):
    """Draw n centered rows, shape (n, d)."""
    k, d = W.shape
    return rng.standard_normal((n, k)) @ W + np.sqrt(psi) * rng.standard_normal((n, d))
