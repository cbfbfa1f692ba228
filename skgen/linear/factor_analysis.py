"""Factor analysis by maximum likelihood, with rotation and missing values."""

from functools import partial

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skgen.base.parameters import AUTO, COUNT, FRACTION, NON_NEGATIVE, one_of, param
from skgen.base.sklearn_compat import fit_method, fit_progress
from skgen.base.training_rows import weighted_rows
from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.exceptions import HeywoodWarning
from skgen.kernels.linear import factor_fit, held_out, lowrank_gaussian, masked_gaussian, missing_em
from skgen.kernels.linear.rotation import rotate
from skgen.kernels.moments import centered, column_mean
from skgen.linear import incomplete
from skgen.linear.factor_selection import (
    BOUNDS,
    checked_mask,
    noise_start,
    plan_from_moments,
    plan_from_rows,
    start_from_covariance,
)
from skgen.linear.linear_gaussian import (
    LinearGaussian,
    check_dimension,
    has_missing,
    observed_mean,
    streamed_moments,
)

LATENT_KERNELS = {
    "regression": (lowrank_gaussian.posterior_mean, masked_gaussian.posterior_mean),
    "bartlett": (lowrank_gaussian.bartlett_mean, masked_gaussian.bartlett_mean),
}


class FactorAnalysis(LinearGaussian):
    """Factor analysis: common factors plus noise of its own in every feature.

    The correlations between features come from k factors, what is left of each variance is
    noise::

        z ~ N(0, I),    x | z ~ N(z L + mean, diag(psi))

    The fit sees the rows once, as a covariance, and then maximizes the likelihood as a function
    of psi alone by a quasi-Newton method (Joreskog 1967); with missing values (NaN) it is exact
    EM on what is observed. For a given number of factors the units of the features do not matter.

    Parameters
    ----------
    n_components : int, "auto" or None, default="auto"
        Number of factors k. ``"auto"`` maximizes the likelihood of held-out rows over three folds
        (drawn from a hash of the rows, so that their order does not matter): the dimension is that
        of probabilistic PCA on standardized features, and the noise variances get the common lower
        bound that serves held-out rows best. With missing values the choice is between some
        numbers up to 32. None takes ``min(n_samples, n_features)``.
    tol : float, default=1e-2
        Stop when the total log-likelihood has less than this left to gain, in nats; with missing
        values, when an EM iteration gains less than this in the mean log-likelihood of a row.
    max_iter : int, default=1000
        Most iterations.
    noise_variance_init : array-like of shape (n_features,), default=None
        Where the noise variances start; None takes Joreskog's guess.
    solver : {"quasi-newton", "em"}, default="quasi-newton"
        ``"em"`` is the classic iteration of Rubin & Thayer on the covariance, slow but plain.
    rotation : {None, "varimax", "quartimax", "promax", "oblimin"}, default=None
        Turns the factors toward simple structure; the likelihood stays the same. The last two
        let the factors correlate.
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

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The loadings L, rotated if asked for.
    noise_variance_ : ndarray of shape (n_features,)
        psi, the noise variance of each feature.
    rotation_ : ndarray of shape (n_components, n_components)
        Latent rows after the rotation are those before it times this matrix.
    factor_correlation_ : ndarray of shape (n_components, n_components)
        Correlations of the factors; the identity unless the rotation is oblique.
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

    See Also
    --------
    ProbabilisticPCA : One noise variance for all features, in closed form.
    sklearn.decomposition.FactorAnalysis : The same model by EM over the rows. It has ``copy``,
        ``svd_method`` and ``iterated_power``, which have no meaning here: X is never overwritten
        and nothing is randomized.

    References
    ----------
    Joreskog (1967). Some contributions to maximum likelihood factor analysis. Psychometrika 32.

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

    n_components: int | str | None = param(COUNT, AUTO, None, default="auto", kw_only=False)
    tol: float = param(NON_NEGATIVE, default=1e-2)
    max_iter: int = param(COUNT, default=1000)
    noise_variance_init: object = param("array-like", None, default=None)
    solver: str = param(one_of("quasi-newton", "em"), default="quasi-newton")
    rotation: str | None = param(
        one_of("varimax", "quartimax", "promax", "oblimin"), None, default=None
    )
    scores: str = param(one_of(*LATENT_KERNELS), default="regression")
    loadings_mask: object = param("array-like", None, default=None)
    noise_floor: float = param(FRACTION, default=1e-4)
    random_state: object = param("random_state", default=None)

    @fit_method
    def fit(self, X, y=None, sample_weight=None):
        """Fit the model by maximum likelihood.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data; NaN marks what is missing.
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
        with fit_progress(self, X, max_iter=self.max_iter) as report:
            if has_missing(X):
                self._fit_incomplete(X, weight, report)
            elif len(X) < X.shape[1] and self.solver != "em" and self.loadings_mask is None:
                self._fit_wide(X, weight, report)
            else:
                self._fit_moments(held_out.fold_moments(X, weight, self._n_folds), report)
        return self

    @fit_method
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
            Weight of each row.

        Returns
        -------
        self : FactorAnalysis
            The fitted estimator.
        """
        first = not hasattr(self, "components_")
        X = self._validate(X, reset=first)
        X, weight = weighted_rows(X, sample_weight, at_least=1)
        check_dimension(self.n_components, X.shape[1])
        parts = streamed_moments(self, X, weight, self._n_folds, first)
        with fit_progress(self, X, max_iter=self.max_iter) as report:
            self._fit_moments(parts, report, None if first else self.noise_variance_)
        return self

    def _fit_moments(self, parts, report, psi=None):
        """Fit from the moments of the folds, starting at the noise variances psi."""
        seen = held_out.merge_all(parts)
        k, floor = plan_from_moments(parts, self.n_components, self.noise_floor)
        solve = factor_fit.by_em if self.solver == "em" else factor_fit.from_covariance
        if self.loadings_mask is not None:
            solve, k = factor_fit.restricted, checked_mask(self, len(floor))
        solution = solve(
            seen.covariance,
            k,
            noise_start(self.noise_variance_init if psi is None else psi, floor),
            floor,
            tol=self.tol / seen.weight,
            max_iter=self.max_iter,
            report=lambda W, psi: report(lambda: self._model(seen.mean, W, psi)),
        )
        self._finish(seen.mean, seen.weight, solution, floor, np.diag(seen.covariance))
        self._moments = parts

    def _fit_wide(self, X, weight, report):
        """Fit from the rows, for fewer rows than features."""
        mean = column_mean(X, weight)
        Y = centered(X, mean).astype(np.float64, copy=False)
        weight = np.ones(len(Y)) if weight is None else weight
        total = weight.sum()
        folds = held_out.fold_of_rows(X)
        k, floor = plan_from_rows(Y, weight, folds, self.n_components, self.noise_floor)
        solution = factor_fit.from_rows(
            Y * np.sqrt(weight)[:, None],
            total,
            k,
            noise_start(self.noise_variance_init, floor),
            floor,
            tol=self.tol / total,
            max_iter=self.max_iter,
            report=lambda W, psi: report(lambda: self._model(mean, W, psi)),
        )
        self._finish(mean, total, solution, floor, weight @ Y**2 / total)
        self._moments = None

    def _fit_incomplete(self, X, weight, report):
        """Fit by EM on what is observed, from the fit to what the pairs of entries say."""
        if self.loadings_mask is not None:
            raise ValueError("loadings_mask needs complete rows, but X has NaN; impute first.")
        weight = np.ones(len(X)) if weight is None else weight
        offset = observed_mean(X, weight, getattr(self, "feature_names_in_", None))
        Y = centered(X, offset)
        k, bound = self.n_components, 0.0
        start = partial(start_from_covariance, noise_floor=self.noise_floor)
        if k == "auto":
            bounds = BOUNDS * np.nanvar(Y, axis=0).mean()
            k, bound = incomplete.choose(Y, weight, start, isotropic=False, bounds=bounds)
        S = missing_em.pairwise_covariance(Y, weight)
        W, psi, floor = start(S, min(X.shape) if k is None else k, bound=bound)
        if self.noise_variance_init is not None:
            psi = noise_start(self.noise_variance_init, floor)
        mean, solution = incomplete.fit(
            Y,
            weight,
            (W, psi),
            isotropic=False,
            floor=floor,
            tol=self.tol,
            max_iter=self.max_iter,
            report=lambda s: report(lambda: self._model(offset + s.mean, s.W, s.psi)),
        )
        # The gain of EM is judged a row, as the docstring says.
        solution = solution._replace(gain=solution.gain / weight.sum())
        self._finish(offset + mean, weight.sum(), solution, floor, np.diag(S))
        self._moments = None

    def _finish(self, mean, total, solution, floor, variance):
        """Set the fitted attributes and warn of what the user should know."""
        vars(self).update(self._model(mean, solution.W, solution.psi))
        mask = self.loadings_mask
        self._n_free_loadings = None if mask is None else int(np.sum(mask))
        self.loglike_ = [float(value) for value in total * solution.trace]
        self.n_iter_ = max(1, len(solution.trace) - 1)
        if self.n_iter_ >= self.max_iter and total * solution.gain >= self.tol:
            warn(
                f"The log-likelihood has about {total * solution.gain:.1e} nats left to gain; "
                f"raise max_iter={self.max_iter} or tol={self.tol}.",
                ConvergenceWarning,
            )
        # Held at the common bound, or constant, a feature is no Heywood case.
        heywood = np.flatnonzero(solution.at_floor & (floor <= self.noise_floor * variance))
        if len(heywood):
            names = getattr(self, "feature_names_in_", np.arange(len(floor)))
            listed = ", ".join(str(name) for name in names[heywood[:10]])
            warn(
                f"The factors explain {counted(len(heywood), 'feature')} wholly, and the noise "
                f"variance is held at noise_floor={self.noise_floor} of the variance: {listed}"
                f"{' ...' if len(heywood) > 10 else ''}; lower n_components, or drop features "
                "that copy others.",
                HeywoodWarning,
            )

    def _model(self, mean, W, psi):
        """Fitted attributes that describe the model, by name."""
        T = np.eye(len(W))
        if self.rotation is not None:
            T, _ = rotate(W.T, self.rotation)
        L = np.linalg.solve(T, W)
        # The sign of a factor is free; its largest loading is made positive.
        signs = np.where(L[np.arange(len(L)), np.argmax(np.abs(L), axis=1)] < 0, -1.0, 1.0)
        T = T * signs
        return {
            "components_": L * signs[:, None],
            "noise_variance_": psi,
            "mean_": mean,
            "rotation_": T,
            "factor_correlation_": T.T @ T,
            "n_components_": len(W),
            "likelihood_kind_": "exact",
        }

    def _parts(self):
        return self.components_, self.rotation_, self.noise_variance_

    @property
    def _latent_kernels(self):
        return LATENT_KERNELS[self.scores]

    def _count_parameters(self):
        k, d = self.components_.shape
        if self._n_free_loadings is not None:
            return 2 * d + self._n_free_loadings
        return 2 * d + d * k - k * (k - 1) // 2
