"""Sampling from a Gaussian mixture fitted to the training codes."""

import numpy as np
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from skgen.base.mixins import SampleMixin
from skgen.base.parameters import COUNT, Parameters, param
from skgen.base.sklearn_compat import ignored
from skgen.exceptions import DivergenceError
from skgen.kernels.blas_threads import one_blas_thread

N_ROWS = 10_000


class CodeMixtureMixin(SampleMixin, Parameters):
    """``sample`` decodes draws from ``code_mixture_``; needs ``_codes`` and ``_decode_layer``.

    Parameters
    ----------
    n_mixture_components : int, default=10
        Gaussians fitted to the training codes, for ``sample``.

    Attributes
    ----------
    code_mixture_ : sklearn.mixture.GaussianMixture
        Density of the training codes, from which ``sample`` draws.
    """

    n_mixture_components: int = param(COUNT, default=10)

    def _finish(self, X):
        codes = self._codes(self._some_rows(X, N_ROWS)).astype(np.float64)
        if not np.isfinite(codes).all():
            raise DivergenceError(
                "The codes of the training rows are not finite. Lower learning_rate, or scale X."
            )
        self.code_mixture_ = fit_mixture(codes, self.n_mixture_components)

    def _sample(self, n_samples, rng):
        mixture = self.code_mixture_
        parts = rng.multinomial(n_samples, mixture.weights_)
        codes = np.concatenate(
            [
                rng.multivariate_normal(mean, covariance, size, check_valid="ignore")
                for mean, covariance, size in zip(mixture.means_, mixture.covariances_, parts)
            ]
        )
        codes = rng.permutation(codes).astype(self._built_for["dtype"])
        return self._decode_layer(codes, -1)


def fit_mixture(codes, n_components):
    """Gaussian mixture with full covariances; fewer components where rows are few."""
    n, k = codes.shape
    n_components = max(1, min(n_components, n // (2 * (k + 1))))
    scale = codes.var(axis=0).mean() or 1.0
    mixture = GaussianMixture(
        n_components,
        init_params="k-means++",
        reg_covar=1e-4 * scale,
        max_iter=50,
        tol=1e-2,
        random_state=0,
    )
    # Threads cost more than they save on so few numbers.
    with (
        # Fifty rounds of EM are enough for a sampler, and duplicate rows are legal.
        ignored(ConvergenceWarning),
        config_context(array_api_dispatch=False),
        one_blas_thread(),
    ):
        return mixture.fit(codes if n > 1 else np.repeat(codes, 2, axis=0))
