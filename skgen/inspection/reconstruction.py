"""Display of what models make of images: originals above reconstructions."""

from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows, check_same_shape
from skgen.inspection.drawing import axes_of
from skgen.inspection.images import check_image_shape, draw_lines, size_of_lines


class ReconstructionDisplay:
    """Images above what is left of them once encoded and decoded.

    It is best made by :meth:`from_estimator`, :meth:`from_estimators` or :meth:`from_predictions`.
    All lines have the gray scale of the originals, so that a reconstruction that is too faint
    looks so.

    Parameters
    ----------
    X : ndarray of shape (n_images, n_features)
        Originals.
    reconstructions : dict of str to ndarray of shape (n_images, n_features)
        Their reconstructions, by the name that stands beside them.
    image_shape : tuple
        (height, width) or (channels, height, width) of a row, with 1 or 3 channels.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The sheet with all lines.
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
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['originals', 'reconstructions']
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
        return cls.from_estimators(
            {"reconstructions": estimator},
            X,
            image_shape=image_shape,
            n_images=n_images,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_estimators(cls, estimators, X, *, image_shape, n_images=10, ax=None, **kwargs):
        """Draw rows and what each of several models makes of them.

        Parameters
        ----------
        estimators : dict of str to estimator
            Fitted, with ``transform`` and ``inverse_transform``, by name.
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
            An estimator does not reconstruct.
        ValueError
            image_shape is not that of a row.
        """
        X, reconstructions = X[:n_images], {}
        for name, estimator in estimators.items():
            check_is_fitted(estimator)
            check_has(estimator, cls.__name__, "transform", "inverse_transform")
            reconstructions[name] = estimator.inverse_transform(estimator.transform(X))
        return cls.from_predictions(X, reconstructions, image_shape=image_shape, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, X, reconstructions, *, image_shape, ax=None, **kwargs):
        """Draw rows and reconstructions that were made before, such as denoised ones.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
            Originals.
        reconstructions : array-like of shape (n_images, n_features), or dict of such
            Their reconstructions; several by name.
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
            Shapes differ, or image_shape is not that of a row.
        """
        X = check_rows(X, "X")
        if not isinstance(reconstructions, dict):
            reconstructions = {"reconstructions": reconstructions}
        arrays = {name: check_rows(rows, name) for name, rows in reconstructions.items()}
        for name, rows in arrays.items():
            check_same_shape(X, rows, ("X", name))
        check_image_shape(image_shape, X.shape[1])
        return cls(X, arrays, image_shape=image_shape).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the lines.

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
        lines = [("originals", self.X), *self.reconstructions.items()]
        size = size_of_lines(len(lines), len(self.X), self.image_shape)
        self.ax_ = axes_of(self, ax, figsize=size)
        self.figure_ = self.ax_.figure
        look = {"vmin": self.X.min(), "vmax": self.X.max(), **kwargs}
        self.im_ = draw_lines(self.ax_, lines, self.image_shape, **look)
        return self
