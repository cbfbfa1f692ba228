"""A quantile map with tails, so that a model behind it is a density on the whole line."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import log_ndtr, ndtri, ndtri_exp
from sklearn.preprocessing import QuantileTransformer
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

N_TAIL = 10  # rows from which the width of a tail is estimated
MOST_TAIL = 0.25
SAME = 1e-7  # part of the range by which quantiles differ that only rounding tells apart
LEAST_LEVEL = 1e-7  # as scikit-learn keeps uniform outputs away from 0 and 1


class QuantileMap(NamedTuple):
    """Distribution function of one column: linear between its knots, exponential beyond."""

    values: np.ndarray  # of the knots, increasing
    levels: np.ndarray  # at the knots, increasing, within (0, 1)
    lower: float  # scale of the tail on the left
    upper: float  # of that on the right

    def log_tails(self, x):
        """Logarithms of P(below x) left of the knots and P(above x) right of them, else 0."""
        below = np.minimum(x - self.values[0], 0) / self.lower
        above = np.minimum(self.values[-1] - x, 0) / self.upper
        left, right = x < self.values[0], x > self.values[-1]
        return (
            np.where(left, np.log(self.levels[0]) + below, 0.0),
            np.where(right, np.log1p(-self.levels[-1]) + above, 0.0),
        )

    def level(self, x):
        """P(below x)."""
        left, right = self.log_tails(x)
        u = np.interp(x, self.values, self.levels)
        return np.where(left < 0, np.exp(left), np.where(right < 0, -np.expm1(right), u))

    def normal_score(self, x):
        """The standard normal value with the same level, also where that rounds to 0 or 1."""
        left, right = self.log_tails(x)
        z = ndtri(np.interp(x, self.values, self.levels))
        return np.where(left < 0, ndtri_exp(left), np.where(right < 0, -ndtri_exp(right), z))

    def value(self, u, log_u, log_rest):
        """Value of level u, given the logarithms of u and of 1 - u."""
        # NaN is in no tail and passes the interpolation.
        x = np.interp(u, self.levels, self.values)
        left = self.values[0] + self.lower * (log_u - np.log(self.levels[0]))
        right = self.values[-1] - self.upper * (log_rest - np.log1p(-self.levels[-1]))
        return np.where(u < self.levels[0], left, np.where(u > self.levels[-1], right, x))

    def log_density(self, x):
        """Logarithm of the slope of the level at x."""
        left, right = self.log_tails(x)
        with np.errstate(divide="ignore"):
            inside = np.log(interpolation_slopes(x, self.values, self.levels))
        inside = np.where(right < 0, right - np.log(self.upper), inside)
        return np.where(left < 0, left - np.log(self.lower), inside)


def interpolation_slopes(x, q, r):
    """Slopes at x of the line through the points (q, r), zero beyond its ends."""
    with np.errstate(divide="ignore"):
        slopes = np.concatenate([[0.0], np.diff(r) / np.diff(q), [0.0]])
    # Segments on the left and on the right of x: the same one unless x is a knot, and never
    # one of no width, so at repeated values the slope is that of the neighbors.
    left = np.searchsorted(q, x, side="left")
    right = np.searchsorted(q, x, side="right")
    exist = 1 * ((left > 0) & (left < len(q))) + ((right > 0) & (right < len(q)))
    return (slopes[left] + slopes[right]) / np.maximum(exist, 1)


def fit_map(x, quantiles, references):
    """The map through learned quantiles of a column x, with tails of the width of its ends.

    Beyond a high quantile many distributions fall off exponentially, by the mean of what they
    exceed it (Pickands 1975 without his shape, which few rows cannot tell).
    """
    x = x[~np.isnan(x)]
    if not len(x) or x.min() == x.max():  # any width will do, as in StandardScaler
        return QuantileMap(x[:1] if len(x) else np.zeros(1), np.full(1, 0.5), 1.0, 1.0)
    # Where a value repeats the quantiles jump; in the middle of the jump the map stays one-to-one.
    apart = np.diff(quantiles) > SAME * (quantiles[-1] - quantiles[0])
    first, last = np.flatnonzero(np.r_[True, apart]), np.flatnonzero(np.r_[apart, True])
    values, levels = quantiles[first], (references[first] + references[last]) / 2
    tail = min(max(N_TAIL / len(x), 1 / (len(references) - 1 or 1)), MOST_TAIL)
    low, high = max(tail, levels[0]), min(1 - tail, levels[-1])
    if low >= high:
        low = high = (levels[0] + levels[-1]) / 2
    inner, ends = (levels > low) & (levels < high), np.unique([low, high])
    r = np.unique(np.r_[levels[inner], ends])
    q, kept = np.unique(np.interp(r, levels, values), return_index=True)
    r = r[kept]
    lower = _mean_excess(q[0] - x, r[0], q, r, 0)
    upper = _mean_excess(x - q[-1], 1 - r[-1], q, r, -1)
    return QuantileMap(q, r, lower, upper)


def _mean_excess(beyond, mass, q, r, end):
    """Scale of a tail: what rows exceed its beginning by, or else a density that goes on."""
    beyond = beyond[beyond > 0]
    if len(beyond):
        return float(beyond.mean())
    if len(q) == 1:
        return 1.0
    return float(mass * np.diff(q)[end] / np.diff(r)[end])


class TailedQuantileTransformer(QuantileTransformer):
    """scikit-learn's QuantileTransformer, one-to-one on the whole line.

    Between the learned quantiles it is linear, as there. The last tenths, or the ten last rows
    where those are fewer, give way to exponential tails, where scikit-learn's map is flat.
    GenerativePipeline fits this in its place.
    """

    def fit(self, X, y=None):
        """Learn the quantiles of each column, and its tails.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data. A sparse matrix is mapped as scikit-learn does.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        super().fit(X, y)
        self.maps_ = None
        if not sparse.issparse(X):
            rows = check_array(X, dtype=np.float64, ensure_all_finite="allow-nan")
            quantiles = np.asarray(self.quantiles_, dtype=np.float64)
            self.maps_ = [fit_map(x, q, self.references_) for x, q in zip(rows.T, quantiles.T)]
        return self

    def transform(self, X):
        """Levels of each value, or their normal scores.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_features)
            Transformed data.
        """
        check_is_fitted(self)
        if self.maps_ is None or sparse.issparse(X):
            return super().transform(X)
        normal = self.output_distribution == "normal"
        forward = QuantileMap.normal_score if normal else QuantileMap.level
        X = self._rows(X)
        return _by_column(X, [forward(m, x) for m, x in zip(self.maps_, X.T.astype(np.float64))])

    def inverse_transform(self, X):
        """Values of given levels, or of given normal scores.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Transformed data.

        Returns
        -------
        X_original : ndarray of shape (n_samples, n_features)
            Data.
        """
        check_is_fitted(self)
        if self.maps_ is None or sparse.issparse(X):
            return super().inverse_transform(X)
        X = check_array(X, dtype=(np.float64, np.float32), ensure_all_finite="allow-nan")
        columns = X.T.astype(np.float64)
        if self.output_distribution == "normal":
            parts = [(np.exp(log_ndtr(z)), log_ndtr(z), log_ndtr(-z)) for z in columns]
        else:
            columns = np.clip(columns, LEAST_LEVEL, 1 - LEAST_LEVEL)
            parts = [(u, np.log(u), np.log1p(-u)) for u in columns]
        return _by_column(X, [m.value(*part) for m, part in zip(self.maps_, parts)])

    def _rows(self, X):
        return validate_data(
            self, X, reset=False, dtype=(np.float64, np.float32), ensure_all_finite="allow-nan"
        )

    def log_slopes(self, X, Z):
        """Logarithms of dZ/dX, shape (n_samples, n_features)."""
        slopes = np.stack([m.log_density(x) for m, x in zip(self.maps_, X.T)], axis=1)
        if self.output_distribution == "uniform":
            return slopes
        # The normal density has the value 1 / slope of its quantile function.
        return slopes + 0.5 * (Z**2 + np.log(2 * np.pi))


def _by_column(X, columns):
    return np.stack(columns, axis=1).astype(X.dtype, copy=False)
