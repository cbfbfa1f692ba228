"""Factor analysis by maximum likelihood, with rotation and missing values."""

from functools import partial

import numpy as np

from skgen.base.parameters import AUTO, COUNT, FRACTION, NATURAL, NON_NEGATIVE, one_of, param
from skgen.base.progress.reports import interruptible_progress
from skgen.base.training_rows import weighted_rows
from skgen.kernels.blas_threads import one_blas_thread
from skgen.kernels.linear import factor_fit, held_out, lowrank_gaussian, masked_gaussian, missing_em
from skgen.kernels.linear.rotation import rotate
from skgen.kernels.moments import column_mean, column_variance, varies
from skgen.linear import incomplete
from skgen.linear.course import course, iterated, tell
from skgen.linear.factor_selection import (
    checked_mask,
    degrees_of_freedom,
    noise_start,
    plan_from_moments,
    plan_from_rows,
    plan_incomplete,
    start_from_covariance,
    warn_of_heywood,
    warn_of_identification,
    with_degrees_of_freedom,
)
from skgen.linear.incomplete import feature_scale
from skgen.linear.linear_gaussian import (
    LinearGaussian,
    check_dimension,
    check_range,
    fit_by_size,
    has_missing,
    streamed_moments,
)

LATENT_KERNELS = {
    "regression": (lowrank_gaussian.posterior_mean, masked_gaussian.posterior_mean),
    "bartlett": (lowrank_gaussian.bartlett_mean, masked_gaussian.bartlett_mean),
}


