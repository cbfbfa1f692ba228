"""What every linear-Gaussian latent variable model shares: everything but the fit."""

from abc import ABC, abstractmethod
from functools import partial
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skgen.base import (
    ImputeMixin,
    InputMixin,
    LatentMixin,
    SampleMixin,
    ScoreMixin,
)
from skgen.base.blocks import fit_of_blocks
from skgen.base.data_range import hold_constant
from skgen.base.progress.parameters import IterationParameters
from skgen.base.sklearn_compat import CallbackSupportMixin, fit_method
from skgen.kernels.blas_threads import covariance_operations, threads_by
from skgen.kernels.linear import block_moments, lowrank_gaussian, masked_gaussian
from skgen.kernels.linear.held_out import FOLDS, fold_basis, fold_moments, merge_all, observed_mean
from skgen.kernels.moments import SAFE_FLOAT32, centered, dense_rows, row_blocks
from skgen.linear.criteria import CriteriaMixin

SMALLEST_SPREAD = 1e-140  # the square of a smaller one has few digits, or none
LARGEST_VALUE = 1e140


def fit_by_size(method):
    """``fit_method``, with as many threads of BLAS as the products of the rows are worth.

    Rows may lie in blocks.
    """
    limited = threads_by(lambda self, X, *_, **__: covariance_operations(X))
    return fit_method(fit_of_blocks(limited(method)))


class LinearGaussian(
    CallbackSupportMixin,
    ImputeMixin,
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    CriteriaMixin,
    InputMixin,
    IterationParameters,
    BaseEstimator,
    ABC,
):
    """Rows ``x = z L + mean + noise`` with Gaussian latent rows z and independent noise.

    A subclass fits, and says what its loadings, noise and latent coordinates are.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        Mean of the data.
    n_components_ : int
        The number k of latent dimensions.
    loglike_ : list of float
        Total log-likelihood of the training data, in nats, after each iteration.
    likelihood_kind_ : str
        ``"exact"``: ``score_samples`` is the log-density in nats.
    measure_ : str
        ``"lebesgue"``: a density over the units of X.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, when X had string column names.
    """

    _accepts_nan = True
    _normal_prior = True
    # Features (n_features,) without a spread of their own, whose noise is but a bound; or None.
    _constant = None
    measure_ = "lebesgue"

    @abstractmethod
    def _parts(self):
        """Loadings L (k, d) and rotation T (k, k) such that z = u T, and noise psi (d,).

        z is a latent row as ``transform`` gives it, u one with independent unit normals.
        """

    @property
    @abstractmethod
    def _latent_kernels(self):
        """Functions that estimate u from complete and from incomplete centered rows."""

    @property
    def _n_features_out(self):
        return len(self.components_)

    def _basis_of_folds(self, X, weight):
        """Basis of the folds in which the moments are kept when they choose the dimension."""
        return fold_basis(X, weight) if self.n_components == "auto" else None

    @abstractmethod
    def _fit_parts(self, X, parts, basis, first=True):
        """Fit from the moments of the folds; ``X`` are rows that show how far columns go."""

    def _fit_blocks(self, blocks):
        """Fit from what each block adds to the moments."""
        blocks.describe_to(self)
        basis = None
        if self.n_components == "auto":
            basis = blocks.reduce(block_moments.spread, block_moments.merged_spread).basis
        of_block = partial(block_moments.folded, basis=basis)
        parts, corners = blocks.reduce(of_block, block_moments.merged_folded)
        n_rows = sum(part.n_rows for part in parts if part is not None)
        if n_rows < 2:
            raise ValueError(f"The fit needs 2 rows, but n_samples = {n_rows}; give more rows.")
        check_dimension(self.n_components, min(n_rows, corners.shape[1]))
        self._fit_parts(corners, parts, basis)

    def _parameters(self):
        """W (k, d) for standard normal latent rows, and psi (d,)."""
        L, T, psi = self._parts()
        return T @ L, psi

    def _over_rows(self, X, complete, incomplete, width=()):
        """Apply a kernel to the centered rows of X, block by block, by whether they have NaN."""
        W, psi = self._parameters()
        out = np.empty((X.shape[0], *width))
        # Float32 rows keep their type where neither psi nor its inverse leaves its range.
        safe = all(SAFE_FLOAT32[0] < np.sqrt(v) < SAFE_FLOAT32[1] for v in (psi.min(), psi.max()))
        for rows in row_blocks(*X.shape, itemsize=8):
            Y = dense_rows(X, rows)
            Y = centered(Y, self.mean_) if safe else Y - self.mean_
            # The sum is NaN if any entry is; only then the entries are looked at one by one.
            gaps = np.isnan(Y.sum(axis=1))
            if gaps.any():
                block = out[rows]
                block[gaps] = incomplete(Y[gaps], W, psi)
                block[~gaps] = complete(Y[~gaps], W, psi)
            else:
                out[rows] = complete(Y, W, psi)
        return out

    def _encode(self, X):
        U = self._over_rows(X, *self._latent_kernels, (self._n_features_out,))
        return (U @ self._parts()[1]).astype(X.dtype, copy=False)

    def _decode(self, Z):
        return (Z @ self._parts()[0] + self.mean_).astype(Z.dtype, copy=False)

    def _score_rows(self, X):
        return self._over_rows(X, lowrank_gaussian.log_density, masked_gaussian.log_density)

    def _sample(self, n_samples, rng):
        draws = self.mean_ + lowrank_gaussian.draw(n_samples, *self._parameters(), rng)
        return hold_constant(draws, self._constant, self.mean_)

    def _impute(self, X):
        parts, out = self._parameters(), X.copy()
        for rows in row_blocks(*X.shape, itemsize=8):
            Y = centered(X[rows], self.mean_)
            filled = masked_gaussian.conditional_mean(Y, *parts) + self.mean_
            np.copyto(out[rows], filled, where=np.isnan(X[rows]), casting="same_kind")
        return out

    def _sample_conditional(self, X, n_draws, rng):
        Y = centered(X, self.mean_)
        draws = masked_gaussian.conditional_draws(Y, n_draws, *self._parameters(), rng)
        draws = hold_constant(draws + self.mean_, self._constant, self.mean_)
        return np.where(np.isnan(X), draws, X).astype(X.dtype, copy=False)

    def posterior(self, X):
        """Mean and covariance of the latent row given each row of X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.

        Returns
        -------
        mean : ndarray of shape (n_samples, n_components)
            Posterior means.
        covariance : ndarray of shape (n_samples, n_components, n_components)
            Posterior covariances; a read-only view of one matrix when no entry is missing,
            since then all rows share it.
        """
        check_is_fitted(self)
        X = self._validate(X)
        W, psi = self._parameters()
        T, k = self._parts()[1], self._n_features_out
        kernels = lowrank_gaussian.posterior_mean, masked_gaussian.posterior_mean
        mean = self._over_rows(X, *kernels, (k,)) @ T
        shared = T.T @ lowrank_gaussian.posterior_covariance(W, psi) @ T
        if not has_missing(X):
            return mean, np.broadcast_to(shared, (len(mean), k, k))
        Y = centered(X, self.mean_)
        return mean, T.T @ masked_gaussian.posterior_covariance(Y, W, psi) @ T

    def get_covariance(self):
        """Covariance of the data under the model.

        Returns
        -------
        covariance : ndarray of shape (n_features, n_features)
            Loadings' outer product plus noise.
        """
        check_is_fitted(self)
        return lowrank_gaussian.covariance(*self._parameters())

    def get_precision(self):
        """Inverse covariance of the data under the model, through a k x k system.

        Returns
        -------
        precision : ndarray of shape (n_features, n_features)
            Inverse of ``get_covariance()``.
        """
        check_is_fitted(self)
        return lowrank_gaussian.precision(*self._parameters())


