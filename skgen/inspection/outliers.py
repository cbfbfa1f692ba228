"""Display of the scores of an outlier detector, and of the columns that give rows away."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows
from skgen.inspection.drawing import axes_grid, axes_of
from skgen.inspection.names import column_names, data_names

KINDS = ("scores", "features")
N_BINS = 40
MAX_ROWS = 4  # of which the columns are drawn, those of the lowest scores
TAIL = 3  # times as far below the threshold as the best row is above it, a histogram goes


class OutlierDisplay:
    """Scores of rows beside the threshold below which they are outliers, or what is odd in a row.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. ``kind="scores"`` is a
    histogram of the scores, a color for each class of y, and the threshold as a line; far
    outliers are counted in the lowest bin. ``kind="features"`` has axes for each of a few rows,
    with bars for the columns that are most surprising given the rest of the row.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Scores of rows, the higher the more ordinary.
    threshold : float
        Rows with lower scores are outliers.
    y : ndarray of shape (n_samples,) or None, default=None
        What the rows are in truth.
    feature_scores : ndarray of shape (n_samples, n_features) or None, default=None
        How surprising each value of each row is.
    feature_names : list of str or None, default=None
        Names of the columns.
    row_names : list of str or None, default=None
        Names of the rows; None numbers them.
    unit : str or None, default="nats"
        Unit of both scores; None leaves it out.

    Attributes
    ----------
    bars_ : list of matplotlib BarContainer
        The histogram of each class, or the bars of each row.
    threshold_ : matplotlib Line2D or None
        The line at the threshold; None of features.
    axes_ : ndarray of matplotlib Axes
        One of scores, one for each row of features.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    skgen.OutlierDetector : Rows that are improbable under a model, and the columns that say so.
    LikelihoodDisplay : Which model of ordinary rows is best.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import OutlierDetector
    >>> from skgen.inspection import OutlierDisplay
    >>> X = load_wine(as_frame=True).data
    >>> detector = OutlierDetector().fit(X)
    >>> odd = X[:1].copy()
    >>> odd["color_intensity"] *= 10  # a decimal point slipped
    >>> display = OutlierDisplay.from_estimator(detector, odd, kind="features")
    >>> display.axes_[0].get_yticklabels()[0].get_text()
    'color_intensity'
    """

    def __init__(
        self,
        scores,
        threshold,
        *,
        y=None,
        feature_scores=None,
        feature_names=None,
        row_names=None,
        unit="nats",
    ):
        self.scores = scores
        self.threshold = threshold
        self.y = y
        self.feature_scores = feature_scores
        self.feature_names = feature_names
        self.row_names = row_names
        self.unit = unit

    @classmethod
    def from_estimator(
        cls, detector, X, y=None, *, kind="scores", feature_names=None, ax=None, **kwargs
    ):
        """Score rows by a fitted detector.

        Parameters
        ----------
        detector : estimator
            Fitted, with ``score_samples`` and ``offset_``, such as OutlierDetector or
            scikit-learn's IsolationForest; for features with ``feature_scores``.
        X : array-like of shape (n_samples, n_features)
            Rows; of features a few, of which the four with the lowest scores are drawn.
        y : array-like of shape (n_samples,) or None, default=None
            What the rows are in truth, classes of any name.
        kind : {"scores", "features"}, default="scores"
            What is drawn.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of X or of the training data, or x0, x1, ...
        ax : matplotlib Axes or None, default=None
            Where to draw scores; axes of ``plt.subplots`` that are divided of features. None makes
            a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : OutlierDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The detector has not what is drawn.
        ValueError
            kind is neither, y has another length, or names are not as many as columns.
        """
        check_is_fitted(detector)
        _check_kind(kind)
        verbs = ["score_samples", "offset_", "feature_scores"][: 2 + (kind == "features")]
        check_has(detector, cls.__name__, *verbs)
        return cls.from_predictions(
            detector.score_samples(X),
            detector.offset_,
            y,
            feature_scores=detector.feature_scores(X) if kind == "features" else None,
            feature_names=column_names(X, data_names(detector, X, feature_names)),
            row_names=getattr(X, "index", None),
            unit=_unit(detector),
            kind=kind,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        scores,
        threshold,
        y=None,
        *,
        feature_scores=None,
        feature_names=None,
        row_names=None,
        unit="nats",
        ax=None,
        **kwargs,
    ):
        """Show scores that were made before.

        Parameters
        ----------
        scores : array-like of shape (n_samples,)
            Scores of rows, the higher the more ordinary; minus infinity is allowed.
        threshold : float
            Rows with lower scores are outliers.
        y : array-like of shape (n_samples,) or None, default=None
            What the rows are in truth, classes of any name.
        feature_scores : array-like of shape (n_samples, n_features) or None, default=None
            How surprising each value of each row is; needed for features.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of a frame, or else x0, x1, ...
        row_names : list or None, default=None
            Names of the rows; None numbers them.
        unit : str or None, default="nats"
            Unit of both scores; None leaves it out.
        ax : matplotlib Axes or None, default=None
            Where to draw scores; axes of ``plt.subplots`` that are divided of features. None makes
            a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : OutlierDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            Lengths differ, a score is NaN, or the threshold is not finite.
        """
        scores = np.asarray(scores, dtype=np.float64)
        if scores.ndim != 1 or not len(scores) or not (scores < np.inf).all():
            raise ValueError(
                f"scores has the shape {scores.shape}, or holds NaN or infinity; give a number "
                "for each row."
            )
        if not np.isfinite(threshold):
            raise ValueError(f"threshold={threshold} is not finite, so that no axis can hold it.")
        if y is not None:
            y = column_or_1d(y)
        if feature_scores is not None:
            feature_names = column_names(feature_scores, feature_names)
            feature_scores = check_rows(feature_scores, "feature_scores")
        row_names = range(len(scores)) if row_names is None else row_names
        check_consistent_length(scores, y, feature_scores, row_names)
        display = cls(
            scores,
            float(threshold),
            y=y,
            feature_scores=feature_scores,
            feature_names=feature_names,
            row_names=[str(name) for name in row_names],
            unit=unit,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, *, kind="scores", max_features=6, **kwargs):
        """Draw the scores, or the columns of a few rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw scores; axes of ``plt.subplots`` that are divided of features. None makes
            a new figure.
        kind : {"scores", "features"}, default="scores"
            What is drawn.
        max_features : int, default=6
            Columns of each row, the most surprising ones.
        **kwargs : dict
            Passed to matplotlib's ``hist`` for scores, to ``barh`` for features.

        Returns
        -------
        display : OutlierDisplay
            The display itself.

        Raises
        ------
        ValueError
            kind is neither, or feature_scores are not known.
        """
        _check_kind(kind)
        if kind == "scores":
            self._draw_scores(ax, kwargs)
        elif self.feature_scores is None:
            raise ValueError('kind="features" needs feature_scores, which are not given.')
        else:
            self._draw_features(ax, max_features, kwargs)
        self.figure_ = self.axes_[0].figure
        return self

    def _draw_scores(self, ax, hist_kwargs):
        """Draw a histogram for each class, and the threshold."""
        axes = axes_of(self, ax, figsize=(6, 3.6))
        self.axes_ = np.array([axes])
        lowest, highest = self._range()
        shown = np.maximum(self.scores, lowest)
        look = {"bins": np.linspace(lowest, highest, N_BINS + 1), "alpha": 0.6, **hist_kwargs}
        classes = {"rows": shown}
        if self.y is not None:
            classes = {str(name): shown[self.y == name] for name in np.unique(self.y)}
        self.bars_ = [axes.hist(values, label=name, **look)[2] for name, values in classes.items()]
        self.threshold_ = axes.axvline(
            self.threshold, color="gray", linestyle="--", label="threshold"
        )
        cut = "" if lowest <= self.scores.min() else f", {lowest:.3g} or less at the left"
        axes.set(xlabel=self._in_unit("score") + cut, ylabel="rows")
        axes.legend()

    def _range(self):
        """Both ends of the histogram, with the threshold between them."""
        highest = max(self.scores.max(), self.threshold)
        room = highest - self.threshold
        known = min(self.scores[np.isfinite(self.scores)].min(initial=highest), self.threshold)
        if known == highest:
            return known - 0.5, highest + 0.5
        return (max(known, self.threshold - TAIL * room) if room > 0 else known), highest

    def _in_unit(self, words):
        """Words with the unit behind them, where there is one."""
        return words if self.unit is None else f"{words}, {self.unit}"

    def _draw_features(self, ax, max_features, barh_kwargs):
        """Draw the most surprising columns of the rows with the lowest scores."""
        rows = np.sort(np.argsort(self.scores, kind="stable")[:MAX_ROWS])
        size = (0.5 + 3.6 * len(rows), 1.2 + 0.3 * max_features)
        self.axes_ = axes_grid(self, (1, len(rows)), ax, figsize=size)[0]
        self.threshold_, self.bars_ = None, []
        for axes, i in zip(self.axes_, rows):
            surprise = self.feature_scores[i]
            most = np.argsort(-surprise, kind="stable")[:max_features]
            places = np.arange(len(most))
            self.bars_.append(axes.barh(places, surprise[most], **barh_kwargs))
            axes.set_yticks(places, [self.feature_names[j] for j in most])
            axes.invert_yaxis()
            axes.set(
                xlabel=self._in_unit("surprise above the usual"),
                title=f"row {self.row_names[i]}, score {self.scores[i]:.4g}",
            )


def _check_kind(kind):
    """Raise a ValueError unless a kind of plot is known."""
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is none of {list(KINDS)}.")


def _unit(detector):
    """Nats, where the scores of a detector are those of a density."""
    model = getattr(detector, "estimator_", None)
    kind = getattr(model, "likelihood_kind_", "exact" if hasattr(model, "sample") else "error")
    return None if kind == "error" else "nats"
