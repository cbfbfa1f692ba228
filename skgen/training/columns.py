"""What is known of the columns of the rows that an estimator has been shown."""

import numpy as np
from scipy.sparse import issparse

from skgen.kernels.moments import row_blocks
from skgen.training.rows import column_moments, representatives

N_SAMPLE = 10_000
MOST_HASHES = 20_000  # so many rows vouch for the least noise that is allowed


class Columns:
    """Measures of the columns of X, each taken when first asked for.

    Those of earlier calls are merged in, so that a stream of small pieces is known as well as all
    of its rows at once.

    Parameters
    ----------
    X : array of shape (n_samples, n_features), or sparse matrix
        Rows, not empty. Of a sparse matrix only ``total`` and ``extremes`` are known.
    weight : ndarray of shape (n_samples,) or None
        Positive weights of the rows; their scale is immaterial.
    earlier : dict or None
        ``record()`` of earlier calls.
    y : array-like of shape (n_samples, ...) or None
        Labels or conditions of the rows, as they were given.
    n_new : float or None
        What the rows are worth; None finds it by their weights.
    """

    def __init__(self, X, weight=None, earlier=None, y=None, n_new=None):
        self.X, self.weight, self.earlier, self.y = X, weight, earlier or {}, y
        self.digits = np.finfo(X.dtype if X.dtype.kind == "f" else float).eps
        # Weighted rows are worth fewer than as many equal ones (Kish 1965).
        self.n_new = worth(X, weight) if n_new is None else n_new
        self.n_rows = self.n_new + self.earlier.get("n_rows", 0)
        self.n_features = X.shape[1]
        self.measures = {}

    def at_hand(self):
        """Rows that something may be learned from before the training, and their weights."""
        return self.X, self.weight

    def sample(self, n_rows=N_SAMPLE):
        """At most so many rows of this call, evenly spaced by weight; all where they are fewer."""
        if self.weight is not None:
            return self.X[representatives(self.weight, min(len(self.weight), n_rows)).numpy()]
        return self.X

    def record(self):
        """All that was asked for, as a dict of numbers and arrays."""
        return {"n_rows": self.n_rows, **self.measures}

    def total(self):
        """Sum of each column, (n_features,) float64; of weighted rows as if they were equal."""
        return self._known("total", self._total, lambda a, b: a + b)

    def extremes(self):
        """Least and greatest value of each column, (2, n_features)."""

        def merged(a, b):
            return np.stack([np.minimum(a[0], b[0]), np.maximum(a[1], b[1])])

        return self._known("extremes", self._extremes, merged)

    def fraction_at_ends(self):
        """Fraction of all values that are exactly 0 or 1."""
        return float(self._known("ends", self._fraction_at_ends, self._average))

    def moments(self):
        """Mean and variance of each column, (2, n_features) float64."""

        def merged(a, b):
            mean = self._average(a[0], b[0])
            return np.stack(
                [mean, self._average(a[1] + (a[0] - mean) ** 2, b[1] + (b[0] - mean) ** 2)]
            )

        return self._known("moments", lambda: np.stack(self.own_moments()), merged)

    def own_moments(self):
        """Mean and variance of each column of the rows of this call."""
        return column_moments(self.X, self.weight)

    def kurtosis(self):
        """Fourth central moment of each column over its squared variance, 3 for constant ones."""
        standardized = self._known("shape", self._shape, self._merged_shape)
        return standardized[1]

    def n_vouching(self):
        """Rows of all calls, without those of later calls that had been shown before."""
        hashes = self._hashes()
        if "n_vouching" not in self.earlier:
            self.measures.setdefault("n_vouching", self.n_new)
            self.measures.setdefault("shown", hashes)
        elif "n_vouching" not in self.measures:
            # A model read from a file has forgotten which rows: none count as new.
            shown = self.earlier.get("shown")
            new = np.zeros(len(hashes), bool) if shown is None else ~np.isin(hashes, shown)
            fraction = np.sum(new) / self.X.shape[0]
            self.measures["n_vouching"] = self.earlier["n_vouching"] + fraction * self.n_new
            if shown is not None:
                self.measures["shown"] = np.concatenate([shown, hashes[new]])[:MOST_HASHES]
        return self.measures["n_vouching"]

    def _hashes(self):
        """A number for each of the first rows, equal for equal rows."""
        rows = np.ascontiguousarray(self.X[:MOST_HASHES], dtype=np.float64).view(np.uint64)
        rows = rows ^ (rows >> np.uint64(29))
        factors = np.random.RandomState(0).randint(2**62, size=rows.shape[1], dtype=np.int64)
        return rows @ (2 * factors + 1).astype(np.uint64)

    def _known(self, name, measure, merge):
        if name not in self.measures:
            new = measure()
            self.measures[name] = merge(self.earlier[name], new) if name in self.earlier else new
        return self.measures[name]

    def _average(self, earlier, new):
        """Mean of two means, each with its rows."""
        return earlier + (new - earlier) * (self.n_new / self.n_rows)

    def _blocks(self):
        """Blocks of rows, and their weights as fractions of all."""
        n = self.X.shape[0]
        weight = np.full(n, 1 / n) if self.weight is None else self.weight / self.weight.sum()
        for block in row_blocks(n, self.n_features, itemsize=8):
            yield self.X[block], weight[block]

    def _total(self):
        if self.weight is None:
            return np.asarray(self.X.sum(axis=0), dtype=np.float64).ravel()
        weight = self.weight / self.weight.sum() * self.n_new
        return np.asarray(self.X.T @ weight, dtype=np.float64).ravel()

    def _extremes(self):
        low, high = self.X.min(axis=0), self.X.max(axis=0)
        if issparse(self.X):
            low, high = low.toarray().ravel(), high.toarray().ravel()
        return np.stack([low, high])

    def _fraction_at_ends(self):
        at_ends = (np.mean((X == 0) | (X == 1), axis=1) @ weight for X, weight in self._blocks())
        return sum(at_ends)

    def _shape(self):
        """Third and fourth moment of the columns, standardized."""
        mean, variance = column_moments(self.X, self.weight)
        scale = np.sqrt(np.where(variance > 0, variance, 1.0))
        second, third, fourth = np.zeros((3, self.n_features))
        for X, weight in self._blocks():
            deviations = (X - mean) / scale
            squares = np.square(deviations)
            second += weight @ squares
            third += weight @ (squares * deviations)
            fourth += weight @ np.square(squares)
        return _standardized_shape(second, third, fourth)

    def _merged_shape(self, earlier, new):
        """Standardized moments of the rows of both."""
        before = self.earlier["moments"]
        after, here = self.moments(), np.stack(self.own_moments())
        # In units in which nothing overflows.
        unit = np.sqrt(np.maximum(after[1], np.maximum(before[1], here[1])))
        unit = np.where(unit > 0, unit, 1.0)
        parts = []
        for (mean, variance), (skewness, kurtosis) in ((before, earlier), (here, new)):
            d, s = (mean - after[0]) / unit, np.sqrt(variance) / unit
            third = skewness * s**3 + 3 * d * s**2 + d**3
            fourth = kurtosis * s**4 + 4 * d * skewness * s**3 + 6 * d**2 * s**2 + d**4
            parts.append(np.stack([s**2 + d**2, third, fourth]))
        return _standardized_shape(*self._average(*parts))


def worth(X, weight):
    """Number of equal rows that weighted ones are worth."""
    return X.shape[0] if weight is None else weight.sum() ** 2 / np.square(weight).sum()


def _standardized_shape(second, third, fourth):
    """Skewness and kurtosis of central moments; 0 and 3 where there is no variance."""
    varies = second > 0
    safe = np.where(varies, second, 1.0)
    return np.stack(
        [np.where(varies, third / safe**1.5, 0.0), np.where(varies, fourth / safe**2, 3.0)]
    )
