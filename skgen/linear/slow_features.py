"""Slow feature analysis: what varies least from one row to the next."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.base import InputMixin, LatentMixin, SampleMixin
from skgen.base.parameters import COUNT, Parameters, one_of, param
from skgen.base.results.finite import finite
from skgen.base.training_rows import weighted_rows
from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.kernels.moments import row_blocks
from skgen.kernels.sequences import autoregression
from skgen.kernels.sequences.slow_directions import n_quadratic, quadratic
from skgen.kernels.sequences.steps import (
    merged,
    sequence_moments,
    speeds_of,
    starts_of,
    times_between,
)
from skgen.linear import sequences as slow_fits
from skgen.linear.sequences import (
    check_goes_on,
    check_n_components,
    check_products,
    check_steps,
    fit_by_size,
    in_time,
    median_length,
    standards,
)

HAS_DENSITY = available_if(lambda self: self._has_density)


class SlowFeatureAnalysis(LatentMixin, SampleMixin, InputMixin, Parameters, BaseEstimator):
    r"""Slow feature analysis: uncorrelated features that vary as slowly as rows allow.

    Rows are in time order. Of all linear (or quadratic) functions of a row with mean 0, variance 1
    and no correlation among each other, the first feature minimizes the mean squared speed:

    .. math:: \mathrm{mean}_t \bigl((y_{t + \mathrm{lag}} - y_t) / \text{elapsed time}\bigr)^2,

    the next one minimizes it among those uncorrelated with the first, and so on: the smallest
    solutions of a generalized eigenproblem of two covariances, in closed form. What changes slowly
    in a fast-changing scene is often what it is about, such as which object is where.

    A linear analysis is also the maximum of a likelihood (Turner & Sahani 2007): each feature is an
    autoregression of its own, :math:`y_t = \phi y_{t-1} + \sqrt{1 - \phi^2} e_t`, and a row an
    invertible mixture of them. ``sample`` draws such a sequence, and ``score_sequence`` is its
    exact log-density. They use all features, however many ``transform`` gives.

    Parameters
    ----------
    n_components : int or None, default=None
        Number of features, the slowest first; None takes as many as rows vary in directions.
    expansion : {"quadratic"} or None, default=None
        "quadratic" takes functions of all columns and of all their products, expanded block by
        block and never held whole; with fewer rows than products, the rows' inner products are
        enough. None takes linear functions.
    lag : int, default=1
        Rows between the two ends of a step.
    random_state : int, RandomState instance or None, default=None
        Seed of ``sample``.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_expanded)
        Weights of each feature on the columns, or on the expansion of standardized columns.
    loadings_ : ndarray of shape (n_components, n_features)
        Covariance of each feature with each column: the regression of rows on features, by which
        ``inverse_transform`` rebuilds rows.
    mean_ : ndarray of shape (n_features,)
        Mean of the rows.
    delta_values_ : ndarray of shape (n_components,)
        Mean squared speed of each feature, the slowest first; of white noise it is 2 / lag^2.
    eta_ : ndarray of shape (n_components,)
        Full turns of a sine as slow as each feature, over the time that all rows take.
    autocorrelations_ : ndarray of shape (n_directions,)
        Correlation of each feature with itself ``time_step_`` later, in the model of ``sample``;
        of a linear analysis of all features, however many ``transform`` gives.
    time_step_ : float
        Unit of time of ``sample``: 1 without times, else their median step, of dates in
        seconds.
    n_components_ : int
        Number of features.
    likelihood_kind_ : str
        "error": ``score`` is minus a mean squared speed.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, where X had string names.

    Raises
    ------
    ValueError
        If no sequence has two rows ``lag`` apart, if times do not rise within a sequence, if X does
        not vary, or if ``n_components`` exceeds the number of columns of the expansion.

    Warns
    -----
    UserWarning
        If rows vary in fewer directions than ``n_components``: there are fewer features then.

    See Also
    --------
    ProbabilisticPCA : Directions of most variance, whatever the order of rows.

    References
    ----------
    Wiskott, L. & Sejnowski, T. (2002). Slow feature analysis: unsupervised learning of invariances.
    Neural Computation 14(4).

    Turner, R. & Sahani, M. (2007). A maximum-likelihood interpretation for slow feature analysis.
    Neural Computation 19(4).

    Examples
    --------
    The slow wave in a mixture of quadratic functions:

    >>> import numpy as np
    >>> from skgen import SlowFeatureAnalysis
    >>> t = np.linspace(0, 2 * np.pi, 2000)
    >>> X = np.column_stack([np.sin(t) + np.cos(11 * t) ** 2, np.cos(11 * t)])
    >>> model = SlowFeatureAnalysis(1, expansion="quadratic").fit(X)
    >>> slow = model.transform(X)[:, 0]
    >>> bool(abs(np.corrcoef(slow, np.sin(t))[0, 1]) > 0.999999)
    True
    >>> model.eta_.round(2)
    array([1.])
    """

    likelihood_kind_ = "error"

    n_components: int | None = param(COUNT, None, default=None, kw_only=False)
    expansion: str | None = param(one_of("quadratic"), None, default=None)
    lag: int = param(COUNT, default=1)
    random_state: object = param("random_state", default=None)

    @fit_by_size
    def fit(self, X, y=None, groups=None, times=None):
        """Find the slow features of rows in time order.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order, in an array or in blocks.
        y : Ignored
            Present for API consistency.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to; steps never join two. None is one sequence.
        times : array-like of shape (n_samples,), default=None
            When each row was seen, rising within a sequence: numbers, or dates, which count in
            seconds. None is a row a unit of time.

        Returns
        -------
        self : SlowFeatureAnalysis
            The fitted estimator.
        """
        return self._fit(X, groups, times, first=True)

    @fit_by_size
    def partial_fit(self, X, y=None, groups=None, times=None):
        """Add rows that follow those of earlier calls, and solve again.

        The result is that of ``fit`` on all rows, up to rounding, and in a quadratic analysis up to
        the signs of features and the columns to which ``components_`` refer. The first row goes on
        with the sequence of the last call where its group is the same.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        y : Ignored
            Present for API consistency.
        groups : array-like of shape (n_samples,), default=None
            As in ``fit``; given in all calls or in none.
        times : array-like of shape (n_samples,), default=None
            As in ``fit``; given in all calls or in none.

        Returns
        -------
        self : SlowFeatureAnalysis
            The fitted estimator.
        """
        return self._fit(X, groups, times, first="_moments" not in vars(self))

    def _fit(self, X, groups, times, first):
        X = self._validate(X, reset=first, training=True)
        X, _ = weighted_rows(X, None, at_least=2 if first else 1)
        rounding, X = X.dtype, X.astype(np.float64, copy=False)
        groups, times = in_time(X, groups, times)
        if first:
            self._rounding, self._moments = rounding, None
            self._built_for = {name: getattr(self, name) for name in ("expansion", "lag")}
        else:
            check_goes_on(self, groups=groups, times=times)
            if self._moments is not None:
                check_products((X - self._center) / self._scale, X, self._has_density)
            X, groups, times = (
                None if own is None else np.concatenate([last, own])
                for last, own in zip(self._tail, (X, groups, times))
            )
        if self._moments is None:
            names = getattr(self, "feature_names_in_", None)
            self._center, self._scale = standards(X, names, self._rounding)
        starts = starts_of(len(X), groups)
        elapsed = times_between(starts, times)
        n_kept, found = self._find(X, starts, elapsed)
        self._tail = [None if own is None else own[-n_kept:].copy() for own in (X, groups, times)]
        self._set(found, timed=times is not None)
        return self

    def _find(self, X, starts, elapsed):
        """How many rows a next call needs, and the slow directions of all rows."""
        lag, linear, k = self.lag, self._has_density, self.n_components
        seen = self._moments
        columns = self._center, self._scale, self._rounding
        check_n_components(k, X.shape[1] if linear else n_quadratic(X.shape[1]))
        if seen is None and not linear and len(X) < n_quadratic(X.shape[1]):
            # The rows themselves are less than moments of their products would be.
            return len(X), slow_fits.by_rows(X, columns, starts, elapsed, lag, k)
        n_known = 0 if seen is None else len(self._tail[0])
        new = sequence_moments(X, starts, elapsed, lag, self._expand, n_known=n_known)
        self._moments = new if seen is None else merged(seen, new)
        check_steps(self._moments.n_steps, lag, len(X))
        # A density needs all directions.
        wanted = None if linear else k
        return lag, slow_fits.by_moments(self._moments, columns, wanted, linear=linear)

    def _how(self, name):
        """A parameter as the fit read it, or as it is before a fit."""
        return vars(self).get("_built_for", vars(self))[name]

    @property
    def _has_density(self):
        return self._how("expansion") is None

    def _expand(self, X):
        """What features are linear in: standardized columns, or their products as well."""
        Y = (X - self._center) / self._scale
        return Y if self._has_density else quadratic(Y)

    def _set(self, found, timed):
        """Set the fitted attributes."""
        r, linear = found.weights.shape[1], self._has_density
        if self.n_components is not None and self.n_components > r:
            warn(
                f"Rows vary in {counted(r, 'direction')}, fewer than n_components="
                f"{self.n_components}: there are no more features; lower n_components.",
                UserWarning,
            )
        k = min(self.n_components or r, r)
        self._expanded_mean = found.mean
        self._weights = found.weights[:, :k]
        self.n_components_ = k
        self.delta_values_ = found.delta[:k]
        self.eta_ = np.sqrt(self.delta_values_) * found.duration / (2 * np.pi)
        self.mean_ = self._center + found.mean[: len(self._center)] * self._scale
        self.loadings_ = found.loadings[:k] * self._scale
        self.components_ = self._weights.T / self._scale if linear else self._weights.T.copy()
        unit = median_length(found.lengths) / self.lag if timed else 1.0
        self.time_step_ = float(unit)
        self.autocorrelations_ = autoregression.autocorrelations(found.delta, found.lengths, unit)
        if linear:
            # Directions without variance are white noise as small as rounding.
            self._unmixing = np.hstack([found.weights, found.still]) / self._scale[:, None]

    @property
    def _n_features_out(self):
        return self.n_components_

    def _encode(self, X):
        Z = np.empty((len(X), self.n_components_), X.dtype)
        for rows in row_blocks(len(X), len(self._expanded_mean), 8):
            expanded = self._expand(X[rows].astype(np.float64, copy=False))
            Z[rows] = (expanded - self._expanded_mean) @ self._weights
        return Z

    def _decode(self, Z):
        return (Z @ self.loadings_ + self.mean_).astype(Z.dtype, copy=False)

    def score(self, X, y=None, groups=None, times=None):
        """Minus the mean squared speed of the features in new rows; higher is slower.

        The features have variance 1 in the training rows. White noise scores -2 / lag^2.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order.
        y : Ignored
            Present for API consistency.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.
        times : array-like of shape (n_samples,), default=None
            When each row was seen.

        Returns
        -------
        score : float
            Minus the mean over features and steps.
        """
        check_is_fitted(self)
        X, lag = self._validate(X), self._how("lag")
        groups, times = in_time(X, groups, times)
        starts = starts_of(len(X), groups)
        elapsed = times_between(starts, times)
        codes = finite(self._encode, X).astype(np.float64, copy=False)
        speeds = speeds_of(codes, starts, elapsed, lag)
        check_steps(len(speeds), lag, len(X))
        return -float(finite(lambda speeds: np.mean(speeds**2), speeds, name="X, or times,"))

    @HAS_DENSITY
    def score_sequence(self, X, groups=None, times=None):
        """Log-density of each row given those before it in its sequence, in nats.

        The exact density of the linear-Gaussian state space, by Kalman's filter; their sum is the
        joint log-density of all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in time order; NaN marks what is missing, whole rows as well.
        groups : array-like of shape (n_samples,), default=None
            Which sequence each row belongs to.
        times : array-like of shape (n_samples,), default=None
            When each row was seen.

        Returns
        -------
        log_density : ndarray of shape (n_samples,)
            In nats, float64; 0 where a row is missing.
        """
        check_is_fitted(self)
        X = self._validate_incomplete(X)
        groups, times = in_time(X, groups, times)
        starts = starts_of(len(X), groups)
        elapsed = times_between(starts, times) / self.time_step_
        phi = autoregression.memory(self._all_autocorrelations(), starts, elapsed)
        mixing = np.linalg.inv(self._unmixing)
        return autoregression.log_density(X - self.mean_, mixing, self._unmixing, phi)

    def _all_autocorrelations(self):
        """Those of all directions; where rows do not vary nothing is remembered."""
        out = np.zeros(len(self._unmixing))
        out[: len(self.autocorrelations_)] = self.autocorrelations_
        return out

    @HAS_DENSITY
    def sample(self, n_samples=1, random_state=None):
        """Draw a new sequence of rows in time order, ``time_step_`` apart.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws; a frame where ``set_output`` asks for one.
        """
        return super().sample(n_samples, random_state)

    def _sample(self, n_samples, rng):
        U = autoregression.draw(n_samples, self._all_autocorrelations(), rng)
        return U @ np.linalg.inv(self._unmixing) + self.mean_
