"""Independent component analysis by maximum likelihood, with a density for every source."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning

from skgen.base import ImputeMixin, InputMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, one_of, param
from skgen.base.progress.parameters import IterationParameters
from skgen.base.progress.reports import interruptible_progress
from skgen.base.sklearn_compat import CallbackSupportMixin, Options
from skgen.base.training_rows import weighted_rows
from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.exceptions import HeywoodWarning
from skgen.kernels.ica import source_density, whitening
from skgen.kernels.linear import held_out
from skgen.kernels.moments import merge, moments, row_blocks
from skgen.linear.linear_gaussian import check_dimension, check_range, fit_by_size, has_missing

BURN_IN = 20  # sweeps that forget where a chain starts


class ICA(
    CallbackSupportMixin,
    ImputeMixin,
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    InputMixin,
    IterationParameters,
    BaseEstimator,
):
    r"""Independent component analysis: sources with densities of their own, mixed linearly.

    The sources are independent, at most one of them Gaussian, and each has a density that is fitted
    to it. With fewer sources than features, Gaussian noise of the same variance in every direction
    is what lies beyond their space:

    .. math:: s_j \sim p_j, \qquad x = s A + \mu \; (+ \text{noise outside the space of } A)

    The fit whitens the rows and minimizes a contrast, which stands for minus the log-likelihood,
    by L-BFGS with the Hessian of independent sources as its preconditioner (Ablin, Cardoso &
    Gramfort 2018). Then a mixture of Gaussians is fitted to each source, so that
    ``score_samples`` is the exact density of the model. Nothing in the fit is random: it starts at
    the axes of a fourth moment, and with a source for each feature it takes the same path after any
    invertible mixing of the features. Where X has NaN, draws of what is missing and fits take turns
    (stochastic EM, Celeux & Diebolt 1985), with random numbers that go by the order of the values.

    Parameters
    ----------
    n_components : int, "auto" or None, default="auto"
        Number of sources k. ``"auto"`` maximizes the likelihood of held-out rows over three folds,
        which are drawn from a hash of the rows and so do not depend on their order, with at least
        four rows a source. None takes as many as there are directions that vary, as FastICA does,
        in the time of one fit. Fewer than features are the sources in the space of the leading
        principal axes, which depends on the units of the features.
    solver : {"picard", "fixed_point"}, default="picard"
        ``"fixed_point"`` is FastICA with symmetric decorrelation, which needs few iterations where
        the sources are independent, and may never converge where they are not.
    orthogonal : bool, default=True
        Whether the sources are uncorrelated in the training rows. False takes the maximum of
        the likelihood over all matrices, which needs the contrast ``"logcosh"`` or ``"fitted"``
        and the solver ``"picard"``.
    whiten : {"unit-variance", "arbitrary-variance"} or False, default="unit-variance"
        ``"unit-variance"`` gives the sources unit variance, ``"arbitrary-variance"`` leaves them
        the scale that the contrast prefers, which is the same where ``orthogonal``. False takes
        rows that are white already, and all of their directions; not white, if not ``orthogonal``.
    fun : {"logcosh", "exp", "cube", "fitted"}, default="logcosh"
        Contrast: :math:`\log \cosh y`, :math:`-e^{-y^2/2}`, which outliers hardly move,
        :math:`y^4/4`, or minus the fitted log-densities, with which the unmixing and the densities
        are fitted in turn. The sign of the first three follows each source, peaked or flat.
    max_iter : int, default=200
        Most iterations.
    tol : float, default=1e-4
        Stop when no entry of the gradient by a relative change of the unmixing matrix exceeds
        this.
    w_init : array-like of shape (n_components, n_components), default=None
        Unmixing matrix of the whitened rows to start from; None takes the axes of a fourth moment.
    n_gibbs_steps : int, default=100
        Sweeps a row of ``impute``, whose error falls with their root, and of
        ``sample_conditional``, each draw of which ends a chain of its own.
    random_state : int, RandomState instance or None, default=None
        Seed of ``sample`` and ``sample_conditional``; the fit does not use it.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Unmixing matrix: sources are ``(X - mean_) @ components_.T``. Ordered by the variance that
        the sources explain, with the largest entry of each column of ``mixing_``, measured in
        standard deviations of the features, positive.
    mixing_ : ndarray of shape (n_features, n_components)
        The matrix A transposed: its pseudo-inverse, and its inverse where it is square.
    mean_ : ndarray of shape (n_features,)
        Mean of the data.
    whitening_ : ndarray of shape (n_components, n_features)
        Whitening matrix in front of the unmixing.
    explained_variance_ratio_ : ndarray of shape (n_components,)
        Fraction of the variance of a feature that each source explains, averaged over the
        features; falling.
    negentropy_ : ndarray of shape (n_components,)
        Nats by which each source is more likely under its density than under a Gaussian, a row:
        near zero for those that no other rows will show again.
    noise_variance_ : float
        Variance of each direction outside the space of the sources; 0 where there is none.
    n_components_ : int
        The number of sources.
    n_iter_ : int
        Iterations.
    gradient_norm_ : float
        Largest entry of the gradient where the fit stopped.
    likelihood_kind_ : str
        ``"exact"``: ``score_samples`` is the log-density in nats.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, when X had string column names.

    Raises
    ------
    ValueError
        If ``n_components`` exceeds ``min(n_samples, n_features)``, if X has fewer than two rows, if
        rows are not white where ``whiten=False`` needs them so, or if a combination of parameters
        has no likelihood.

    Warns
    -----
    ConvergenceWarning
        If the gradient exceeds ``tol`` after ``max_iter`` iterations, as it does where no
        independent sources explain the rows.
    HeywoodWarning
        If the rows vary in fewer directions than ``n_components``, so that the noise is that of
        rounding.

    See Also
    --------
    ProbabilisticPCA : Gaussian latent variables.
    sklearn.decomposition.FastICA : The fixed point alone. It has ``algorithm``, ``fun_args`` and
        ``whiten_solver``, which have no meaning here.

    References
    ----------
    Ablin, Cardoso and Gramfort (2018). Faster independent component analysis by preconditioning
    with Hessian approximations. IEEE Transactions on Signal Processing 66(15).

    Ablin, Cardoso and Gramfort (2018). Faster ICA under orthogonal constraint. ICASSP.

    Hyvarinen (1999). Fast and robust fixed-point algorithms for independent component analysis.
    IEEE Transactions on Neural Networks 10(3).

    Cardoso (1989). Source separation using higher order moments. ICASSP.

    Celeux and Diebolt (1985). The SEM algorithm: a probabilistic teacher algorithm derived from the
    EM algorithm for the mixture problem. Computational Statistics Quarterly 2.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import ICA, ProbabilisticPCA
    >>> S = np.random.default_rng(0).laplace(size=(2000, 2))
    >>> X = S @ [[1.0, 0.5], [0.3, 1.0]]
    >>> model = ICA(n_components=None).fit(X)
    >>> np.abs(model.components_ @ np.transpose([[1.0, 0.5], [0.3, 1.0]])).round(1)
    array([[0.7, 0. ],
           [0. , 0.7]])
    >>> bool(model.score(X) > ProbabilisticPCA(2).fit(X).score(X))
    True
    """

    _accepts_nan = True
    _scores_holes = False
    measure_ = "lebesgue"

    n_components: int | str | None = param(COUNT, AUTO, None, default="auto", kw_only=False)
    solver: str = param(one_of("picard", "fixed_point"), default="picard")
    orthogonal: bool = param(
        "boolean",
        default=True,
        needs={"solver": one_of("picard"), "fun": one_of("logcosh", "fitted")},
    )
    whiten: str | bool = param(
        one_of("unit-variance", "arbitrary-variance"),
        Options(bool, {False}),
        default="unit-variance",
    )
    fun: str = param(one_of("logcosh", "exp", "cube", "fitted"), default="logcosh")
    max_iter: int = param(COUNT, default=200)
    tol: float = param(NON_NEGATIVE, default=1e-4)
    w_init: object = param("array-like", None, default=None)
    n_gibbs_steps: int = param(COUNT, default=100)
    random_state: object = param("random_state", default=None)

    @fit_by_size
    def fit(self, X, y=None, sample_weight=None):
        """Fit the unmixing matrix, and a density to each source.

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
        self : ICA
            The fitted estimator.
        """
        X = self._validate(X, reset=True)
        X, weight = weighted_rows(X, sample_weight, at_least=2)
        check_dimension(self.n_components, min(X.shape))
        with interruptible_progress(self, X, max_iter=self.max_iter) as report:
            self._fit_rows(X, weight, report)
        return self

    @fit_by_size
    def partial_fit(self, X, y=None, sample_weight=None):
        """Go on with further rows.

        The first call fits its rows and decides the number of sources. Each further one adds to the
        exact mean and covariance, turns the unmixing matrix by a Newton step of the length of its
        fraction of all rows, and adds to the counts behind the densities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Further rows; the first call needs some times as many as there are features, and the
            next ones need complete rows.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. Weights that grow from call to call let earlier rows fade.

        Returns
        -------
        self : ICA
            The fitted estimator.
        """
        if not hasattr(self, "components_"):
            return self.fit(X, sample_weight=sample_weight)
        from skgen.linear import ica_fit

        X = self._validate(X, training=True)
        if has_missing(X):
            raise ValueError("partial_fit needs complete rows, but X has NaN; call fit, or impute.")
        X, weight = weighted_rows(X, sample_weight)
        batch = moments(X, weight, precise=True)
        moment = merge(self._moments, batch)
        check_range(X, np.diag(moment.covariance), self._names)
        rounding = ica_fit.rounding(moment.mean, X.dtype)
        white = self._whitening(moment, rounding, self.n_components_, keep=True)
        before = self.components_ / self._spread[:, None]
        Z = whitening.white_rows(X, moment.mean, white.K)
        W = before @ white.back
        W = ica_fit.streamed_step(Z, weight, W, batch.weight / moment.weight, self._plan())
        unit = self.whiten == "unit-variance"
        earlier = self._counts, self._counts_a_weight
        model = ica_fit.model_of(moment, white, W, Z, weight, unit_variance=unit, earlier=earlier)
        vars(self).update(model)
        self.n_iter_ += 1
        return self

    def _fit_rows(self, X, weight, report):
        from skgen.linear import ica_fit

        k, plan, start, factor = self.n_components, self._plan(), None, None
        if has_missing(X):
            from skgen.linear import ica_incomplete

            if self.whiten is False:
                raise ValueError("whiten=False needs complete rows, but X has NaN; whiten here.")
            # Several draws of a row count as the one that it is.
            factor = 1.0 if weight is None else max(1.0, len(X) / weight.sum())
            X, weight, k, start = ica_incomplete.fill(X, weight, k, plan, self._names)
        moment = moments(X, weight, precise=True)
        check_range(X, np.diag(moment.covariance), self._names)
        rounding = ica_fit.rounding(moment.mean, X.dtype)
        if k == "auto" and self.whiten is not False:
            basis = held_out.fold_basis(X, weight)
            k = ica_fit.choose_dimension(X, weight, basis, plan, rounding)
        white = self._whitening(moment, rounding, k)
        Z = whitening.white_rows(X, moment.mean, white.K)
        options = {"unit_variance": self.whiten == "unit-variance", "earlier": (None, factor)}

        def model(W):
            return ica_fit.model_of(moment, white, W, Z, weight, **options)

        solution = ica_fit.unmix(
            Z,
            weight,
            plan,
            start=ica_fit.start_of(self.w_init, start, white),
            white=self.whiten is not False,
            report=lambda W, gradient: report(
                lambda: {**model(W), "gradient_norm_": gradient}, lambda: {"gradient": gradient}
            ),
        )
        vars(self).update(model(solution.W))
        self.n_iter_ = max(1, solution.n_iter)
        self.gradient_norm_ = solution.gradient
        if not solution.converged and not report.stopped:
            warn(
                f"The gradient is {solution.gradient:.1e} after "
                f"{counted(solution.n_iter, 'iteration')}; raise max_iter={self.max_iter} or "
                f"tol={self.tol}. Rows that no independent sources explain may have no solution to "
                "converge to.",
                ConvergenceWarning,
            )

    def _plan(self):
        from skgen.linear import ica_fit

        return ica_fit.Plan(self.solver, self.orthogonal, self.fun, self.tol, self.max_iter)

    def _whitening(self, moment, rounding, k, keep=False):
        """Whitening of the rows, for as many of the k sources asked for as there are directions."""
        from skgen.linear import ica_fit

        d = len(moment.mean)
        if self.whiten is False:
            if k not in (None, d):
                raise ValueError(
                    f"n_components={k!r} needs whitened rows, and whiten=False keeps all "
                    f"{counted(d, 'direction')}; use whiten='unit-variance'."
                )
            if self.orthogonal and not keep:
                ica_fit.check_white(moment)
            return whitening.Whitening(np.eye(d), np.eye(d), 0.0)
        white, short = ica_fit.whitening_for(moment, k, rounding, keep)
        if short and not keep:
            warn(
                f"X varies in {counted(len(white.K), 'direction')} of {counted(d, 'dimension')} "
                f"only, which are fewer than n_components={self.n_components} asks for, and "
                f"noise_variance_={white.noise:.1e} is held at the rounding of the data; lower "
                "n_components, give more rows, or drop features that others add up to.",
                HeywoodWarning,
            )
        return white

    @property
    def _n_features_out(self):
        return len(self.components_)

    def _encode(self, X):
        if has_missing(X):
            X = self._impute(X)
        out = np.empty((len(X), self._n_features_out), X.dtype)
        for rows in row_blocks(*X.shape, itemsize=8):
            out[rows] = (X[rows] - self.mean_) @ self.components_.T
        return out

    def _decode(self, Z):
        return (Z @ self.mixing_.T + self.mean_).astype(Z.dtype, copy=False)

    def _score_rows(self, X):
        from skgen.kernels.ica import rows as ica_rows

        if has_missing(X):
            raise ValueError(
                "score_samples needs complete rows, but X has NaN: the density of a part of a row "
                "is an integral over sources that are not Gaussian; score rows that observe all."
            )
        out = np.empty(len(X))
        for rows in row_blocks(*X.shape, itemsize=8):
            Y = X[rows] - self.mean_
            out[rows] = ica_rows.log_density(
                Y, self.components_, self.noise_variance_, self._density
            )
        return out

    def _sample(self, n_samples, rng):
        X = source_density.draw(self._density, n_samples, rng) @ self.mixing_.T
        if self.noise_variance_ > 0:
            noise = np.sqrt(self.noise_variance_) * rng.standard_normal(X.shape)
            X += whitening.outside(noise, self.components_)
        return X + self.mean_

    def _complete(self, Y, n_burn_in, n_steps, seeds):
        from skgen.kernels.ica import rows as ica_rows

        model = self.components_, self.noise_variance_, self._density
        return ica_rows.complete(Y, *model, n_burn_in, n_steps, seeds)

    def _impute(self, X):
        # Every row has the same random numbers, so that its mean depends on nothing but itself.
        seeds = np.zeros(len(X), np.uint64)
        means, _ = self._complete(X - self.mean_, BURN_IN, self.n_gibbs_steps, seeds)
        return np.where(np.isnan(X), means + self.mean_, X).astype(X.dtype, copy=False)

    def _sample_conditional(self, X, n_draws, rng):
        out = np.empty((n_draws, *X.shape), X.dtype)
        Y = X - self.mean_
        for draw in out:
            seeds = np.frombuffer(rng.bytes(8 * len(X)), np.uint64).copy()
            _, rows = self._complete(Y, self.n_gibbs_steps, 0, seeds)
            draw[:] = np.where(np.isnan(X), rows + self.mean_, X)
        return out
