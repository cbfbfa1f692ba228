"""A mixture of low-rank Gaussians, its densities, and what rows say about their cluster."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from skgen.kernels.linear import lowrank_gaussian as lg
from skgen.kernels.linear import masked_gaussian as mg


class Mixture(NamedTuple):
    """Parameters of m clusters: cluster c is N(means[c], W' W + diag(noise[c])), W = loadings[c]."""

    weights: np.ndarray  # (m,)
    means: np.ndarray  # (m, d)
    loadings: np.ndarray  # (m, k, d)
    noise: np.ndarray  # (m, d)

    def scaled(self, offset, scale):
        """The same of rows ``offset + scale * y``."""
        return Mixture(
            self.weights,
            offset + scale * self.means,
            self.loadings * scale,
            self.noise * scale**2,
        )


def padded(W):
    """Loadings with a row at least: one of zeros says nothing."""
    return W if len(W) else np.zeros((1, W.shape[1]))


def joint_log_density(rows, mixture):
    """Log of each row's density in each cluster times the cluster's weight, (n, m).

    ``rows`` is an array (n, d), or ``masked_gaussian.prepare`` of one with NaN, whose order of rows
    is kept.
    """
    with np.errstate(divide="ignore"):
        out = np.tile(np.log(mixture.weights), (n_rows(rows), 1))
    for c, (mean, W, psi) in enumerate(zip(*mixture[1:])):
        if mixture.weights[c] == 0:
            continue
        if isinstance(rows, mg.Incomplete):
            values = (rows.values - mean) * rows.observed[rows.pattern]
            sorted_rows = rows._replace(values=values, order=np.arange(len(values)))
            out[:, c] += mg.log_density_of(sorted_rows, padded(W), psi)
        else:
            out[:, c] += lg.log_density(rows - mean, W, psi)
    return out


def n_rows(rows):
    return len(rows.values) if isinstance(rows, mg.Incomplete) else len(rows)


def responsibilities(rows, mixture):
    """P(cluster | row), (n, m), and the log-density of each row in nats, (n,)."""
    joint = joint_log_density(rows, mixture)
    total = logsumexp(joint, axis=1)
    return np.exp(joint - total[:, None]), total
