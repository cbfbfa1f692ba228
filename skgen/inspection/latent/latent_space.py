"""Display of the codes of rows in two latent dimensions."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows
from skgen.inspection.drawing import axes_of
from skgen.inspection.names import latent_names

N_CLASSES = 20  # as many colors as matplotlib's largest list has


class LatentSpaceDisplay:
    """Codes of rows under a model: two latent dimensions, colored by labels.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Classes have a color each
    and a legend, real numbers a color bar. Of codes with more than two dimensions the first two are
    drawn, which the axes say.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, n_components)
        Codes of rows, at least two columns.
    y : ndarray of shape (n_samples,) or None, default=None
        Labels, classes or real numbers; None leaves all points in one color.
    names : list of str or None, default=None
        Names of the latent dimensions; None numbers them.

    Attributes
    ----------
    scatter_ : list of matplotlib PathCollection
        The points: one collection a class, or one for all.
    legend_ : matplotlib Legend or None
        Names of the classes.
    colorbar_ : matplotlib Colorbar or None
        Values of real labels.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    ManifoldDisplay : What is decoded over the same plane; draw the codes into its axes.
    SamplesDisplay : Draws beside data, in the space of the data.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.preprocessing import scale
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.inspection import LatentSpaceDisplay
    >>> X, y = load_wine(return_X_y=True)
    >>> model = ProbabilisticPCA(3).fit(scale(X))
    >>> display = LatentSpaceDisplay.from_estimator(model, scale(X), y)
    >>> display.ax_.get_xlabel()
    'probabilisticpca0, 1 of 3'
    >>> [text.get_text() for text in display.legend_.get_texts()]
    ['0', '1', '2']
    """

    def __init__(self, codes, *, y=None, names=None):
        self.codes = codes
        self.y = y
        self.names = names

    @classmethod
    def from_estimator(cls, estimator, X, y=None, *, ax=None, **kwargs):
        """Draw what ``transform`` makes of rows.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``transform`` to at least two columns.
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or None, default=None
            Labels, classes or real numbers.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : LatentSpaceDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator has no ``transform``.
        ValueError
            Codes have a single column, or y has another length.
        """
        check_is_fitted(estimator)
        check_has(estimator, cls.__name__, "transform")
        codes = estimator.transform(X)
        names = latent_names(estimator, np.shape(codes)[1])
        return cls.from_predictions(codes, y, names=names, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, codes, y=None, *, names=None, ax=None, **kwargs):
        """Draw codes that were made before.

        Parameters
        ----------
        codes : array-like of shape (n_samples, n_components)
            Codes of rows, at least two columns.
        y : array-like of shape (n_samples,) or None, default=None
            Labels, classes or real numbers.
        names : list of str or None, default=None
            Names of the latent dimensions; None numbers them.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : LatentSpaceDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            Codes have a single column, or y or names have another length.
        """
        codes = check_rows(codes, "codes")
        n_components = codes.shape[1]
        if n_components < 2:
            raise ValueError(
                "codes have 1 column, and two are drawn against each other; fit a model with "
                "n_components=2, or draw a histogram."
            )
        if names is not None and len(names) != n_components:
            raise ValueError(
                f"names has {len(names)} names, but codes have {n_components} columns."
            )
        if y is not None:
            y = column_or_1d(y)
            check_consistent_length(codes, y)
        return cls(codes, y=y, names=names).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the codes.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to matplotlib's ``scatter``.

        Returns
        -------
        display : LatentSpaceDisplay
            The display itself.
        """
        self.ax_ = axes_of(self, ax, figsize=(5.5, 4.5))
        self.figure_ = self.ax_.figure
        self.legend_ = self.colorbar_ = None
        look = {"s": 10, "alpha": 0.7, "linewidths": 0, **kwargs}
        classes = self._classes()
        if self.y is None:
            self.scatter_ = [self.ax_.scatter(*self.codes.T[:2], **look)]
        elif classes is None:
            self.scatter_ = [self.ax_.scatter(*self.codes.T[:2], c=self.y, **look)]
            self.colorbar_ = self.figure_.colorbar(self.scatter_[0], ax=self.ax_, label="y")
        else:
            self._draw_classes(classes, look)
        self.ax_.set(xlabel=self._label(0), ylabel=self._label(1))
        return self

    def _classes(self):
        """The classes, None where labels are real numbers or too many integers for colors."""
        if self.y is None or type_of_target(self.y).startswith("continuous"):
            return None
        classes = np.unique(self.y)
        return None if len(classes) > N_CLASSES and self.y.dtype.kind in "iuf" else classes

    def _draw_classes(self, classes, look):
        """Draw a color for each class, and their names beside the axes."""
        colors = "tab10" if len(classes) <= 10 else "tab20"
        look = {"cmap": colors, "vmin": 0, "vmax": 10 if colors == "tab10" else 20, **look}
        self.scatter_ = []
        for number, name in enumerate(classes):
            rows = self.codes[self.y == name, :2]
            color = np.full(len(rows), number % look["vmax"])
            self.scatter_.append(self.ax_.scatter(*rows.T, c=color, label=str(name), **look))
        self.legend_ = self.ax_.legend(
            loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2, frameon=False
        )

    def _label(self, number):
        """Name of a latent dimension, with the number of all where some are not drawn."""
        n_components = self.codes.shape[1]
        name = f"code {number}" if self.names is None else str(self.names[number])
        return name if n_components == 2 else f"{name}, {number + 1} of {n_components}"
