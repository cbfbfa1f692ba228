"""Probabilistic PCA, in closed form or by EM where values are missing."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_array, check_random_state

from skgen.base.parameters import COUNT, FRACTION, NATURAL, NON_NEGATIVE, one_of, param
from skgen.base.progress.reports import interruptible_progress
from skgen.base.training_rows import weighted_rows
from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.exceptions import HeywoodWarning
from skgen.kernels.blas_threads import one_blas_thread
from skgen.kernels.linear import (
    held_out,
    lowrank_gaussian,
    masked_gaussian,
    missing_em,
    ppca,
    spectrum,
)
from skgen.kernels.moments import SAFE_FLOAT32, column_mean
from skgen.linear import incomplete
from skgen.linear.course import course, tell
from skgen.linear.linear_gaussian import (
    LinearGaussian,
    check_dimension,
    check_range,
    fit_by_size,
    has_missing,
    streamed_moments,
)

# Below this share of the largest eigenvalue float32 products leave the noise too few digits.
FLOAT32_NOISE = 1024 * np.finfo(np.float32).eps


class ProbabilisticPCA(LinearGaussian):
    r"""Probabilistic PCA: the maximum-likelihood Gaussian with k axes and even noise.

    Each row is a point of a k-dimensional plane plus noise of the same variance in every
    direction:

    .. math:: z \sim N(0, I), \qquad x \mid z \sim N(z L + \mu, \sigma^2 I)

    The fit is the closed form of Tipping & Bishop from the leading eigenpairs of the covariance;
    with missing values (NaN) it is the iterated maximum of the likelihood of what is observed.

    Parameters
    ----------
    n_components : int, float in (0, 1), "auto", "mle" or None, default="auto"
        Latent dimension k. ``"auto"`` maximizes the likelihood of held-out rows over three folds,
        which are drawn from a hash of the rows and so do not depend on their order. A fraction
        takes the fewest axes that explain more than that fraction of the variance; ``"mle"``
        maximizes Minka's approximation of the evidence; None keeps
        ``min(n_samples, n_features)``; 0 is noise alone. With missing values ``"auto"``
        tries some numbers up to 32, and a fraction or ``"mle"`` look at the covariance of the pairs
        observed together.
    solver : {"auto", "covariance", "gram", "randomized"}, default="auto"
        ``"covariance"`` finds the eigenvectors of the (d, d) covariance, ``"gram"`` those of the
        (n, n) Gram matrix, ``"randomized"`` approximates the leading ones (an integer
        ``n_components`` only). ``"auto"`` takes the cheapest, the inexact one only where it saves
        a factor of ten.
    noise_floor : float or None, default=None
        Lower bound of ``noise_variance_`` as a fraction of the mean variance of the features;
        None takes what the rounding of the data and of their covariance leaves.
    tol : float, default=1e-2
        With missing values: stop when the total log-likelihood has less than this left to gain, in
        nats.
    max_iter : int, default=1000
        With missing values: most iterations.
    random_state : int, RandomState instance or None, default=None
        Seed of ``sample``, ``sample_conditional`` and the randomized solver.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Orthonormal principal axes, by falling variance.
    loadings_ : ndarray of shape (n_components, n_features)
        The matrix L: axes times the standard deviation of the signal along them.
    explained_variance_ : ndarray of shape (n_components,)
        Variance along each axis, noise included. Maximum likelihood: sums divide by n, where
        scikit-learn's PCA divides by n - 1.
    explained_variance_ratio_ : ndarray of shape (n_components,)
        The same as a fraction of the total variance.
    noise_variance_ : float
        :math:`\sigma^2`: the mean variance of the directions left out.
    n_iter_ : int
        Iterations; 1 for the closed form.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        If ``n_components`` exceeds ``min(n_samples, n_features)``, if X has fewer than two rows,
        or if a column has no observed value.

    Warns
    -----
    HeywoodWarning
        If the noise variance is held at its lower bound.

    See Also
    --------
    FactorAnalysis : A noise variance for each feature.
    sklearn.decomposition.PCA : The same axes without sampling or missing values.

    References
    ----------
    Tipping and Bishop (1999). Probabilistic principal component analysis. Journal of the Royal
    Statistical Society B 61(3).

    Minka (2000). Automatic choice of dimensionality for PCA. NIPS 13.

    Halko, Martinsson and Tropp (2011). Finding structure with randomness. SIAM Review 53(2).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from skgen import ProbabilisticPCA
    >>> X = load_iris().data
    >>> model = ProbabilisticPCA(n_components=2).fit(X)
    >>> round(model.score(X), 3)
    -2.7
    >>> model.impute([[5.1, 3.5, np.nan, 0.2]]).round(1)
    array([[5.1, 3.5, 1.6, 0.2]])
    """

    _accepts_sparse = True
    _latent_kernels = lowrank_gaussian.posterior_mean, masked_gaussian.posterior_mean

    n_components: int | float | str | None = param(
        NATURAL, FRACTION, one_of("auto", "mle"), None, default="auto", kw_only=False
    )
    solver: str = param(one_of("auto", "covariance", "gram", "randomized"), default="auto")
    noise_floor: float | None = param(FRACTION, None, default=None)
    tol: float = param(NON_NEGATIVE, default=1e-2)
    max_iter: int = param(COUNT, default=1000)
    random_state: object = param("random_state", default=None)

    @fit_by_size
    def fit(self, X, y=None, sample_weight=None):
        """Fit the model by maximum likelihood.

        Parameters
        ----------
        X : {array-like, CSR matrix} of shape (n_samples, n_features)
            Training data, an array or rows in blocks; NaN marks what is missing.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; a weight of 2 counts as two equal rows.

        Returns
        -------
        self : ProbabilisticPCA
            The fitted estimator.
        """
        X = self._validate(X, reset=True, check_finite=False)
        X, weight = weighted_rows(X, sample_weight, at_least=2)
        check_dimension(self.n_components, min(X.shape))
        n, d = X.shape
        exact = not isinstance(self.n_components, Integral)
        solver = self.solver
        if solver == "auto":
            k = min(n, d) if exact else self.n_components
            solver = spectrum.cheapest_solver(n, d, k, full=exact)
        if solver == "covariance":
            basis = self._basis_of_folds(X, weight)
            parts = held_out.fold_moments(X, weight, basis)
            # What is missing or infinite shows in the means: no pass over X just looks for it.
            if held_out.all_finite(parts):
                if not self._solve_moments(X, parts, basis, precise=False):
                    parts = held_out.fold_moments(X, weight, basis, precise=True)
                    self._solve_moments(X, parts, basis)
                return self
        check_array(X, accept_sparse="csr", ensure_all_finite="allow-nan", input_name="X")
        if has_missing(X):
            with one_blas_thread():
                self._fit_incomplete(X, weight)
        else:
            self._fit_rows(X, weight, solver)
        return self

    @fit_by_size
    def partial_fit(self, X, y=None, sample_weight=None):
        """Add rows to the exact sufficient statistics and fit again.

        The result is that of ``fit`` on all rows seen, up to rounding. Each call costs one pass
        over its rows and one eigenproblem of size n_features.

        Parameters
        ----------
        X : {array-like, CSR matrix} of shape (n_samples, n_features)
            Further rows, without missing values.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. Weights that grow from call to call let earlier rows fade.

        Returns
        -------
        self : ProbabilisticPCA
            The fitted estimator.
        """
        first = not hasattr(self, "components_")
        X = self._validate(X, reset=first)
        X, weight = weighted_rows(X, sample_weight, at_least=1)
        check_dimension(self.n_components, X.shape[1])
        self._fit_parts(X, *streamed_moments(self, X, weight, first))
        return self

    def _fit_parts(self, X, parts, basis, first=True):
        self._solve_moments(X, parts, basis)

    def _fit_rows(self, X, weight, solver):
        """Fit without a covariance matrix."""
        n, d = X.shape
        exact = not isinstance(self.n_components, Integral)
        k = min(n, d) if exact else self.n_components
        if solver == "randomized" and exact:
            raise ValueError(
                f"solver='randomized' needs an integer n_components, got "
                f"{self.n_components!r}; choose another solver."
            )
        total_weight = float(n if weight is None else weight.sum())
        mean = column_mean(X, weight)
        total = spectrum.total_variance(X, mean, weight)
        check_range(X, np.atleast_1d(total), self._names)
        if not SAFE_FLOAT32[0] < np.sqrt(total / d) < SAFE_FLOAT32[1]:
            X = X.astype(np.float64)
        A = spectrum.centered_rows(X, mean, weight)
        # Here the products are in the precision of X.
        rounding = max(_rounding(mean, X.dtype), np.finfo(X.dtype).eps * total / d)
        if solver == "gram":
            G, w = spectrum.gram_matrix(X, mean), np.ones(n) if weight is None else weight
            if self.n_components == "auto":
                folds = held_out.fold_of_rows(X, self._basis_of_folds(X, weight))
                k = held_out.dimension_of_gram(G, w, folds, self._floor(d, rounding), d)
            G = G * np.sqrt(np.outer(w, w))
            values, axes = spectrum.gram_eigenpairs(A, total_weight, max(k, 1), G)
        else:
            rng = check_random_state(self.random_state)
            values, axes = spectrum.randomized_eigenpairs(A, total_weight, max(k, 1), rng)
        values, axes = self._cut(values, axes, k, total_weight)
        self._keep(mean, values, axes, total, total_weight, rounding)
        self._moments = self._folds = None

    def _solve_moments(self, X, parts, basis, precise=True):
        """Fit from the moments of the folds; False where they have too few digits for it."""
        seen = held_out.merge_all(parts)
        check_range(X, np.diag(seen.covariance), self._names)
        d, total = len(seen.mean), np.trace(seen.covariance)
        rounding = _rounding(seen.mean, X.dtype)
        k = min(seen.n_rows, d)
        if self.n_components == "auto":
            k = held_out.dimension(parts, self._floor(d, rounding))
        elif isinstance(self.n_components, Integral):
            k = self.n_components
        values, axes = spectrum.top_eigenpairs(seen.covariance, max(k, 1))
        values, axes = self._cut(np.maximum(values, 0), axes, k, seen.weight)
        if not precise and X.dtype == np.float32:
            rest = (total - values.sum()) / max(d - len(values), 1)
            if rest < FLOAT32_NOISE * values.max(initial=0.0):
                return False
        self._keep(seen.mean, values, axes, total, seen.weight, rounding)
        self._moments, self._folds = parts, basis
        return True

    def _floor(self, d, rounding):
        """Lower bound of the noise variance, as a function of the eigenvalues and their sum."""
        return partial(ppca.least_noise, d=d, ratio=self.noise_floor, rounding=rounding)

    def _keep(self, mean, values, axes, total, weight, rounding):
        """Set the fitted attributes from a spectrum by the closed form."""
        k, d = len(values), len(mean)
        floor = self._floor(d, rounding)(values if k else np.array([total]), total)
        sigma2, scales = ppca.closed_form(values, total, d, floor)
        vars(self).update(self._model(mean, scales, axes, sigma2, total))
        self.n_iter_ = 1
        mahalanobis = np.sum(values / self.explained_variance_)
        mahalanobis += max(total - values.sum(), 0.0) / sigma2
        log_det = np.log(self.explained_variance_).sum() + (d - k) * np.log(sigma2)
        self.loglike_ = [float(-weight / 2 * (d * np.log(2 * np.pi) + log_det + mahalanobis))]
        least = max(total - values.sum(), 0.0) / (d - k) if k < d else values[-1]
        self._warn_of_floor(least < floor)

    def _warn_of_floor(self, met):
        if met:
            held = "the rounding of the data" if self.noise_floor is None else "noise_floor"
            warn(
                f"{self.n_components_} of {counted(self.n_features_in_, 'dimension')} explain X "
                f"wholly, and noise_variance_={self.noise_variance_:.1e} is held at {held}; lower "
                "n_components, or drop features that others add up to.",
                HeywoodWarning,
            )

    def _cut(self, values, axes, k, weight):
        """The eigenpairs that n_components asks for."""
        k = min(k, self._choose_dimension(values, weight))
        return values[:k], axes[:k]

    def _choose_dimension(self, values, weight):
        """Cut a spectrum that no earlier step has cut."""
        if self.n_components == "mle":
            return ppca.minka_dimension(values, weight)
        if isinstance(self.n_components, Real) and not isinstance(self.n_components, Integral):
            return ppca.dimension_for_fraction(values, self.n_components)
        return len(values)

    def _model(self, mean, scales, axes, sigma2, total):
        """Fitted attributes that describe the model, by name."""
        # The sign of an eigenvector is free; the largest entry is made positive, as in PCA.
        largest = np.argmax(np.abs(axes), axis=1)
        axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
        variance = scales**2 + sigma2
        return {
            "components_": axes,
            "loadings_": axes * scales[:, None],
            "noise_variance_": float(sigma2),
            "explained_variance_": variance,
            "explained_variance_ratio_": variance / (total or 1.0),
            "mean_": mean,
            "n_components_": len(axes),
            "likelihood_kind_": "exact",
        }

    def _fit_incomplete(self, X, weight):
        rows = incomplete.scaled(X, weight, self._names, common=True)
        d, rounding = X.shape[1], _rounding(rows.offset, X.dtype) / rows.scale[0] ** 2
        start = partial(incomplete.even_start, floor_of=self._floor(d, rounding))
        C = missing_em.pairwise_covariance(rows.Y, rows.weight)
        if self.n_components == "auto":
            k = incomplete.choose_even(rows, start)
        elif isinstance(self.n_components, Integral):
            k = self.n_components
        else:
            values = np.maximum(spectrum.top_eigenpairs(C, d)[0], 0)
            k = min(len(X), self._choose_dimension(values, rows.weight.sum()))
        W, psi, floor = start(C, k)
        with interruptible_progress(self, X, max_iter=self.max_iter) as report:
            solution = incomplete.fit(
                rows,
                (W, psi),
                isotropic=True,
                floor=floor,
                tol=self.tol,
                max_iter=self.max_iter,
                report=lambda found: tell(
                    report, lambda: self._model_of(found), lambda: found.trace
                ),
            )
        vars(self).update(self._model_of(solution))
        vars(self).update(course(solution.trace))
        self._moments = self._folds = None
        if not report.stopped:
            incomplete.warn_of_gain(solution.gain, self.tol, self.max_iter)
        self._warn_of_floor(solution.at_floor.all())

    def _model_of(self, solution):
        """The same from loadings that are orthogonal only up to a rotation."""
        _, scales, axes = np.linalg.svd(solution.W, full_matrices=False)
        total = np.sum(scales**2) + np.sum(solution.psi)
        return self._model(solution.mean, scales, axes, solution.psi[0], total)

    def _parts(self):
        k, d = self.components_.shape
        return self.loadings_, np.eye(k), np.full(d, self.noise_variance_)

    def _count_parameters(self):
        k, d = self.components_.shape
        # With all axes the two ways to share variance between signal and noise are one.
        return min(d + d * k - k * (k - 1) // 2 + 1, d + d * (d + 1) // 2)


def _rounding(mean, dtype):
    """Mean square of the rounding of values around ``mean``."""
    return float(np.mean((np.finfo(dtype).eps * mean) ** 2))
