"""A mixture of low-rank Gaussians, its densities, and what rows say about their cluster."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.linear import lowrank_gaussian as lg
from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.moments import row_blocks


class Mixture(NamedTuple):
    """Parameters of m clusters: c is N(means[c], W' W + diag(noise[c])) with W = loadings[c]."""

    weights: np.ndarray  # (m,)
    means: np.ndarray  # (m, d)
    loadings: np.ndarray  # (m, k, d)
    noise: np.ndarray  # (m, d)

    def scaled(self, offset, scale):
        """The mixture of rows ``offset + scale * y``, where this one is of rows y."""
        return Mixture(
            self.weights,
            offset + scale * self.means,
            self.loadings * scale,
            self.noise * scale**2,
        )


def log_weights(mixture):
    """Logarithms of the weights (m,); minus infinity of an empty cluster."""
    with np.errstate(divide="ignore"):
        return np.log(mixture.weights)


def padded(W):
    """Loadings with a row at least: one of zeros says nothing."""
    return W if len(W) else np.zeros((1, W.shape[1]))


def joint_log_density(rows, mixture):
    """Log of each row's density in each cluster times the cluster's weight, (n, m).

    ``rows`` is an array (n, d), or ``masked_gaussian.prepare`` of one with NaN; what comes out has
    the order of the caller's rows.
    """
    columns = []
    for mean, W, psi in zip(*mixture[1:]):
        if isinstance(rows, mg.Incomplete):
            values = (rows.values - mean) * rows.observed[rows.pattern]
            columns.append(mg.log_density_of(rows._replace(values=values), padded(W), psi))
        else:
            columns.append(lg.log_density(rows - mean, W, psi))
    return np.stack(columns, axis=1) + log_weights(mixture)


def whitening(W, psi):
    """B (m, k, d) and log-determinants (m,) of covariances C = W' W + diag(psi).

    The inverse of C is diag(1 / psi) - B' B.
    """
    P = W / psi[:, None, :]
    L = np.linalg.cholesky(np.eye(W.shape[1]) + P @ W.transpose(0, 2, 1))
    log_det = np.log(psi).sum(axis=1)
    log_det += 2 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
    return np.linalg.solve(L, P), log_det


def stacked_log_density(Y, mixture):
    """The same of complete rows (n, d) near the origin, by three products for all clusters.

    The Mahalanobis distance is a difference here: of m clusters at once it costs a fraction of a
    sum of squares, and with rows in units of their columns and noise above 1e-8 it has digits
    enough.
    """
    _, means, W, psi = mixture
    m, k, d = W.shape
    B, log_det = whitening(W, psi)
    constant = log_weights(mixture) - 0.5 * (d * np.log(2 * np.pi) + log_det)
    constant -= 0.5 * np.sum(means**2 / psi, axis=1)
    slope, curve = (means / psi).T, (0.5 / psi).T
    # Factors of all clusters side by side: a sum over them adds contiguous rows.
    loadings = B.transpose(1, 0, 2).reshape(k * m, d).T
    shift = np.matmul(B, means[:, :, None])[:, :, 0].T.ravel()
    joint = np.empty((len(Y), m))
    # Temporaries that stay in the cache halve the time.
    for rows in row_blocks(len(Y), d + k * m, itemsize=64):
        block, out = Y[rows], joint[rows]
        np.matmul(block, slope, out=out)
        out -= (block * block) @ curve
        out += constant
        if k:
            latent = block @ loadings
            latent -= shift
            latent *= latent
            out += 0.5 * latent.reshape(len(block), k, m).sum(axis=1)
    return joint


def normalized(joint):
    """P(cluster | row), (n, m), and the log-density of each row in nats, (n,)."""
    top = joint.max(axis=1, keepdims=True)
    R = np.exp(joint - top)
    total = R.sum(axis=1, keepdims=True)
    R /= total
    return R, (top + np.log(total))[:, 0]


def responsibilities(rows, mixture):
    """The same of rows."""
    return normalized(joint_log_density(rows, mixture))


def by_weight(mixture):
    """Clusters (m,) by falling weight."""
    return np.argsort(-mixture.weights, kind="stable")


def canonical(mixture):
    """The same mixture: clusters by falling weight, factors of each by what they explain.

    The sign of a factor is free; its largest loading, in units of the noise, is made positive.
    """
    weights, means, loadings, noise = mixture
    order = by_weight(mixture)
    turned = np.zeros_like(loadings)
    for c in order if loadings.shape[1] else []:
        root = np.sqrt(noise[c])
        _, values, axes = np.linalg.svd(loadings[c] / root, full_matrices=False)
        largest = np.argmax(np.abs(axes), axis=1)
        signs = np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)
        turned[c] = (values * signs)[:, None] * axes * root
    return Mixture(weights[order], means[order], turned[order], noise[order])


def count_parameters(mixture, *, isotropic, shared):
    """Number of free parameters of weights, means, loadings and noise."""
    m, k, d = mixture.loadings.shape
    noise = 1 if isotropic else d
    factors = d * k - k * (k - 1) // 2
    if shared:
        return m - 1 + m * d + m * factors + noise
    # A covariance cannot be worth more parameters than it has entries.
    return m - 1 + m * d + m * min(factors + noise, d * (d + 1) // 2)
