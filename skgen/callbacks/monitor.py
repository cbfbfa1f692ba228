"""A callback for scikit-learn >= 1.9 that follows the score of held-out rows, and may end a fit."""

import math
from numbers import Integral, Real

from sklearn.utils import check_scalar

from skgen.base.sklearn_compat import without_callbacks

PARAMETERS = "X", "every", "n_iter_no_change", "tol"


class LikelihoodMonitor:
    """Record ``score(X)`` of an estimator after each iteration of its fit, and stop where it may.

    It follows whatever is fitted in iterations: epochs of networks, Boltzmann machines and
    dictionaries, iterations of EM, of independent components and of factor analysis.
    scikit-learn's ``ScoringMonitor`` is silent without y; this one needs none. Set it with
    ``estimator.set_callbacks(monitor)``.

    With ``n_iter_no_change`` it ends the fit as ``early_stopping`` of the networks does, for any
    of these models and by the score of rows that the user holds out. The estimator is then that of
    the last iteration, and ``best_estimator_`` that of the best. Of a training in several stages
    it ends the one at hand.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features) or None, default=None
        Rows to score; None scores the training rows.
    every : int, default=1
        Iterations between two scores.
    n_iter_no_change : int or None, default=None
        Iterations without a rise of the score by ``tol`` before stopping; None never stops.
    tol : float, default=1e-4
        The least rise that counts, in units of the score.

    Attributes
    ----------
    scores_ : list of tuple (int, float)
        Iteration, counted from 1, and mean score (nats a row where the model has a density) of
        the most recent fit.
    best_estimator_ : estimator or None
        A copy of the estimator as if its fit had stopped at the highest score.

    Raises
    ------
    TypeError, ValueError
        At the start of a fit: ``every`` or ``n_iter_no_change`` is no positive integer, or ``tol``
        is negative.

    See Also
    --------
    Checkpoint : Saves the estimator in the course of its fit.
    skgen.inspection.TrainingDisplay : Draws the scores.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from skgen import VAE, LikelihoodMonitor, MixtureOfFactorAnalyzers
    >>> X = load_iris().data
    >>> monitor = LikelihoodMonitor(X[::5], every=10)
    >>> model = VAE(n_components=2, max_iter=20, random_state=0)
    >>> model = model.set_callbacks(monitor).fit(X)
    >>> [epoch for epoch, _ in monitor.scores_]
    [10, 20]

    EM that ends where held-out rows no longer gain:

    >>> test = np.arange(150) % 3 == 0
    >>> monitor = LikelihoodMonitor(X[test], n_iter_no_change=5)
    >>> model = MixtureOfFactorAnalyzers(5, 2, prior_weight=0, random_state=0)
    >>> n_iter = model.set_callbacks(monitor).fit(X[~test]).n_iter_
    >>> bool(monitor.best_estimator_.score(X[test]) > model.score(X[test]))
    True
    """

    def __init__(self, X=None, every=1, n_iter_no_change=None, tol=1e-4):
        self.X = X
        self.every = every
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.scores_ = []
        self.best_estimator_ = None

    def setup(self, estimator, context):
        """Forget the scores of an earlier fit."""
        check_scalar(self.every, "every", Integral, min_val=1)
        if self.n_iter_no_change is not None:
            check_scalar(self.n_iter_no_change, "n_iter_no_change", Integral, min_val=1)
        check_scalar(self.tol, "tol", Real, min_val=0)
        self.scores_, self.best_estimator_ = [], None
        self._iteration = self._risen_at = 0
        self._highest = -math.inf

    def on_fit_task_begin(self, estimator, context, *, X=None):
        """Nothing is recorded before an iteration."""

    def on_fit_task_end(self, estimator, context, *, X=None, fitted_estimator=None):
        """Score the estimator as if training had stopped here; whether it should."""
        if context.parent is None or fitted_estimator is None:
            return False
        self._iteration += 1
        if self._iteration % self.every:
            return False
        score = fitted_estimator.score(X if self.X is None else self.X)
        self.scores_.append((self._iteration, score))
        return self._judged(score, fitted_estimator)

    def teardown(self, estimator, context):
        """Keep the record."""

    def record(self):
        """What a checkpoint keeps for a fit that goes on."""
        known = {name: value for name, value in vars(self).items() if name not in PARAMETERS}
        return {**known, "scores_": list(self.scores_)}

    def restore(self, record):
        """Take the record back."""
        vars(self).update(record)

    def _judged(self, score, fitted_estimator):
        """Remember the best estimator; whether the score has not risen for too long."""
        if score > self._highest + self.tol:
            self._risen_at = self._iteration
        if score > self._highest or self.best_estimator_ is None:
            self._highest = max(self._highest, score)
            self.best_estimator_ = without_callbacks(fitted_estimator)
        if self.n_iter_no_change is None:
            return False
        if self._iteration - self._risen_at < self.n_iter_no_change:
            return False
        # Where another stage follows, it has as long.
        self._risen_at = self._iteration
        return True
