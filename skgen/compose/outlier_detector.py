"""Outliers by the density of a generative model, and the columns that give them away."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin, clone
from sklearn.model_selection import check_cv
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skgen.base.blocks import by_blocks
from skgen.base.parameters import AUTO, Parameters, param
from skgen.base.sklearn_compat import Interval, all_or_nothing, validate_params
from skgen.base.wording import naming
from skgen.compose.column_surprise import column_surprise
from skgen.compose.drawing import with_seed
from skgen.compose.incomplete_tables import as_table
from skgen.compose.tables import take_rows
from skgen.kernels.two_sample.distances import evenly_spaced

N_TYPICAL = 200  # training rows that say how surprising a column usually is
N_SCREENINGS = 3
LEFT_OUT = 2.5  # outliers, of which each screening leaves out so many times the expected number


class OutlierDetector(OutlierMixin, Parameters, BaseEstimator):
    r"""Detector of rows that are less probable under a model than a threshold.

    A model p of ordinary rows is fitted, and a row x is an outlier where its density is low:

    .. math:: \log p(x) < \text{offset}

    Any estimator with ``score_samples`` serves. A flexible model knows the rows that it was fitted
    to, and scores them above others of the same kind; so the threshold is a quantile of the scores
    of rows that a model has not seen: those that cross-validation held out.

    Parameters
    ----------
    estimator : estimator or None, default=None
        Unfitted model with ``score_samples``; None stands for FactorAnalysis.
    contamination : float or "auto", default="auto"
        Fraction of the training rows that are outliers, at most .5, as in scikit-learn's
        detectors. The model is fitted to the rest, after a screening, and the threshold is that
        quantile of the scores of all training rows, so that ``predict`` calls as many of these
        outliers. "auto" stands for training rows that are ordinary: nothing is left out, and the
        threshold follows from ``false_alarm_rate``.
    false_alarm_rate : float, default=0.02
        Fraction of new ordinary rows that may be called outliers, with ``contamination="auto"``.
    cv : int, cross-validation generator or iterable, default=5
        How rows are held out for the threshold; one more fit of the estimator for each part. Not
        used with a number for ``contamination``.
    random_state : int, RandomState instance or None, default=None
        Source of the estimator's randomness where its own ``random_state`` is None.

    Attributes
    ----------
    estimator_ : estimator
        The model, fitted to all rows, or to those that the screening left.
    offset_ : float
        The threshold, in units of the estimator's ``score_samples``: nats where that is a density.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features seen during ``fit``, if X had string column names.

    Raises
    ------
    TypeError
        The estimator has no ``score_samples``.
    ValueError
        There are fewer rows than parts of ``cv``, or the estimator refuses X.

    See Also
    --------
    sklearn.ensemble.IsolationForest : Short paths in random trees; no density.
    sklearn.neighbors.LocalOutlierFactor : Density beside that of the neighbors.

    Notes
    -----
    Scores of another kind do, too: an autoencoder's is minus the reconstruction error. Compare
    thresholds of one kind only.

    Outliers among the training rows hide each other: they widen the model until they lie in it,
    or are given a part of it to themselves. The screening is a trimmed likelihood, three steps of
    leaving out the least probable rows, many at first, and fitting the rest (Rousseeuw & Van
    Driessen 1999, Neykov & Müller 2003). FactorAnalysis does it for every estimator, since a few
    rows cannot bend it as they bend a flexible model; where a table has categories, the
    estimator itself.

    References
    ----------
    Bishop, C. M. (1994). Novelty detection and neural network validation. IEE Proceedings.

    Rousseeuw, P. J. & Van Driessen, K. (1999). A fast algorithm for the minimum covariance
    determinant estimator. Technometrics.

    Neykov, N. M. & Müller, C. H. (2003). Breakdown point and computation of trimmed likelihood
    estimators in generalized linear models. Developments in Robust Statistics.

    Chandola, V., Banerjee, A., and Kumar, V. (2009). Anomaly detection: a survey. ACM Computing
    Surveys.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_wine
    >>> from skgen import OutlierDetector
    >>> X = load_wine().data
    >>> detector = OutlierDetector().fit(X)
    >>> odd = X[:1].copy()
    >>> odd[0, 9] *= 10  # a decimal point slipped
    >>> detector.predict(np.vstack([X[:1], odd])).tolist()
    [1, -1]
    >>> int(detector.feature_scores(odd).argmax())
    9
    """

    estimator: object = param(default=None, kw_only=False)
    contamination: float | str = param(Interval(Real, 0, 0.5, closed="right"), AUTO, default="auto")
    false_alarm_rate: float = param(Interval(Real, 0, 0.5, closed="right"), default=0.02)
    cv: object = param("cv_object", default=5)
    random_state: object = param("random_state", default=None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._unfitted()).input_tags
        tags.input_tags.sparse = False
        return tags

    def fit(self, X, y=None):
        """Fit the model, and set the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data, ordinary rows and perhaps some outliers; a frame with categories where
            the estimator takes one.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : object
            The fitted detector.
        """
        validate_params(self)
        with all_or_nothing(self):
            X = self._table(X, reset=True)
            if self.contamination == "auto":
                self.estimator_ = self._unfitted().fit(X)
                scores, rate = self._held_out_scores(X), self.false_alarm_rate
            else:
                self.estimator_ = self._unfitted().fit(self._screened(X))
                scores, rate = self.estimator_.score_samples(X), self.contamination
            self.offset_ = float(np.quantile(scores, rate))
            numbers = evenly_spaced(np.arange(len(scores)), N_TYPICAL)
            self._typical_rows = take_rows(X, numbers)
        return self

    @by_blocks
    def score_samples(self, X):
        """Scores of rows by the model; the higher, the more ordinary.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            What the estimator's ``score_samples`` gives, such as log-densities in nats.
        """
        check_is_fitted(self)
        return self.estimator_.score_samples(self._table(X))

    @by_blocks
    def decision_function(self, X):
        """Scores less the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Negative for outliers.
        """
        return self.score_samples(X) - self.offset_

    @by_blocks
    def predict(self, X):
        """Which rows are outliers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        is_inlier : ndarray of shape (n_samples,)
            -1 for outliers, 1 for ordinary rows.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    @by_blocks
    def feature_scores(self, X):
        """How much more surprising each value is, given the rest of its row, than is usual.

        ``-log p(x_j | all other columns)``, less the median of the same over training rows, which
        makes columns with much and with little noise comparable. It is exact of a model that takes
        NaN in ``score_samples``: the log-density of the row less that of the row without the
        value. Of another it is what the row would gain on average by values of training rows in
        the place of this one.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_features)
            Nats, where ``score_samples`` are nats; the largest of a row names the column that gives
            it away.
        """
        check_is_fitted(self)
        X = self._table(X)
        usual = column_surprise(self.estimator_, self._typical_rows, self._typical_rows)
        return column_surprise(self.estimator_, X, self._typical_rows) - np.median(usual, axis=0)

    def _table(self, X, reset=False):
        """X as an array or a frame, of as many columns as in ``fit``."""
        table = as_table(X, self)
        with naming("X"):
            validate_data(self, X, reset=reset, skip_check_array=True)
        return table.data

    def _screened(self, X):
        """The rows that are left where those that ``contamination`` counts are taken out."""
        table = as_table(X, self)
        rows, make = (table.rows, _default) if table.is_numeric else (X, self._unfitted)
        kept = np.arange(len(table.rows))
        for factor in (*[LEFT_OUT] * N_SCREENINGS, 1.0):
            scores = make().fit(take_rows(rows, kept)).score_samples(rows)
            least = np.quantile(scores, min(factor * self.contamination, 0.5))
            kept = np.flatnonzero(scores >= least)
        return take_rows(X, kept)

    def _unfitted(self):
        """A clone of the estimator, seeded where it has no seed of its own."""
        if self.estimator is None:
            return _default()
        if not hasattr(self.estimator, "score_samples"):
            raise TypeError(
                f"estimator={self.estimator!r} has no score_samples; use a model with a density, "
                "such as FactorAnalysis, MixtureOfFactorAnalyzers or a GenerativePipeline that "
                "ends in one."
            )
        return with_seed(clone(self.estimator), self.random_state)

    def _held_out_scores(self, X):
        """Scores of all rows by models that have not seen them."""
        splitter = check_cv(self.cv)
        with naming("X"):
            splits = list(splitter.split(X))
        parts = [
            self._unfitted().fit(take_rows(X, rest)).score_samples(take_rows(X, part))
            for rest, part in splits
        ]
        return np.concatenate(parts)


def _default():
    """The model of a detector without an estimator, and of every screening."""
    # Imported here, since the families need not be loaded for another estimator.
    from skgen import FactorAnalysis

    return FactorAnalysis()
