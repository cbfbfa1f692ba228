"""Display of what a model makes of images: originals above reconstructions."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows, check_same_shape
from skgen.inspection.drawing import axes_of
from skgen.inspection.images import check_image_shape, draw_sheet


class ReconstructionDisplay:
    """Images above what is left of them once encoded and decoded.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Both lines have the gray
    scale of the originals, so that a reconstruction that is too faint looks so.

    Parameters
    ----------
    X : ndarray of shape (n_images, n_features)
        Originals.
    reconstructions : ndarray of shape (n_images, n_features)
        Their reconstructions.
    image_shape : tuple
        (height, width) or (channels, height, width) of a row, with 1 or 3 channels.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The sheet with both lines.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    ComponentsDisplay : What the reconstructions are made of.
    SamplesDisplay : Images that the model makes by itself.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.inspection import ReconstructionDisplay
    >>> X = load_digits().data
    >>> model = ProbabilisticPCA(10).fit(X)
    >>> display = ReconstructionDisplay.from_estimator(model, X, image_shape=(8, 8))
    >>> display.reconstructions.shape
    (10, 64)
    """

    def __init__(self, X, reconstructions, *, image_shape):
        self.X = X
        self.reconstructions = reconstructions
        self.image_shape = image_shape

    @classmethod
    def from_estimator(cls, estimator, X, *, image_shape, n_images=10, ax=None, **kwargs):
        """Draw rows and ``inverse_transform(transform(X))``.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``transform`` and ``inverse_transform``.
        X : array-like of shape (n_samples, n_features)
            Images as rows.
        image_shape : tuple
            Shape of a row.
        n_images : int, default=10
            How many rows are drawn, the first ones.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ReconstructionDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator does not reconstruct.
        ValueError
            image_shape is not that of a row.
        """
        check_is_fitted(estimator)
        check_has(estimator, cls.__name__, "transform", "inverse_transform")
        X = X[:n_images]
        reconstructions = estimator.inverse_transform(estimator.transform(X))
        return cls.from_predictions(X, reconstructions, image_shape=image_shape, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, X, reconstructions, *, image_shape, ax=None, **kwargs):
        """Draw rows and reconstructions that were made before, such as denoised ones.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Originals.
        reconstructions : array-like of shape (n_images, n_features)
            Their reconstructions.
        image_shape : tuple
            Shape of a row.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ReconstructionDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            The shapes of both differ, or image_shape is not that of a row.
        """
        X, reconstructions = check_rows(X, "X"), check_rows(reconstructions, "reconstructions")
        check_same_shape(X, reconstructions, ("X", "reconstructions"))
        check_image_shape(image_shape, X.shape[1])
        return cls(X, reconstructions, image_shape=image_shape).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw both lines.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to matplotlib's ``imshow``, such as ``cmap``.

        Returns
        -------
        display : ReconstructionDisplay
            The display itself.
        """
        n_images = len(self.X)
        height = check_image_shape(self.image_shape, self.X.shape[1])[1]
        self.ax_ = axes_of(self, ax, figsize=(min(1.0 + 0.8 * n_images, 12), 2.2))
        self.figure_ = self.ax_.figure
        look = {"cmap": "gray", "vmin": self.X.min(), "vmax": self.X.max(), **kwargs}
        rows = np.concatenate([self.X, self.reconstructions])
        self.im_ = draw_sheet(self.ax_, rows, self.image_shape, n_images, **look)
        for line, name in enumerate(("originals", "reconstructions")):
            middle = line * (height + 1) + (height - 1) / 2
            self.ax_.text(-1.5, middle, name, ha="right", va="center")
        return self
