"""The distribution of one column given the rest of each row."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_softmax, logit, softmax

from skgen.autoregressive.table import NAMES

N_HALVINGS = 60


@dataclass(frozen=True)
class ColumnConditional:
    """Distribution of one column, one a row.

    Attributes
    ----------
    kind : {"continuous", "grid", "binary", "categorical"}
        Of the column.
    classes : ndarray of shape (n_classes,) or None
        The two values of a binary column, or the categories; None for other columns.
    probabilities : ndarray of shape (n_samples, n_classes) or None
        Their probabilities.
    mean : ndarray of shape (n_samples,) or None
        Mean of a number; None for categories.
    """

    kind: str
    classes: np.ndarray | None
    probabilities: np.ndarray | None
    mean: np.ndarray | None
    _mixture: tuple | None = None
    _grid: tuple | None = None

    @classmethod
    def of(cls, parameters, table, column, categories):
        """From logits, or from logits, locations and log-scales of standardized mixtures."""
        kind = NAMES[table.kinds[column]]
        center, scale = table.center[column], table.scale[column]
        if kind in ("binary", "categorical"):
            p = softmax(parameters, axis=1)
            values = categories if kind == "categorical" else (center, center + scale)
            classes = np.array(values)
            mean = p @ classes.astype(float) if kind == "binary" else None
            return cls(kind, classes, p, mean)
        logits, location, log_scale = np.split(parameters, 3, axis=1)
        weight = np.exp(log_softmax(logits, axis=1))
        mixture = weight, center + scale * location, scale * np.exp(log_scale)
        grid = None
        if kind == "grid":
            grid = center, table.step[column], table.low[column], table.high[column]
        return cls(kind, None, None, _mean(mixture, grid), mixture, grid)

    def quantile(self, q):
        """Quantiles of a number.

        Parameters
        ----------
        q : float or array-like of shape (n_quantiles,)
            Probabilities between 0 and 1.

        Returns
        -------
        values : ndarray of shape (n_samples,) or (n_samples, n_quantiles)
            Least values whose cumulative probability is not below q.
        """
        if self._mixture is None:
            raise ValueError(
                f"A {self.kind} column has no quantiles; it has classes and probabilities."
            )
        q = np.asarray(q, dtype=np.float64)
        if not ((q > 0) & (q < 1)).all():
            raise ValueError(f"q={q} leaves (0, 1); give probabilities between 0 and 1.")
        columns = [self._quantile(level) for level in q.ravel()]
        return np.stack(columns, axis=1).reshape(len(columns[0]), *q.shape)

    def _quantile(self, level):
        weight, location, scale = self._mixture
        # The mixture's quantile lies between the least and the greatest of its components'.
        ends = location + scale * logit(level)
        low, high = ends.min(axis=1), ends.max(axis=1)
        for _ in range(N_HALVINGS):
            middle = 0.5 * (low + high)
            z = (middle[:, None] - location) / scale
            below = np.sum(weight * expit(z), axis=1) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        if self._grid is None:
            return high
        origin, step, least, greatest = self._grid
        return np.clip(origin + step * np.rint((high - origin) / step), least, greatest)


def _mean(mixture, grid):
    """Mean of a mixture, held between the closed ends of its grid."""
    weight, location, scale = mixture
    mean = location
    if grid is not None:
        _, _, low, high = grid
        if np.isfinite(low):
            mean = low + scale * np.logaddexp(0, (location - low) / scale)
        if np.isfinite(high):
            mean = mean - scale * np.logaddexp(0, (location - high) / scale)
    return np.sum(weight * mean, axis=1)
