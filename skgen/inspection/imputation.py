"""Display of filled holes: where they were, their means, and the spread of draws."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows, check_same_shape
from skgen.inspection.drawing import axes_grid
from skgen.inspection.images import check_image_shape, draw_lines, sheet, size_of_lines
from skgen.inspection.names import column_names, data_names

MAX_COLUMNS = 4  # of a table, those with the most holes
INTERVAL = (0.05, 0.95)  # of the draws, and of the values that are known
HOLE = "tab:orange"


class ImputationDisplay:
    """Missing values as a model fills them, with the spread of its draws.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Images have lines:
    with holes in orange, filled by means, some draws, the standard deviation of the draws, which is
    zero where a pixel was known, and the truth, where it is given. Of a table each of the, at most
    four, columns with the most holes has axes: a dot for the mean of each hole, a bar from the 5 %
    to the 95 % quantile of its draws, a cross for the truth, and behind them a band with the same
    quantiles of the known values: a bar as long as the band says that the other columns tell
    nothing.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Rows with NaN for what is missing.
    imputed : ndarray of shape (n_samples, n_features)
        The same rows, filled.
    draws : ndarray of shape (n_draws, n_samples, n_features)
        Draws of the same rows.
    truth : ndarray of shape (n_samples, n_features) or None, default=None
        The same rows without holes, where they are known.
    feature_names : list of str
        Names of the columns.
    image_shape : tuple or None, default=None
        (height, width) of a row that is an image; None draws a table.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        Of images one for each line; of a table one for each column drawn.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    SamplesDisplay : Draws of whole rows.
    skgen.GenerativeImputer : Fills holes within a pipeline.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_wine
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.inspection import ImputationDisplay
    >>> X = load_wine(as_frame=True).data
    >>> X.loc[::9, "alcohol"] = np.nan
    >>> model = ProbabilisticPCA(3, random_state=0).fit(X)
    >>> display = ImputationDisplay.from_estimator(model, X)
    >>> [ax.get_ylabel() for ax in display.axes_]
    ['alcohol']
    """

    def __init__(self, X, imputed, draws, *, truth=None, feature_names, image_shape=None):
        self.X = X
        self.imputed = imputed
        self.draws = draws
        self.truth = truth
        self.feature_names = feature_names
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        *,
        n_draws=100,
        truth=None,
        feature_names=None,
        image_shape=None,
        random_state=None,
        ax=None,
        **kwargs,
    ):
        """Fill rows by ``impute``, and draw what is missing by ``sample_conditional``.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``impute`` and ``sample_conditional``.
        X : array-like of shape (n_samples, n_features)
            Numbers, with NaN for what is missing; few rows, of which each hole is drawn.
        n_draws : int, default=100
            Draws of each row.
        truth : array-like of shape (n_samples, n_features) or None, default=None
            The same rows without holes, where they are known.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of X or of the training data, or x0, x1, ...
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws a table.
        random_state : int, RandomState instance or None, default=None
            Passed to ``sample_conditional``.
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ImputationDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator does not fill holes.
        ValueError
            X has no hole, or image_shape is not that of a row.
        """
        check_is_fitted(estimator)
        check_has(estimator, cls.__name__, "impute", "sample_conditional")
        imputed = estimator.impute(X)
        draws = estimator.sample_conditional(X, n_draws, random_state=random_state)
        return cls.from_predictions(
            X,
            imputed,
            draws,
            truth=truth,
            feature_names=data_names(estimator, X, feature_names),
            image_shape=image_shape,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        X,
        imputed,
        draws,
        *,
        truth=None,
        feature_names=None,
        image_shape=None,
        ax=None,
        **kwargs,
    ):
        """Show rows that were filled before.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers, with NaN for what is missing.
        imputed : array-like of shape (n_samples, n_features)
            The same rows, filled.
        draws : array-like of shape (n_draws, n_samples, n_features)
            Draws of the same rows, by a model or by several runs of an imputer.
        truth : array-like of shape (n_samples, n_features) or None, default=None
            The same rows without holes, where they are known.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of X, or x0, x1, ...
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws a table.
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ImputationDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            X has no hole, shapes differ, or image_shape is not that of a row.
        """
        names = column_names(X, feature_names)
        X = check_rows(X, "X", allow_nan=True)
        imputed = check_rows(imputed, "imputed")
        check_same_shape(X, imputed, ("X", "imputed"))
        draws = np.stack([check_rows(draw, "draws") for draw in draws])
        check_same_shape(X, draws[0], ("X", "each draw"))
        if truth is not None:
            truth = check_rows(truth, "truth")
            check_same_shape(X, truth, ("X", "truth"))
        if not np.isnan(X).any():
            raise ValueError("X has no NaN, so there is no hole to show.")
        if image_shape is not None and check_image_shape(image_shape, X.shape[1])[0] != 1:
            raise ValueError(
                f"image_shape={tuple(image_shape)} has colors; holes need gray images."
            )
        display = cls(X, imputed, draws, truth=truth, feature_names=names, image_shape=image_shape)
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, *, n_shown=0, **kwargs):
        """Draw the holes.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        n_shown : int, default=0
            Draws of images that have lines of their own.
        **kwargs : dict
            Passed to matplotlib's ``imshow`` for images, but not for standard deviations; of a
            table to ``errorbar``.

        Returns
        -------
        display : ImputationDisplay
            The display itself.
        """
        if self.image_shape is None:
            self._draw_table(ax, kwargs)
        else:
            self._draw_images(ax, n_shown, kwargs)
        self.figure_ = self.axes_[0].figure
        return self

    def _draw_images(self, ax, n_shown, imshow_kwargs):
        """Draw holes, means, draws, standard deviations and truth, a line each."""
        look = {"vmin": np.nanmin(self.X), "vmax": np.nanmax(self.X), **imshow_kwargs}
        lines = [("with holes", self.X, look), ("means", self.imputed, look)]
        lines += [(f"draw {i + 1}", draw, look) for i, draw in enumerate(self.draws[:n_shown])]
        lines.append(("sd of draws", self.draws.std(axis=0), {"cmap": "viridis", "vmin": 0}))
        if self.truth is not None:
            lines.append(("truth", self.truth, look))
        n = len(self.X)
        size = size_of_lines(len(lines), n, self.image_shape)
        self.axes_ = axes_grid(self, (len(lines), 1), ax, figsize=size)[:, 0]
        for axes, (name, rows, how) in zip(self.axes_, lines):
            draw_lines(axes, [(name, rows)], self.image_shape, **how)
        holes = np.where(np.isnan(self.X), 1.0, np.nan)
        marks = {"cmap": _one_color(HOLE), "vmin": 0, "vmax": 1, "interpolation": "nearest"}
        self.axes_[0].imshow(sheet(holes, self.image_shape, n), **marks)

    def _draw_table(self, ax, errorbar_kwargs):
        """Draw an axes for each of the columns with the most holes."""
        holes = np.isnan(self.X)
        most = np.argsort(-holes.sum(axis=0), kind="stable")[:MAX_COLUMNS]
        columns = sorted(j for j in most if holes[:, j].any())
        size = (7, 1 + 1.8 * len(columns))
        self.axes_ = axes_grid(self, (len(columns), 1), ax, figsize=size)[:, 0]
        for axes, j in zip(self.axes_, columns):
            rows = np.flatnonzero(holes[:, j])
            known = self.X[~holes[:, j], j]
            if len(known):
                band = np.quantile(known, INTERVAL)
                axes.axhspan(*band, color="gray", alpha=0.25, linewidth=0, label="known values")
            low, high = np.quantile(self.draws[:, rows, j], INTERVAL, axis=0)
            look = {"fmt": "none", "color": HOLE, "label": "draws", **errorbar_kwargs}
            # The mean of a skewed distribution may lie outside of the bar.
            axes.errorbar(rows, (low + high) / 2, yerr=(high - low) / 2, **look)
            axes.plot(rows, self.imputed[rows, j], "o", color=HOLE, markersize=4, label="mean")
            if self.truth is not None:
                # The color of text shows on a dark ground as well.
                cross = {"marker": "x", "s": 20, "color": axes.xaxis.label.get_color(), "zorder": 3}
                axes.scatter(rows, self.truth[rows, j], **cross, label="truth")
            axes.set(ylabel=self.feature_names[j], xlim=(-0.5, len(self.X) - 0.5))
        self.axes_[-1].set_xlabel("row")
        self.axes_[0].legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))


def _one_color(color):
    """A color map that has one color."""
    from matplotlib.colors import ListedColormap

    return ListedColormap([color])
