"""Display of what a model decodes over a plane of two codes."""

import numpy as np

from skgen.inspection.checks import check_rows
from skgen.inspection.drawing import axes_of
from skgen.inspection.images import check_image_shape, sheet
from skgen.inspection.latent.code_space import CodeSpace, check_codes, decode
from skgen.inspection.names import numbers_of


class ManifoldDisplay:
    """Images that a model decodes over a plane of two codes, each at its place.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. The axes have the units
    of the codes, so that ``LatentSpaceDisplay.from_estimator(..., ax=display.ax_)`` lays the codes
    of rows over the images.

    Parameters
    ----------
    images : ndarray of shape (n_up, n_across, n_features)
        Images of a grid of codes, the lowest second code first.
    across : ndarray of shape (n_across,)
        Values of the first code, evenly spaced.
    up : ndarray of shape (n_up,)
        Values of the second code, evenly spaced.
    image_shape : tuple
        (height, width) or (channels, height, width) of a row, with 1 or 3 channels.
    names : tuple of str or None, default=None
        Names of both codes; None numbers them.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The images.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    LatentSpaceDisplay : Where rows lie in the plane.
    TraversalDisplay : One code at a time, of models with many.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.inspection import ManifoldDisplay
    >>> model = ProbabilisticPCA(2).fit(load_digits().data)
    >>> display = ManifoldDisplay.from_estimator(model, image_shape=(8, 8), n_images=5)
    >>> display.images.shape
    (5, 5, 64)
    """

    def __init__(self, images, across, up, *, image_shape, names=None):
        self.images = images
        self.across = across
        self.up = up
        self.image_shape = image_shape
        self.names = names

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X=None,
        *,
        image_shape,
        components=(0, 1),
        n_images=15,
        span=None,
        ax=None,
        **kwargs,
    ):
        """Decode a grid of codes.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``inverse_transform``, or ``generate`` of :class:`skgen.GAN`.
        X : array-like of shape (n_samples, n_features) or None, default=None
            Data, whose codes say the range where these have no standard normal prior.
        image_shape : tuple
            Shape of a row.
        components : tuple of int or str, default=(0, 1)
            The codes across and up, by number or name. Others stay at zero under a standard normal
            prior, else at the medians of the codes of X.
        n_images : int, default=15
            Images in a line, and lines; two or more.
        span : tuple of float or None, default=None
            Lowest and highest value of both codes; None takes 2.5 standard deviations of a standard
            normal prior to either side, else the 1 % and 99 % quantiles of the codes of X.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ManifoldDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator decodes nothing.
        ValueError
            X is None though the prior is not standard normal, or components, span or image_shape
            are not of this model.
        """
        check_codes(estimator, cls.__name__, encodes=X is not None)
        space = CodeSpace(estimator, X, span)
        pair = numbers_of(components, space.names, "components")
        if len(set(pair)) != 2:
            raise ValueError(f"components={tuple(components)} are no two codes of the model.")
        across, up = np.linspace(space.low, space.high, n_images).T[pair]
        codes = np.tile(space.center, (n_images, n_images, 1))
        codes[..., pair[0]], codes[..., pair[1]] = np.meshgrid(across, up)
        return cls.from_predictions(
            decode(estimator, codes),
            across,
            up,
            image_shape=image_shape,
            names=tuple(space.names[number] for number in pair),
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(cls, images, across, up, *, image_shape, names=None, ax=None, **kwargs):
        """Show images that were decoded before.

        Parameters
        ----------
        images : array-like of shape (n_up, n_across, n_features)
            Images of a grid of codes, the lowest second code first.
        across : array-like of shape (n_across,)
            Values of the first code, evenly spaced and rising; two or more.
        up : array-like of shape (n_up,)
            Values of the second code, likewise.
        image_shape : tuple
            Shape of a row.
        names : tuple of str or None, default=None
            Names of both codes; None numbers them.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ManifoldDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            The images are not a grid of both codes, a code is not evenly spaced, or image_shape is
            not that of a row.
        """
        across, up = _even(across, "across"), _even(up, "up")
        images = np.asarray(images, dtype=np.float64)
        if images.ndim != 3 or images.shape[:2] != (len(up), len(across)):
            raise ValueError(
                f"images has the shape {images.shape}, but there are {len(up)} values up and "
                f"{len(across)} across; it must be (n_up, n_across, n_features)."
            )
        check_rows(images.reshape(-1, images.shape[2]), "images")
        check_image_shape(image_shape, images.shape[2])
        return cls(images, across, up, image_shape=image_shape, names=names).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the images.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to matplotlib's ``imshow``, such as ``cmap``.

        Returns
        -------
        display : ManifoldDisplay
            The display itself.
        """
        _, height, width = check_image_shape(self.image_shape, self.images.shape[2])
        self.ax_ = axes_of(self, ax, figsize=(6, 6))
        self.figure_ = self.ax_.figure
        # Values of a code lie at the middles of images, whose gaps are a pixel.
        pixel_across, left, right = _pixels(self.across, width)
        pixel_up, bottom, top = _pixels(self.up, height)
        look = {
            "cmap": "gray",
            "interpolation": "nearest",
            "vmin": self.images.min(),
            "vmax": self.images.max(),
            "extent": (left, right, bottom, top),
            "aspect": pixel_across / pixel_up,
            **kwargs,
        }
        rows = self.images[::-1].reshape(-1, self.images.shape[2])
        self.im_ = self.ax_.imshow(sheet(rows, self.image_shape, len(self.across)), **look)
        across, up = ("code 0", "code 1") if self.names is None else self.names
        self.ax_.set(xlabel=across, ylabel=up)
        return self


def _pixels(values, length):
    """Units of a code that a pixel covers, and both ends of a line of images."""
    pixel = (values[1] - values[0]) / (length + 1)
    return pixel, values[0] - pixel * length / 2, values[-1] + pixel * length / 2


def _even(values, name):
    """Values that rise by even steps, or an error where they do not."""
    values = np.asarray(values, dtype=np.float64)
    steps = np.diff(values) if values.ndim == 1 else values[:0]
    if not (len(steps) and steps[0] > 0 and np.allclose(steps, steps[0])):
        raise ValueError(f"{name} is {values.tolist()}; give two values or more that rise evenly.")
    return values