class FactorAnalysis(LinearGaussian):
    r"""Factor analysis: common factors plus noise of its own in every feature.

    The correlations between features come from k factors, what is left of each variance is
    noise:

    .. math:: z \sim N(0, I), \qquad x \mid z \sim N(z L + \mu, \mathrm{diag}(\psi))

    The fit sees the rows once, as a covariance, and then maximizes the likelihood as a function
    of psi alone by a quasi-Newton method (Joreskog 1967); with missing values (NaN) it iterates on
    the likelihood of what is observed. For a given number of factors the units of the features do
    not matter.

    Parameters
    ----------
    n_components : int, "auto" or None, default="auto"
        Number of factors k. ``"auto"`` maximizes the likelihood of held-out rows over three folds
        (drawn from a hash of the rows, so that their order does not matter) among the numbers that
        leave no negative degrees of freedom, with missing values among some of them up to 32; the
        noise variances get the lower bound that serves held-out rows best, a fraction of the
        variance of each feature or of the mean variance. None takes
        ``min(n_samples, n_features)``; 0 is the independence model.
    tol : float, default=1e-2
        Stop when the total log-likelihood has less than this left to gain, in nats.
    max_iter : int, default=1000
        Most iterations.
    noise_variance_init : array-like of shape (n_features,), default=None
        Where the noise variances start; None takes Joreskog's guess.
    solver : {"quasi-newton", "em"}, default="quasi-newton"
        ``"em"`` is the classic iteration of Rubin & Thayer on the covariance, slow but plain.
    rotation : {None, "varimax", "quartimax", "promax", "oblimin"}, default=None
        Turns the factors toward simple structure; the likelihood stays the same. The last two
        let the factors correlate.
    normalize : bool, default=True
        Rotate standardized loadings of which each feature has the same sum of squares (Kaiser's
        normalization, the default of R and SPSS), so that the units of the features do not matter.
        False rotates the loadings as they are, in the units of the data, as scikit-learn does.
    scores : {"regression", "bartlett"}, default="regression"
        ``transform`` gives the posterior mean, or the weighted least-squares factors, which are
        unbiased and noisier.
    loadings_mask : array-like of bool of shape (n_components, n_features), default=None
        False fixes a loading at zero (confirmatory analysis); needs an integer ``n_components``
        and no rotation.
    noise_floor : float, default=1e-4
        Lower bound of each noise variance as a fraction of the feature's variance.
    random_state : int, RandomState instance or None, default=None
        Seed of ``sample`` and ``sample_conditional``; the fit draws nothing.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The loadings L, rotated if asked for. The factors are ordered by the sum of squares of
        their standardized loadings, which is the variance they explain.
    noise_variance_ : ndarray of shape (n_features,)
        psi, the noise variance of each feature.
    rotation_ : ndarray of shape (n_components, n_components)
        Latent rows after the rotation are those before it times this matrix.
    factor_correlation_ : ndarray of shape (n_components, n_components)
        Correlations of the factors; the identity unless the rotation is oblique.
    degrees_of_freedom_ : int
        Variances and covariances of the features less the parameters that describe them.
    n_iter_ : int
        Iterations.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        If ``n_components`` exceeds what X allows, if X has fewer than two rows, or if a column
        has no observed value.

    Warns
    -----
    HeywoodWarning
        If noise variances ran to ``noise_floor``; the message names the features.
    IdentificationWarning
        If the degrees of freedom are negative: many solutions fit alike.

    See Also
    --------
    ProbabilisticPCA : One noise variance for all features, in closed form.
    sklearn.decomposition.FactorAnalysis : The same model by EM over the rows. It has ``copy``,
        ``svd_method`` and ``iterated_power``, which have no meaning here: X is never overwritten
        and nothing is randomized.

    References
    ----------
    Joreskog (1967). Some contributions to maximum likelihood factor analysis. Psychometrika 32.

    Kaiser (1958). The varimax criterion for analytic rotation in factor analysis. Psychometrika 23.

    Lawley and Maxwell (1971). Factor analysis as a statistical method. Butterworths.

    Rubin and Thayer (1982). EM algorithms for ML factor analysis. Psychometrika 47.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import FactorAnalysis
    >>> X = load_wine().data
    >>> model = FactorAnalysis(n_components=3, rotation="varimax").fit(X)
    >>> round(model.score(X), 2)
    -19.18
    >>> model.transform(X).shape
    (178, 3)
    """

    n_components: int | str | None = param(NATURAL, AUTO, None, default="auto", kw_only=False)
    tol: float = param(NON_NEGATIVE, default=1e-2)
    max_iter: int = param(COUNT, default=1000)
    noise_variance_init: object = param("array-like", None, default=None)
    solver: str = param(one_of("quasi-newton", "em"), default="quasi-newton")
    rotation: str | None = param(
        one_of("varimax", "quartimax", "promax", "oblimin"), None, default=None
    )
    normalize: bool = param("boolean", default=True)
    scores: str = param(one_of(*LATENT_KERNELS), default="regression")
    loadings_mask: object = param("array-like", None, default=None)
    noise_floor: float = param(FRACTION, default=1e-4)
    random_state: object = param("random_state", default=None)

    @fit_by_size
    def fit(self, X, y=None, sample_weight=None):
        """Fit the model by maximum likelihood.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data, an array or rows in blocks; NaN marks what is missing.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; a weight of 2 counts as two equal rows.

        Returns
        -------
        self : FactorAnalysis
            The fitted estimator.
        """
        X = self._validate(X, reset=True)
        X, weight = weighted_rows(X, sample_weight, at_least=2)
        check_dimension(self.n_components, min(X.shape))
        with interruptible_progress(self, X, max_iter=self.max_iter) as report:
            if has_missing(X):
                with one_blas_thread():
                    self._fit_incomplete(X, weight, report)
            elif len(X) < X.shape[1] and self.solver != "em" and self.loadings_mask is None:
                self._fit_wide(X, weight, report)
            else:
                basis = self._basis_of_folds(X, weight)
                self._fit_moments(X, held_out.fold_moments(X, weight, basis), basis, report)
        return self

    @fit_by_size
    def partial_fit(self, X, y=None, sample_weight=None):
        """Add rows to the exact sufficient statistics and go on from the last noise variances.

        The result is that of ``fit`` on all rows seen, up to ``tol``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Further rows, without missing values.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. Weights that grow from call to call let earlier rows fade.

        Returns
        -------
        self : FactorAnalysis
            The fitted estimator.
        """
        first = not hasattr(self, "components_")
        X = self._validate(X, reset=first)
        X, weight = weighted_rows(X, sample_weight, at_least=1)
        check_dimension(self.n_components, X.shape[1])
        self._fit_parts(X, *streamed_moments(self, X, weight, first), first)
        return self

    def _fit_parts(self, X, parts, basis, first=True):
        with interruptible_progress(self, X, max_iter=self.max_iter) as report:
            self._fit_moments(X, parts, basis, report, None if first else self.noise_variance_)

    def _fit_moments(self, X, parts, basis, report, psi=None):
        """Fit from the moments of the folds, starting at the noise variances psi."""
        seen = held_out.merge_all(parts)
        scale, known = self._scale(X, seen.mean, np.diag(seen.covariance))
        k, bound = self.n_components, 0.0
        if k == "auto":
            k, bound = plan_from_moments(parts, scale, self.noise_floor)
        k = min(seen.n_rows, len(scale)) if k is None else k
        floor = np.maximum(self.noise_floor, bound) * scale**2
        solve = factor_fit.by_em if self.solver == "em" else factor_fit.from_covariance
        if self.loadings_mask is not None:
            solve, k = factor_fit.restricted, checked_mask(self, len(floor))
        solution = solve(
            seen.covariance,
            k,
            noise_start(self.noise_variance_init if psi is None else psi, floor),
            floor,
            tol=self.tol / max(seen.weight, seen.n_rows),
            max_iter=self.max_iter,
            report=lambda W, psi, trace: tell(
                report,
                lambda: self._model(seen.mean, W, psi, known),
                lambda: seen.weight * iterated(trace),
            ),
        )
        own = floor <= self.noise_floor * scale**2
        self._finish_complete(seen.mean, seen.weight, seen.n_rows, solution, known, own)
        self._moments, self._folds = parts, basis

    def _scale(self, X, mean, variance):
        """Scale of each feature, and which features vary."""
        check_range(X, variance, self._names)
        known = varies(variance, mean, X.dtype)
        return feature_scale(variance, known), known

    def _fit_wide(self, X, weight, report):
        """Fit from the rows, for fewer rows than features."""
        mean = column_mean(X, weight)
        scale, known = self._scale(X, mean, column_variance(X, mean, weight))
        Y = (X - mean) / scale
        basis = self._basis_of_folds(X, weight)
        weight = np.ones(len(Y)) if weight is None else weight
        total = weight.sum()
        k, bound = self.n_components, 0.0
        if k == "auto":
            labels = held_out.fold_of_rows(X, basis)
            k, bound = plan_from_rows(Y, weight, labels, scale, self.noise_floor)
        k = len(X) if k is None else k
        floor = np.broadcast_to(np.maximum(self.noise_floor, bound), len(scale))
        start = self.noise_variance_init
        solution = factor_fit.from_rows(
            Y * np.sqrt(weight)[:, None],
            total,
            k,
            None if start is None else noise_start(start, floor * scale**2) / scale**2,
            floor,
            tol=self.tol / max(total, len(X)),
            max_iter=self.max_iter,
            report=lambda W, psi, trace: tell(
                report,
                lambda: self._model(mean, W * scale, psi * scale**2, known),
                lambda: total * (iterated(trace) - np.log(scale).sum()),
            ),
        )
        solution = solution._replace(
            W=solution.W * scale,
            psi=solution.psi * scale**2,
            trace=solution.trace - np.log(scale).sum(),
        )
        self._finish_complete(mean, total, len(X), solution, known, floor <= self.noise_floor)
        self._moments = self._folds = None

    def _fit_incomplete(self, X, weight, report):
        """Fit to what is observed, from the fit to what the pairs of entries say."""
        if self.loadings_mask is not None:
            raise ValueError("loadings_mask needs complete rows, but X has NaN; impute first.")
        rows = incomplete.scaled(X, weight, self._names, common=False)
        start = partial(start_from_covariance, noise_floor=self.noise_floor)
        k, bound = self.n_components, 0.0
        if k == "auto":
            k, bound = plan_incomplete(rows, start)
        C = missing_em.pairwise_covariance(rows.Y, rows.weight)
        known = np.diag(C) > 0
        floor = np.broadcast_to(np.maximum(self.noise_floor, bound), len(C))
        W, psi, _ = start(C, min(X.shape) if k is None else k, noise_floor=floor)
        if self.noise_variance_init is not None:
            first = noise_start(self.noise_variance_init, floor * rows.scale**2)
            psi = first / rows.scale**2
        solution = incomplete.fit(
            rows,
            (W, psi),
            isotropic=False,
            floor=floor,
            tol=self.tol,
            max_iter=self.max_iter,
            report=lambda s: tell(
                report, lambda: self._model(s.mean, s.W, s.psi, known), lambda: s.trace
            ),
        )
        self._finish(solution.mean, solution, solution.trace, known, floor <= self.noise_floor)
        self._moments = self._folds = None

    def _finish_complete(self, mean, total, n_rows, solution, known, own):
        solution = solution._replace(gain=max(total, n_rows) * solution.gain)
        self._finish(mean, solution, total * iterated(solution.trace), known, own)

    def _finish(self, mean, solution, trace, known, own):
        """Set the fitted attributes and warn of what the user should know.

        ``known`` are the features that vary, ``own`` those whose floor is ``noise_floor``: held at
        another bound, or constant, a feature is no Heywood case.
        """
        vars(self).update(self._model(mean, solution.W, solution.psi, known))
        vars(self).update(course(trace))
        if self.n_iter_ >= self.max_iter:
            incomplete.warn_of_gain(solution.gain, self.tol, self.max_iter)
        warn_of_identification(self)
        # What held-out rows chose is no fault of the user's.
        if self.n_components != "auto":
            warn_of_heywood(self, np.flatnonzero(solution.at_floor & known & own))

    def _model(self, mean, W, psi, known):
        """Fitted attributes that describe the model, by name."""
        # Standardized loadings have no units, so nothing that they decide has.
        scale = np.sqrt(np.sum(W**2, axis=0) + psi)
        T = np.eye(len(W))
        if self.rotation is not None:
            A = (W / scale if self.normalize else W).T
            T, _ = rotate(A, self.rotation, normalize=self.normalize)
        L = np.linalg.solve(T, W)
        if self.loadings_mask is None:
            order = np.argsort(-np.sum((L / scale) ** 2, axis=1), kind="stable")
            T, L = T[:, order], L[order]
        # The sign of a factor is free; its largest loading is made positive.
        largest = np.argmax(np.abs(L / scale), axis=1)
        signs = np.where(L[np.arange(len(L)), largest] < 0, -1.0, 1.0)
        T = T * signs
        return {
            "components_": L * signs[:, None],
            "noise_variance_": psi,
            "mean_": mean,
            "rotation_": T,
            "factor_correlation_": T.T @ T,
            "n_components_": len(W),
            "degrees_of_freedom_": degrees_of_freedom(*W.shape, self.loadings_mask),
            "likelihood_kind_": "exact",
            "_constant": None if known.all() else ~known,
        }

    def _of_today(self, state, version):
        return with_degrees_of_freedom(state)

    def _parts(self):
        return self.components_, self.rotation_, self.noise_variance_

    @property
    def _latent_kernels(self):
        return LATENT_KERNELS[self.scores]

    def _count_parameters(self):
        # A model cannot be worth more parameters than the saturated one has.
        d = self.n_features_in_
        return d + d * (d + 1) // 2 - max(0, self.degrees_of_freedom_)