def check_dimension(k, most):
    """Refuse an integer number of components that the data cannot carry."""
    if isinstance(k, Integral) and k > most:
        raise ValueError(f"n_components={k} exceeds min(n_samples, n_features)={most}; lower it.")


def has_missing(X):
    """Whether an array has a NaN; a sparse matrix never has one."""
    # A sum is NaN if any entry is, and also where infinite partial sums cancel.
    with np.errstate(over="ignore", invalid="ignore"):
        return isinstance(X, np.ndarray) and bool(np.isnan(X.sum()) and np.isnan(X).any())


def mean_where_observed(X, weight, names):
    """Weighted mean of what each column observes; an error names a column that has nothing."""
    empty = np.flatnonzero(np.isnan(X).all(axis=0))
    if len(empty):
        raise ValueError(
            f"X has no observed value in column {_listed(empty, names)}; drop such columns."
        )
    return observed_mean(X, weight)


def check_range(X, variance, names):
    """Refuse columns whose variances leave the range of float64."""
    if not np.isfinite(variance).all():
        largest = abs(X).max() if sparse.issparse(X) else np.nanmax(np.abs(X))
        raise ValueError(
            f"X has values up to {largest:.3g}, whose squares leave the range of float64; divide X "
            f"so that none exceeds {LARGEST_VALUE:.0e}."
        )
    if sparse.issparse(X):
        return
    small = np.flatnonzero(variance < SMALLEST_SPREAD**2)
    spread = np.nanmax(X[:, small], axis=0) - np.nanmin(X[:, small], axis=0)
    lost = small[spread > 0] if len(small) else small
    # One that has a mean is constant up to rounding, which is no fault.
    lost = lost[spread[spread > 0] > 1e-12 * np.nanmax(np.abs(X[:, lost]), axis=0)]
    if len(lost):
        raise ValueError(
            f"X varies by less than {SMALLEST_SPREAD:.0e} in column {_listed(lost, names)}, and "
            "its variance leaves the range of float64; multiply such columns."
        )


def _listed(columns, names):
    labels = [str(j) if names is None else repr(names[j]) for j in columns[:5]]
    return ", ".join(labels) + (" ..." if len(columns) > 5 else "")


def streamed_moments(estimator, X, weight, first):
    """Moments of the rows of X and of all that ``estimator`` has seen, by fold, and their basis."""
    if has_missing(X):
        raise ValueError("partial_fit needs complete rows, but X has NaN; call fit, or impute.")
    auto = estimator.n_components == "auto"
    if first:
        basis = estimator._basis_of_folds(X, weight)
        return fold_moments(X, weight, basis, precise=True), basis
    seen, basis = estimator._moments, estimator._folds
    if seen is None or len(seen) != (FOLDS if auto else 1):
        raise ValueError(
            "partial_fit cannot go on from a fit that kept no covariance (missing values, or more "
            "features than rows) or had another n_components; start with a new estimator."
        )
    parts = fold_moments(X, weight, basis, precise=True)
    return [merge_all(pair) for pair in zip(seen, parts)], basis
