"""A callback for scikit-learn >= 1.9 that follows the score of held-out rows."""


class LikelihoodMonitor:
    """Record ``score(X)`` of an estimator after each epoch of its fit.

    scikit-learn's ``ScoringMonitor`` is silent without y; this one needs none. Set it with
    ``estimator.set_callbacks(monitor)``.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features) or None, default=None
        Rows to score; None scores the training rows.
    every : int, default=1
        Epochs between two scores.

    Attributes
    ----------
    scores_ : list of tuple (int, float)
        Epoch, counted from 1, and mean score (nats a row where the model has a density) of
        the most recent fit.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skgen import VAE, LikelihoodMonitor
    >>> X = load_iris().data
    >>> monitor = LikelihoodMonitor(X[::5], every=10)
    >>> model = VAE(n_components=2, max_iter=20, random_state=0)
    >>> model = model.set_callbacks(monitor).fit(X)
    >>> [epoch for epoch, _ in monitor.scores_]
    [10, 20]
    """

    def __init__(self, X=None, every=1):
        self.X = X
        self.every = every
        self.scores_ = []

    def setup(self, estimator, context):
        """Forget the scores of an earlier fit."""
        self.scores_ = []
        self._epoch = 0

    def on_fit_task_begin(self, estimator, context, *, X=None):
        """Nothing is recorded before an epoch."""

    def on_fit_task_end(self, estimator, context, *, X=None, fitted_estimator=None):
        """Score the estimator as if training had stopped here."""
        if context.parent is None or fitted_estimator is None:
            return False
        self._epoch += 1
        if self._epoch % self.every == 0:
            rows = X if self.X is None else self.X
            self.scores_.append((self._epoch, fitted_estimator.score(rows)))
        return False

    def teardown(self, estimator, context):
        """Keep the record."""
