"""Mixtures of factor analyzers and of probabilistic PCAs."""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skgen.base import ImputeMixin, InputMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.base.blocks import by_blocks
from skgen.base.parameters import AUTO, COUNT, FRACTION, NATURAL, NON_NEGATIVE, one_of, param
from skgen.base.progress.parameters import IterationParameters
from skgen.base.progress.reports import fit_progress, iterations
from skgen.base.sklearn_compat import CallbackSupportMixin
from skgen.base.training_rows import weighted_rows
from skgen.base.wording import counted
from skgen.kernels.linear import masked_gaussian
from skgen.kernels.mixtures import em, given_rows
from skgen.kernels.mixtures.model import (
    Mixture,
    canonical,
    count_parameters,
    responsibilities,
)
from skgen.kernels.moments import row_blocks
from skgen.linear import incomplete
from skgen.linear.course import Ascents, course, tell
from skgen.linear.criteria import CriteriaMixin
from skgen.linear.linear_gaussian import check_dimension, fit_by_size, has_missing
from skgen.linear.mixtures.rows import distinct, in_units
from skgen.linear.mixtures.search import choice
from skgen.linear.mixtures.starts import best_start, fit_from, split_and_merge
from skgen.linear.mixtures.stream import added, kept


class MixtureOfFactorAnalyzers(
    CallbackSupportMixin,
    ImputeMixin,
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    CriteriaMixin,
    InputMixin,
    IterationParameters,
    BaseEstimator,
):
    r"""Mixture of factor analyzers: clusters, each with a few factors of its own.

    Each row belongs to one of m clusters, and is a point of that cluster's k-dimensional plane plus
    noise:

    .. math:: c \sim \pi, \qquad z \sim N(0, I), \qquad x \mid z, c \sim N(z L_c + \mu_c, \Psi_c)

    So it is a mixture of Gaussians whose covariances have d k numbers in place of d^2 / 2, and
    locally linear where one linear model is not enough. The fit is EM from k-means, with a prior on
    correlations that lets clusters of few rows learn from the others; missing values (NaN) are
    summed out. Neither the order of rows nor the units of columns change it, but for those of
    columns that fewer than three rows vary.

    Parameters
    ----------
    n_clusters : int or "auto", default="auto"
        Number m of clusters. ``"auto"`` climbs the likelihood of held-out rows over three folds,
        which are drawn from a hash of the rows, over numbers up to 64, for half a minute or so.
    n_components : int or "auto", default="auto"
        Number k of factors of each cluster, chosen together with ``n_clusters`` where it is
        ``"auto"``, up to 32; 0 leaves a mixture of Gaussians with diagonal covariances.
    covariance : {"factor", "isotropic"}, default="factor"
        ``"factor"`` gives each feature its noise variance (factor analysis), ``"isotropic"`` one to
        all features (probabilistic PCA), whose units then matter.
    shared_noise : bool, default=False
        Whether all clusters have the same noise variances.
    prior_weight : float or "auto", default="auto"
        Rows that the prior on the covariance of each cluster is worth (Fraley & Raftery 2007). Its
        rows have the mean of the cluster and the correlation within all clusters of k-means, in
        scales of the own cluster of k-means, to which one row of the scale within all is added
        (Barnard, McCulloch & Meng 2000). 0 is maximum likelihood; ``"auto"`` is chosen with the
        numbers. A cluster alone has no prior.
    noise_floor : float or "auto", default="auto"
        Lower bound of ``noise_variance_`` as a fraction of the variance of each feature, or of what
        rounding to its step brings, step^2 / 12, where that is more: one that hardly varies says
        little of new rows. Where ``covariance="isotropic"`` it is one of their mean variance.
        ``"auto"`` is 1e-3, and up to 0.3 where that serves held-out rows and other numbers are
        chosen.
    n_init : int, default=3
        Starts by k-means, of which the best after ten iterations goes on.
    split_merge : bool, default=False
        After EM, whether to merge two clusters that are alike and split another as long as that
        raises the objective. Takes several times as long.
    tol : float, default=1e-4
        Stop when an iteration gains less than this, in nats a row and feature.
    max_iter : int, default=500
        Most iterations.
    random_state : int, RandomState instance or None, default=None
        Seed of the starts, ``sample`` and ``sample_conditional``.
    %(shared_parameters)s

    Attributes
    ----------
    weights_ : ndarray of shape (n_clusters,)
        Probability of each cluster, falling.
    means_ : ndarray of shape (n_clusters, n_features)
        Mean of each cluster.
    components_ : ndarray of shape (n_clusters, n_components, n_features)
        Loadings L of each cluster, by what they explain.
    noise_variance_ : ndarray of shape (n_clusters, n_features)
        Diagonal of Psi for each cluster.
    n_clusters_ : int
        The number m of clusters.
    n_components_ : int
        The number k of factors of each cluster.
    prior_weight_ : float
        Rows that the prior was worth.
    noise_floor_ : float
        Lower bound of the noise, as ``noise_floor``.
    loglike_ : list of float
        Total log-likelihood of the training data, in nats, after each iteration; the prior is not
        in it. ``partial_fit`` adds that of its rows.
    n_iter_ : int
        Iterations.
    likelihood_kind_ : str
        ``"exact"``: ``score_samples`` is the log-density in nats, of what is observed of a row.
    measure_ : str
        ``"lebesgue"``: a density over the units of X.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, when X had string column names.

    Raises
    ------
    ValueError
        If ``n_components`` exceeds ``min(n_samples, n_features)``, if ``n_clusters`` exceeds the
        number of distinct rows, or if a column has no observed value.

    Warns
    -----
    ConvergenceWarning
        If ``max_iter`` ended the fit.

    See Also
    --------
    FactorAnalysis : One cluster.
    ProbabilisticPCA : One cluster with ``covariance="isotropic"``.
    sklearn.mixture.GaussianMixture : Full or diagonal covariances, without missing values.

    References
    ----------
    Ghahramani and Hinton (1996). The EM algorithm for mixtures of factor analyzers. Technical
    report CRG-TR-96-1, University of Toronto.

    Tipping and Bishop (1999). Mixtures of probabilistic principal component analyzers. Neural
    Computation 11(2).

    Fraley and Raftery (2007). Bayesian regularization for normal mixture estimation and model-based
    clustering. Journal of Classification 24.

    Barnard, McCulloch and Meng (2000). Modeling covariance matrices in terms of standard deviations
    and correlations, with application to shrinkage. Statistica Sinica 10.

    Ueda, Nakano, Ghahramani and Hinton (2000). SMEM algorithm for mixture models. Neural
    Computation 12(9).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skgen import MixtureOfFactorAnalyzers
    >>> X = load_iris().data
    >>> model = MixtureOfFactorAnalyzers(3, 2, random_state=0).fit(X)
    >>> model.predict_proba(X).shape
    (150, 3)
    >>> model.transform(X).shape
    (150, 9)
    """

    _accepts_nan = True
    measure_ = "lebesgue"

    n_clusters: int | str = param(COUNT, AUTO, default="auto", kw_only=False)
    n_components: int | str = param(NATURAL, AUTO, default="auto", kw_only=False)
    covariance: str = param(one_of("factor", "isotropic"), default="factor")
    shared_noise: bool = param("boolean", default=False)
    prior_weight: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    noise_floor: float | str = param(FRACTION, AUTO, default="auto")
    n_init: int = param(COUNT, default=3)
    split_merge: bool = param("boolean", default=False)
    tol: float = param(NON_NEGATIVE, default=1e-4)
    max_iter: int = param(COUNT, default=500)
    random_state: object = param("random_state", default=None)

    @fit_by_size
    def fit(self, X, y=None, sample_weight=None):
        """Fit the model by EM.

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
        self : MixtureOfFactorAnalyzers
            The fitted estimator.
        """
        self._fit(X, sample_weight)
        return self

    @fit_by_size
    def partial_fit(self, X, y=None, sample_weight=None):
        """Add rows to the moments of the clusters, by what the present model takes them for.

        The first call is ``fit``. Each later one is a step of incremental EM: it costs one pass
        over its rows, and earlier rows stay where they were put. Units and numbers are those of the
        first.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Further rows; without missing values, but in the first call.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row. Weights that grow from call to call let earlier rows fade.

        Returns
        -------
        self : MixtureOfFactorAnalyzers
            The fitted estimator.
        """
        if not hasattr(self, "components_"):
            return self.fit(X, sample_weight=sample_weight)
        X = self._validate(X, training=True)
        X, weight = weighted_rows(X, sample_weight, at_least=1)
        self._check_stream(X)
        mixture, self._moments, log_likelihood = added(
            X, weight, self._mixture(), self._moments, self._rule()
        )
        vars(self).update(self._attributes(mixture))
        self.loglike_ = [*self.loglike_, log_likelihood]
        self.n_iter_ += 1
        return self

    def _check_stream(self, X):
        if has_missing(X):
            raise ValueError("partial_fit needs complete rows, but X has NaN; call fit, or impute.")
        if self._moments is None:
            raise ValueError(
                "partial_fit cannot go on from a fit to missing values, which kept no covariances; "
                "start with a new estimator."
            )
        for name in ("n_clusters", "n_components"):
            asked, has = getattr(self, name), getattr(self, name + "_")
            if asked not in ("auto", has):
                raise ValueError(
                    f"partial_fit cannot go on with {name}={asked!r}, since the model has {has}; "
                    "start with a new estimator."
                )

    def _rule(self):
        isotropic = self.covariance == "isotropic"
        return em.Rule(isotropic, self.shared_noise, self.noise_floor_, self.prior_weight_)

    def _fit(self, X, sample_weight):
        with fit_progress(self, X) as tasks:
            self._fit_rows(X, sample_weight, tasks)

    def _fit_rows(self, X, sample_weight, tasks):
        X = self._validate(X, reset=True)
        X, weight = weighted_rows(X, sample_weight, at_least=2)
        tasks.compare(X, weight)
        check_dimension(self.n_components, min(X.shape))
        X, weight = distinct(X, weight)
        if self.n_clusters != "auto" and self.n_clusters > len(X):
            rows = counted(len(X), "distinct row")
            raise ValueError(f"n_clusters={self.n_clusters} exceeds {rows} of X; lower it.")
        rng = tasks.rng(self.random_state)
        kind = (self.covariance == "isotropic", self.shared_noise)
        rows, offset, scale = in_units(X, weight, self._names, isotropic=kind[0])
        seed = rng.randint(2**31 - 1)
        asked = self.n_clusters, self.n_components, self.prior_weight, self.noise_floor
        found = choice(rows, *asked, em.Rule(*kind), seed)
        m, k, self.prior_weight_, self.noise_floor_ = found
        rule = self._rule()
        seeds = np.random.RandomState(seed)
        rows, start = best_start(rows, m, k, rule, self.n_init, seeds)
        jacobian = (rows.weight @ ~np.isnan(rows.Y)) @ np.log(scale)

        def totals(trace):
            return rows.weight.sum() * np.array(trace[1:]) - jacobian

        # Nobody knows how many proposals to split and merge there will be.
        report = iterations(tasks, self, None if self.split_merge else self.max_iter)

        def told(found, trace, save):
            mixture = found.scaled(offset, scale)
            return tell(report, lambda: self._attributes(mixture), lambda: totals(trace), save)

        how = {"tol": self.tol, "max_iter": self.max_iter}
        ascend = Ascents(partial(fit_from, rule=rule, **how), told, tasks.saved)
        found = ascend((rows, start))
        if self.split_merge and not report.stopped:
            rows, found = split_and_merge(rows, found, rule, seeds, ascend, self.tol)
        mixture = canonical(found.mixture)
        vars(self).update(self._attributes(mixture.scaled(offset, scale)))
        self._moments = None
        if not has_missing(X):
            self._moments = kept(rows, found.mixture, mixture, rule, offset, scale)
        self._n_parameters = count_parameters(mixture, isotropic=rule.isotropic, shared=rule.shared)
        vars(self).update(course(totals(found.log_density)))
        if self.n_iter_ >= self.max_iter and not report.stopped:
            incomplete.warn_of_gain(found.gain / X.shape[1], self.tol, self.max_iter)

    @staticmethod
    def _attributes(mixture):
        """Fitted attributes that describe the model, by name."""
        return {
            "weights_": mixture.weights,
            "means_": mixture.means,
            "components_": mixture.loadings,
            "noise_variance_": mixture.noise,
            "n_clusters_": len(mixture.weights),
            "n_components_": mixture.loadings.shape[1],
            "likelihood_kind_": "exact",
        }

    @property
    def _n_features_out(self):
        return self.n_clusters_ * (1 + self.n_components_)

    def _mixture(self):
        return Mixture(self.weights_, self.means_, self.components_, self.noise_variance_)

    def _told(self, X):
        """Responsibilities (n, m) and log-densities (n,) of rows."""
        R, log_density = np.empty((len(X), self.n_clusters_)), np.empty(len(X))
        for rows in row_blocks(*X.shape, itemsize=8):
            block = masked_gaussian.prepare(X[rows]) if has_missing(X[rows]) else X[rows]
            R[rows], log_density[rows] = responsibilities(block, self._mixture())
        return R, log_density

    def _score_rows(self, X):
        return self._told(X)[1]

    def predict(self, X):
        """The likeliest cluster of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Numbers of clusters, from 0.
        """
        return np.argmax(self.predict_proba(X), axis=1)

    @by_blocks
    def predict_proba(self, X):
        """Probability of each cluster given each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is missing.

        Returns
        -------
        responsibilities : ndarray of shape (n_samples, n_clusters)
            Rows add up to one.
        """
        check_is_fitted(self)
        return self._told(self._validate(X))[0]

    def _encode(self, X):
        R, _ = self._told(X)
        return given_rows.encoded(X, R, self._mixture()).astype(X.dtype, copy=False)

    def _decode(self, Z):
        return given_rows.decoded(Z, self._mixture()).astype(Z.dtype, copy=False)

    def _sample(self, n_samples, rng):
        return given_rows.draw(n_samples, self._mixture(), rng)

    def _impute(self, X):
        R, _ = self._told(X)
        return given_rows.filled(X, R, self._mixture()).astype(X.dtype, copy=False)

    def _sample_conditional(self, X, n_draws, rng):
        R, _ = self._told(X)
        draws = given_rows.conditional_draws(X, R, n_draws, self._mixture(), rng)
        return draws.astype(X.dtype, copy=False)

    def _count_parameters(self):
        return self._n_parameters
