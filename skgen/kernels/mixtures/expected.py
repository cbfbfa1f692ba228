"""Covariances that clusters are expected to have: one correlation, and scales of each."""

from typing import NamedTuple

import numpy as np

# Rows of the scale within all clusters that are added to those of a cluster.
ROWS_OF_SCALE = 1.0


class Expected(NamedTuple):
    """Covariances ``diag(scale[c]) correlation diag(scale[c])`` of m clusters."""

    correlation: np.ndarray  # (d, d), with ones on the diagonal
    scale: np.ndarray  # (m, d)

    def of(self, clusters):
        """Those of some clusters."""
        return self._replace(scale=self.scale[clusters])

    def bounded(self, floor):
        """The same with variances of ``floor`` at least."""
        return self._replace(scale=np.sqrt(np.maximum(self.scale**2, floor)))

    def matrices(self):
        """Covariances (m, d, d)."""
        return self.scale[:, :, None] * self.correlation * self.scale[:, None, :]

    def times(self, B):
        """Rows B (m, k, d) times the covariances, by one product for all clusters."""
        scale = self.scale[:, None]
        return scale * ((B * scale).reshape(-1, B.shape[2]) @ self.correlation).reshape(B.shape)


def within(Y, weight, labels, mean, variances, *, isotropic):
    """What is expected of clusters that are now the rows with each of the labels (n,).

    The scales are those of each cluster's rows and of a row of the scales within all clusters, the
    correlation is that of all rows around their means in these scales. Where ``isotropic`` clusters
    differ in one factor alone, so that directions in which rows are turned together change nothing.
    """
    total = np.bincount(labels, weight, len(mean))
    pooled = total @ variances / total.sum()
    trust = (total / (total + ROWS_OF_SCALE))[:, None]
    if isotropic:
        ratio = variances.sum(axis=1, keepdims=True) / max(pooled.sum(), np.finfo(float).tiny)
        scale = np.sqrt(trust * ratio + 1 - trust) * np.ones(Y.shape[1])
    else:
        scale = np.sqrt(trust * variances + (1 - trust) * pooled)
    unit = np.where(scale > 0, scale, 1.0)
    centered = (Y - mean[labels]) / unit[labels] * np.sqrt(weight / total.sum())[:, None]
    correlation = centered.T @ centered
    root = np.sqrt(np.diagonal(correlation))
    correlation /= np.outer(*[np.where(root > 0, root, 1.0)] * 2)
    np.fill_diagonal(correlation, 1.0)
    return Expected(correlation, scale * root if isotropic else scale)
