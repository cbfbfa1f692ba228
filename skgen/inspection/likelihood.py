"""Display of held-out likelihoods of several models, with the spread over folds."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import cross_validate
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.drawing import axes_of

NATS = "held-out log-likelihood a row, nats"


class LikelihoodDisplay:
    """Held-out log-likelihood of several models, in nats a row, with error bars over folds.

    It is best made by :meth:`from_search`, :meth:`from_estimators` or :meth:`from_predictions`.
    Each model has a line: a dot for each fold, and its mean with a bar of a standard error to
    either side; the best model is on top. All models meet the same folds, so a difference between
    two may be surer than their bars say: look at it fold by fold.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_folds,)
        Score of each fold under each model.
    label : str, default="held-out log-likelihood a row, nats"
        Label of the axis.

    Attributes
    ----------
    means_ : dict of str to float
        Mean of each model, the best first.
    errors_ : dict of str to float
        Standard error of each mean: the standard deviation of its folds over the root of their
        number; NaN of a single fold.
    errorbar_ : matplotlib ErrorbarContainer
        Means and error bars.
    folds_ : matplotlib PathCollection
        The dots.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    TrainingDisplay : The course of one fit.
    sklearn.model_selection.GridSearchCV : Makes the scores of ``from_search``.

    Notes
    -----
    The standard error takes folds for independent, which they are not quite: their training rows
    overlap (Bengio and Grandvalet 2004).

    References
    ----------
    Bengio, Y., and Grandvalet, Y. (2004). No unbiased estimator of the variance of K-fold
    cross-validation. Journal of Machine Learning Research.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import FactorAnalysis, ProbabilisticPCA
    >>> from skgen.inspection import LikelihoodDisplay
    >>> models = {"PPCA": ProbabilisticPCA(2), "factors": FactorAnalysis(2)}
    >>> display = LikelihoodDisplay.from_estimators(models, load_wine().data)
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['factors', 'PPCA']
    """

    def __init__(self, scores, *, label=NATS):
        self.scores = scores
        self.label = label

    @classmethod
    def from_estimators(cls, estimators, X, y=None, *, cv=5, n_jobs=None, ax=None, **kwargs):
        """Score models by cross-validation.

        Parameters
        ----------
        estimators : dict of str to estimator
            Unfitted models by name, whose ``score`` is a mean log-density.
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or None, default=None
            Labels, for models and splitters that take them.
        cv : int, cross-validation generator or iterable, default=5
            How rows are held out.
        n_jobs : int or None, default=None
            Folds fitted at a time.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : LikelihoodDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            A model has no density, or densities are relative to different measures: the
            log-probability of bits cannot be compared with a log-density.
        """
        scores, fitted = {}, {}
        for name, estimator in estimators.items():
            result = cross_validate(
                estimator, X, y, cv=cv, n_jobs=n_jobs, return_estimator=True, error_score="raise"
            )
            scores[name], fitted[name] = result["test_score"], result["estimator"][0]
        _check_comparable(fitted)
        return cls.from_predictions(scores, ax=ax, **kwargs)

    @classmethod
    def from_search(cls, search, *, metric="score", max_models=20, ax=None, **kwargs):
        """Show the candidates of a search by cross-validation.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV or another with ``cv_results_``
            A fitted search. Candidates with a fit that failed are left out.
        metric : str, default="score"
            Which score, where the search has several.
        max_models : int, default=20
            Draw the best of them alone.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : LikelihoodDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            The search has no such metric, or every candidate has a fit that failed.
        """
        check_is_fitted(search)
        results = search.cv_results_
        ending = f"_test_{metric}"
        keys = [key for key in results if key.startswith("split") and key.endswith(ending)]
        if not keys:
            known = [k.removeprefix("mean_test_") for k in results if k.startswith("mean_test")]
            raise ValueError(f"metric={metric!r} is not in the search, which has {sorted(known)}.")
        folds = np.array([results[key] for key in keys]).T
        names = _candidates(results["params"])
        whole = np.flatnonzero(np.isfinite(folds).all(axis=1))
        best = whole[np.argsort(-folds[whole].mean(axis=1), kind="stable")][:max_models]
        label = NATS if metric == "score" and search.scoring is None else metric
        scores = {names[i]: folds[i] for i in best}
        return cls.from_predictions(scores, ax=ax, **{"label": label, **kwargs})

    @classmethod
    def from_predictions(cls, scores, *, label=NATS, ax=None, **kwargs):
        """Show scores that were made before.

        Parameters
        ----------
        scores : dict of str to array-like of shape (n_folds,)
            Score of each fold under each model, higher is better.
        label : str, default="held-out log-likelihood a row, nats"
            Label of the axis.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : LikelihoodDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            There is no model, or a score is not a finite number.
        """
        arrays = {
            name: np.atleast_1d(np.asarray(s, dtype=np.float64)) for name, s in scores.items()
        }
        if not arrays:
            raise ValueError("There is no model with a score on every fold, so nothing to draw.")
        for name, values in arrays.items():
            if not (values.ndim == 1 and values.size and np.isfinite(values).all()):
                raise ValueError(
                    f"The scores of {name!r} are {values.tolist()}; give a number for each fold."
                )
        return cls(arrays, label=label).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to matplotlib's ``errorbar``.

        Returns
        -------
        display : LikelihoodDisplay
            The display itself.
        """
        order = sorted(self.scores, key=lambda name: -self.scores[name].mean())
        self.means_ = {name: float(self.scores[name].mean()) for name in order}
        self.errors_ = {name: _standard_error(self.scores[name]) for name in order}
        lines = np.arange(len(order))
        self.ax_ = axes_of(self, ax, figsize=(6.5, 1.2 + 0.35 * len(order)))
        self.figure_ = self.ax_.figure
        values = np.concatenate([self.scores[name] for name in order])
        heights = np.repeat(lines, [len(self.scores[name]) for name in order])
        self.folds_ = self.ax_.scatter(values, heights, s=12, alpha=0.4, color="C0", linewidths=0)
        bars = np.nan_to_num(list(self.errors_.values()))
        look = {"fmt": "o", "color": "C0", "capsize": 3, **kwargs}
        self.errorbar_ = self.ax_.errorbar(list(self.means_.values()), lines, xerr=bars, **look)
        self.ax_.set_yticks(lines, order)
        self.ax_.set(ylim=(len(order) - 0.5, -0.5), xlabel=self.label)
        return self


