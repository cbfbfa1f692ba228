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

    The correlation is that within all clusters. The scale is that of each cluster's rows and of a
    row of the scale within all clusters; where ``isotropic`` it is the latter but for one factor,
    so that directions in which rows are turned together change nothing.
    """
    total = np.bincount(labels, weight, len(mean))
    pooled = total @ variances / total.sum()
    root = np.sqrt(np.where(pooled > 0, pooled, 1.0))
    centered = (Y - mean[labels]) * np.sqrt(weight / total.sum())[:, None] / root
    correlation = centered.T @ centered
    np.fill_diagonal(correlation, 1.0)
    if isotropic:
        ratio = variances.sum(axis=1) / max(pooled.sum(), np.finfo(float).tiny)
        variances = ratio[:, None] * pooled
    trust = (total / (total + ROWS_OF_SCALE))[:, None]
    return Expected(correlation, np.sqrt(trust * variances + (1 - trust) * pooled))
