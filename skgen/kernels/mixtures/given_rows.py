"""What a mixture of low-rank Gaussians says of rows whose responsibilities (n, m) are known."""

import numpy as np

from skgen.kernels.linear import lowrank_gaussian as lg
from skgen.kernels.linear import masked_gaussian as mg
from skgen.kernels.mixtures.model import padded


def _clusters(mixture):
    """Number, mean, loadings of one row at least, and noise of each cluster."""
    weights, means, loadings, noise = mixture
    return zip(range(len(weights)), means, map(padded, loadings), noise)


def encoded(X, R, mixture):
    """Of each cluster its responsibility, and by that its factors' means, (n, m (1 + k))."""
    m, k, _ = mixture.loadings.shape
    Z = np.ones((len(X), m, 1 + k))
    estimate = (mg if np.isnan(X).any() else lg).posterior_mean
    for c, mean, W, psi in _clusters(mixture):
        Z[:, c, 1:] = estimate(X - mean, W, psi)[:, :k]
    return (R[:, :, None] * Z).reshape(len(X), -1)


def decoded(Z, mixture):
    """Mean of a row over the clusters, (n, d): linear in what ``encoded`` gives."""
    affine = np.concatenate([mixture.means[:, None], mixture.loadings], axis=1)
    return Z @ affine.reshape(-1, affine.shape[2])


def draw(n, mixture, rng):
    """Draw n rows, (n, d)."""
    labels = rng.choice(len(mixture.weights), size=n, p=mixture.weights)
    out = np.empty((n, mixture.means.shape[1]))
    for c, mean, W, psi in _clusters(mixture):
        own = labels == c
        out[own] = mean + lg.draw(int(own.sum()), W, psi, rng)
    return out


def filled(X, R, mixture):
    """Rows with every NaN replaced by its mean given what is observed."""
    out = np.zeros(X.shape)
    for c, mean, W, psi in _clusters(mixture):
        out += R[:, c, None] * (mg.conditional_mean(X - mean, W, psi) + mean)
    return np.where(np.isnan(X), out, X)


def conditional_draws(X, R, n_draws, mixture, rng):
    """Draws of what is missing given what is observed, (n_draws, n, d)."""
    # The cluster in whose part of the unit interval a uniform number falls.
    uniform = rng.uniform(size=(n_draws, len(X)))
    labels = np.sum(uniform[:, :, None] > np.cumsum(R, axis=1)[:, :-1], axis=2)
    out = np.empty((n_draws, *X.shape))
    for c, mean, W, psi in _clusters(mixture):
        rows = np.flatnonzero((labels == c).any(axis=0))
        draws = mg.conditional_draws(X[rows] - mean, n_draws, W, psi, rng)
        own = (labels[:, rows] == c)[:, :, None]
        out[:, rows] = np.where(own, draws + mean, out[:, rows])
    return np.where(np.isnan(X), out, X)
