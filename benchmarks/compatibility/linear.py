"""Adapters of the linear-Gaussian models."""

import numpy as np
import sklearn.decomposition
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from benchmarks.compatibility.adapter import TransformerAdapter
from skgen import FactorAnalysis as SkgenFactorAnalysis
from skgen import ProbabilisticPCA

# "full" and "arpack" are exact: here the eigenproblem of the shorter side.
EXACT = ("full", "arpack")


class PrincipalAxes(TransformerAdapter):
    """Scores along axes for posterior means, and sums over n - 1 for maximum likelihood."""

    @property
    def _scales(self):
        """Standard deviations of the signal along the axes, and the variances with the noise."""
        model = self.model_
        return np.linalg.norm(model.loadings_, axis=1), model.explained_variance_

    @property
    def _unbiased(self):
        return self.n_samples_ / (self.n_samples_ - 1)

    @property
    def explained_variance_(self):
        return self.model_.explained_variance_ * self._unbiased

    @property
    def noise_variance_(self):
        return self.model_.noise_variance_ * self._unbiased

    @property
    def singular_values_(self):
        return np.sqrt(self.model_.explained_variance_ * self.n_samples_)

    def _whitening(self):
        return np.sqrt(self.explained_variance_) if self.whiten else 1.0

    def transform(self, X):
        check_is_fitted(self)
        Z = self.model_.transform(X)
        scale, variance = self._scales
        # Where an axis holds no signal, the posterior mean of its score is zero.
        factor = np.divide(variance, scale, out=np.zeros_like(scale), where=scale > 0)
        return (Z * (factor / self._whitening())).astype(Z.dtype, copy=False)

    def inverse_transform(self, X):
        check_is_fitted(self)
        X = np.asarray(X)
        scale = self._scales[0]
        factor = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
        Z = (X * (factor * self._whitening())).astype(X.dtype, copy=False)
        return self.model_.inverse_transform(Z)


class PCA(PrincipalAxes, of=sklearn.decomposition.PCA):
    """Of scikit-learn's knobs, those of its randomized solver and ``copy`` mean nothing here."""

    def _stand_in(self, shape=(1, 1)):
        solver = "covariance" if self.svd_solver == "covariance_eigh" else self.svd_solver
        if solver in EXACT:
            solver = "covariance" if shape[1] <= shape[0] else "gram"
        return ProbabilisticPCA(self.n_components, solver=solver, random_state=self.random_state)

    def fit(self, X, y=None):
        shape = np.shape(X)
        self.model_ = self._stand_in(shape).fit(X)
        self.n_samples_ = shape[0]
        return self


class IncrementalPCA(PrincipalAxes, of=sklearn.decomposition.IncrementalPCA):
    """Exact moments of the batches, where scikit-learn keeps a running decomposition."""

    def _stand_in(self):
        return ProbabilisticPCA(self.n_components)

    def fit(self, X, y=None):
        for name in ("model_", "n_samples_seen_"):
            vars(self).pop(name, None)
        n, d = np.shape(X)
        X = X.tocsr() if hasattr(X, "tocsr") else np.asarray(X)
        for rows in gen_batches(n, self.batch_size or 5 * d, min_batch_size=self.n_components or 0):
            self.partial_fit(X[rows])
        return self

    def partial_fit(self, X, y=None):
        if hasattr(self, "model_"):
            self.model_.set_params(n_components=self.n_components)
        super().partial_fit(X)
        self.n_samples_seen_ = getattr(self, "n_samples_seen_", 0) + np.shape(X)[0]
        return self

    @property
    def n_samples_(self):
        return self.n_samples_seen_


class FactorAnalysis(TransformerAdapter, of=sklearn.decomposition.FactorAnalysis):
    """``copy``, ``svd_method`` and ``iterated_power`` mean nothing here."""

    def _stand_in(self):
        return SkgenFactorAnalysis(
            self.n_components,
            tol=self.tol,
            max_iter=self.max_iter,
            noise_variance_init=self.noise_variance_init,
            rotation=self.rotation,
        )