def _standard_error(scores):
    """Standard error of the mean, NaN of one score."""
    return float(scores.std(ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else float("nan")


def _candidates(all_params):
    """Candidates of a search in words: models by class, or in full where these are alike."""
    short = [_in_words(params, lambda model: type(model).__name__) for params in all_params]
    if len(set(short)) == len(short):
        return short
    return [_in_words(params, lambda model: " ".join(repr(model).split())) for params in all_params]


def _in_words(params, name_of):
    """Parameters as ``name=value``, estimators under a name."""
    shown = (
        f"{name}={name_of(value) if isinstance(value, BaseEstimator) else value}"
        for name, value in params.items()
    )
    return ", ".join(shown) or "the estimator"


def _check_comparable(fitted):
    """Raise a ValueError where scores of fitted models are no log-densities of one measure."""
    kinds = {name: getattr(model, "likelihood_kind_", "exact") for name, model in fitted.items()}
    without = [name for name, kind in kinds.items() if kind == "error"]
    if without:
        raise ValueError(
            f"The score of {without} is no density (likelihood_kind_='error'), so that it cannot "
            "stand beside nats; leave it out, or give scores of one kind to from_predictions."
        )
    measures = {name: getattr(model, "measure_", None) for name, model in fitted.items()}
    if len({measure for measure in measures.values() if measure is not None}) > 1:
        raise ValueError(
            f"The scores are relative to different measures, {measures}, and cannot be compared; "
            "draw the models of each measure by themselves."
        )
