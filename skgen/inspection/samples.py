"""Display of draws of a model: images, or pairs of columns with their marginals."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows
from skgen.inspection.columns import columns_of, table_names
from skgen.inspection.drawing import axes_grid
from skgen.inspection.images import check_image_shape, draw_sheet
from skgen.inspection.names import data_names, numbers_of

MAX_COLUMNS = 5  # of a table, where features is None


class SamplesDisplay:
    """Draws of a model, beside data or over them.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Rows that are images lie
    in a sheet, data left and draws right. Of a table each pair of columns is a scatter plot of
    draws over data, and the diagonal has the marginals. Columns keep their kinds: a column of whole
    numbers in the data has a bin for each, to which real draws are rounded, categories have a bar,
    and where points would coincide they are spread by a quarter of a step.

    Parameters
    ----------
    samples : ndarray or frame of shape (n_samples, n_features)
        Draws of a model.
    data : ndarray, frame or None
        Rows to hold them against; None draws the samples alone.
    features : list of int
        Numbers of the columns that are drawn.
    feature_names : list of str
        Names of all columns.
    image_shape : tuple or None, default=None
        (height, width) or (channels, height, width) of a row that is an image, with 1 or 3
        channels; None draws pairs of columns.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        One row of axes with images, else (n_columns, n_columns); the upper triangle is empty.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    LatentSpaceDisplay : Rows in the codes of a model.
    ComponentsDisplay : What a linear model puts its draws together from.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import FactorAnalysis
    >>> from skgen.inspection import SamplesDisplay
    >>> X = load_wine(as_frame=True).data
    >>> model = FactorAnalysis(2, random_state=0).fit(X)
    >>> display = SamplesDisplay.from_estimator(model, X, features=["alcohol", "proline"])
    >>> display.axes_.shape
    (2, 2)
    >>> display.axes_[1, 0].get_xlabel()
    'alcohol'
    """

    def __init__(self, samples, *, data, features, feature_names, image_shape=None):
        self.samples = samples
        self.data = data
        self.features = features
        self.feature_names = feature_names
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X=None,
        *,
        n_samples=None,
        features=None,
        feature_names=None,
        image_shape=None,
        random_state=None,
        ax=None,
        **kwargs,
    ):
        """Draw from a fitted estimator, and show the draws.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``sample``.
        X : array-like of shape (n_rows, n_features) or None, default=None
            Data to hold the draws against; None shows the draws alone.
        n_samples : int or None, default=None
            Number of draws; None is 100 images, or of a table as many as the rows of X and at
            most 1000.
        features : list of int or str, or None, default=None
            Columns of a table to draw, by number or name; None draws the first five.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of X or of the training data, or x0, x1, ...
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws pairs of columns.
        random_state : int, RandomState instance or None, default=None
            Passed to ``sample``.
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : SamplesDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator has no ``sample``.
        ValueError
            X has other columns than the draws, or features are not columns.
        """
        check_is_fitted(estimator)
        check_has(estimator, cls.__name__, "sample")
        if n_samples is None:
            many = 1000 if X is None else min(len(X), 1000)
            n_samples = many if image_shape is None else 100
        samples = estimator.sample(n_samples, random_state=random_state)
        return cls.from_predictions(
            samples,
            X,
            features=features,
            feature_names=data_names(estimator, X, feature_names),
            image_shape=image_shape,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        samples,
        X=None,
        *,
        features=None,
        feature_names=None,
        image_shape=None,
        ax=None,
        **kwargs,
    ):
        """Show draws that were made before.

        Parameters
        ----------
        samples : array-like of shape (n_samples, n_features)
            Draws, a frame or an array.
        X : array-like of shape (n_rows, n_features) or None, default=None
            Data to hold the draws against; None shows the draws alone.
        features : list of int or str, or None, default=None
            Columns of a table to draw, by number or name; None draws the first five.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of X or of the samples, or x0, x1, ...
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws pairs of columns.
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : SamplesDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            X has other columns than the draws, or features are not columns.
        """
        tables = [samples] if X is None else [X, samples]
        names = table_names(tables, feature_names)
        if image_shape is not None:
            check_image_shape(image_shape, len(names))
            samples, X = check_rows(samples, "samples"), None if X is None else check_rows(X, "X")
        if features is None:
            features = range(len(names))[:MAX_COLUMNS]
        display = cls(
            samples,
            data=X,
            features=numbers_of(features, names, "features"),
            feature_names=names,
            image_shape=image_shape,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the samples.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to matplotlib's ``imshow`` for images, such as ``cmap``, else to ``scatter``.

        Returns
        -------
        display : SamplesDisplay
            The display itself.
        """
        if self.image_shape is None:
            self._draw_table(ax, kwargs)
        else:
            self._draw_images(ax, kwargs)
        self.figure_ = self.axes_[0, 0].figure
        return self

    def _draw_images(self, ax, imshow_kwargs):
        """Draw a sheet of data, as many as there are samples, and a sheet of samples."""
        parts = {"samples": self.samples}
        if self.data is not None:
            parts = {"data": self.data[: len(self.samples)], **parts}
        first = next(iter(parts.values()))
        look = {"cmap": "gray", "vmin": first.min(), "vmax": first.max(), **imshow_kwargs}
        self.axes_ = axes_grid(self, (1, len(parts)), ax, figsize=(4 * len(parts), 4.2))
        for axes, (title, rows) in zip(self.axes_[0], parts.items()):
            draw_sheet(axes, rows, self.image_shape, **look)
            axes.set_title(title)

    def _draw_table(self, ax, scatter_kwargs):
        """Draw pairs of columns below the diagonal and marginals on it."""
        parts = {"samples": self.samples}
        if self.data is not None:
            parts = {"data": self.data, **parts}
        columns = columns_of(list(parts.values()), self.feature_names)
        columns = [columns[j] for j in self.features]
        k = len(columns)
        side = max(2.0 * k, 3.5)
        self.axes_ = axes_grid(self, (k, k), ax, figsize=(side, side))
        look = {"s": 6, "alpha": 0.4, "linewidths": 0, **scatter_kwargs}
        for i, j in np.ndindex(k, k):
            if i == j:
                _draw_marginal(self.axes_[i, i], columns[i], list(parts))
            elif j < i:
                _draw_pair(self.axes_[i, j], columns[j], columns[i], list(parts), look)
            else:
                self.axes_[i, j].set_axis_off()
        for j, column in enumerate(columns):
            self.axes_[-1, j].set_xlabel(column.name)
            self.axes_[j, 0].set_ylabel(column.name if j else "fraction of rows")
        self.axes_[0, 0].legend(fontsize="small")


def _draw_marginal(ax, column, titles):
    """Draw the fraction of rows in each bin: data filled, samples as a line over them."""
    for part, title in enumerate(titles):
        values = column.positions[part]
        values = values[np.isfinite(values)]
        filled = part == 0 and len(titles) > 1
        look = {"alpha": 0.5} if filled else {"histtype": "step", "linewidth": 1.5}
        color = f"C{part if len(titles) > 1 else 1}"
        weights = np.full(len(values), 1 / max(len(values), 1))
        ax.hist(values, bins=column.edges, weights=weights, label=title, color=color, **look)
    column.label(ax.xaxis)


def _draw_pair(ax, across, up, titles, scatter_kwargs):
    """Draw rows by two columns, samples over data."""
    rng = np.random.default_rng(0)
    for part, title in enumerate(titles):
        color = f"C{part if len(titles) > 1 else 1}"
        points = across.spread(part, rng), up.spread(part, rng)
        ax.scatter(*points, **{"color": color, "label": title, **scatter_kwargs})
    across.label(ax.xaxis)
    up.label(ax.yaxis)
