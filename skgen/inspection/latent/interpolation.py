"""Display of the way from one image to another, through the codes of a model."""

import numpy as np

from skgen.base.results.latent_arithmetic import codes_between
from skgen.inspection.checks import check_rows, check_same_shape
from skgen.inspection.drawing import axes_of
from skgen.inspection.images import check_image_shape, draw_lines, size_of_lines
from skgen.inspection.latent.code_space import check_codes, decode, encode
from skgen.kernels.paths import lines


class InterpolationDisplay:
    """Images on the way from one row to another in the space of the codes, a line for each pair.

    It is best made by :meth:`from_estimator`, :meth:`from_codes` or :meth:`from_predictions`. Below
    each line may be the blend of the same two images in the space of the data: a fade, in which
    both are seen at once.

    Parameters
    ----------
    images : ndarray of shape (n_pairs, n_steps, n_features)
        Images on the way of each pair, both ends included.
    blends : ndarray of shape (n_pairs, n_steps, n_features) or None, default=None
        Straight blends of the same pairs; None draws the images alone.
    image_shape : tuple
        (height, width) or (channels, height, width) of a row, with 1 or 3 channels.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The sheet of images.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    TraversalDisplay : One code moved at a time.
    skgen.metrics.interpolation_smoothness : Numbers for how smooth and how plausible such ways are.

    References
    ----------
    White, T. (2016). Sampling generative networks. arXiv:1609.04468.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.inspection import InterpolationDisplay
    >>> X = load_digits().data
    >>> model = ProbabilisticPCA(20).fit(X)
    >>> display = InterpolationDisplay.from_estimator(
    ...     model, X[:2], X[3:5], image_shape=(8, 8), path="linear", blend=True
    ... )
    >>> display.images.shape
    (2, 9, 64)
    """

    def __init__(self, images, *, blends=None, image_shape):
        self.images = images
        self.blends = blends
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator,
        start,
        end,
        *,
        image_shape,
        path="auto",
        n_steps=9,
        blend=False,
        ax=None,
        **kwargs,
    ):
        """Encode pairs of rows, and decode the way from one to the other.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``transform`` and ``inverse_transform``, or ``invert`` and ``generate`` of
            :class:`skgen.GAN`.
        start : array-like of shape (n_pairs, n_features)
            Rows at which ways begin.
        end : array-like of shape (n_pairs, n_features)
            Rows at which they end.
        image_shape : tuple
            Shape of a row.
        path : {"auto", "linear", "spherical"}, default="auto"
            Straight lines between codes, or arcs about zero; "auto" takes arcs where the prior of
            the codes is standard normal, whose draws keep away from zero.
        n_steps : int, default=9
            Images of a line, both ends included.
        blend : bool, default=False
            Whether the straight blend of the rows themselves stands below each line.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : InterpolationDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator does not encode and decode.
        ValueError
            start and end have different shapes, or path is none of the three.
        """
        check_codes(estimator, cls.__name__, encodes=True)
        codes = [encode(estimator, rows, name) for rows, name in ((start, "start"), (end, "end"))]
        images, blends = _along(estimator, *codes, path, n_steps), None
        if blend:
            ends = check_rows(start, "start"), check_rows(end, "end")
            blends = _blends(*ends, n_steps)
        return cls.from_predictions(images, blends, image_shape=image_shape, ax=ax, **kwargs)

    @classmethod
    def from_codes(
        cls,
        estimator,
        start,
        end,
        *,
        image_shape,
        path="auto",
        n_steps=9,
        blend=False,
        ax=None,
        **kwargs,
    ):
        """Decode the way from one code to another, such as between draws from the prior.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``inverse_transform``, or ``generate`` of :class:`skgen.GAN`.
        start : array-like of shape (n_pairs, n_components)
            Codes at which ways begin.
        end : array-like of shape (n_pairs, n_components)
            Codes at which they end.
        image_shape : tuple
            Shape of a row.
        path : {"auto", "linear", "spherical"}, default="auto"
            Straight lines between codes, or arcs about zero; "auto" takes arcs where the prior of
            the codes is standard normal, whose draws keep away from zero.
        n_steps : int, default=9
            Images of a line, both ends included.
        blend : bool, default=False
            Whether the straight blend of the decoded ends stands below each line.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : InterpolationDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator decodes nothing.
        ValueError
            start and end have different shapes, or path is none of the three.
        """
        check_codes(estimator, cls.__name__)
        codes = check_rows(start, "start"), check_rows(end, "end")
        images = _along(estimator, *codes, path, n_steps)
        blends = _blends(images[:, 0], images[:, -1], n_steps) if blend else None
        return cls.from_predictions(images, blends, image_shape=image_shape, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, images, blends=None, *, image_shape, ax=None, **kwargs):
        """Show images that were decoded before.

        Parameters
        ----------
        images : array-like of shape (n_pairs, n_steps, n_features)
            Images on the way of each pair.
        blends : array-like of shape (n_pairs, n_steps, n_features) or None, default=None
            Straight blends of the same pairs.
        image_shape : tuple
            Shape of a row.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : InterpolationDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            Shapes differ, or image_shape is not that of a row.
        """
        images = np.stack([check_rows(way, "images") for way in images])
        check_image_shape(image_shape, images.shape[2])
        if blends is not None:
            blends = np.stack([check_rows(way, "blends") for way in blends])
            check_same_shape(images, blends, ("images", "blends"))
        return cls(images, blends=blends, image_shape=image_shape).plot(ax=ax, **kwargs)

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
        display : InterpolationDisplay
            The display itself.
        """
        named = [("", way) for way in self.images]
        if self.blends is not None:
            pairs = zip(self.images, self.blends)
            named = [line for way, fade in pairs for line in (("codes", way), ("blend", fade))]
        size = size_of_lines(len(named), self.images.shape[1], self.image_shape)
        self.ax_ = axes_of(self, ax, figsize=size)
        self.figure_ = self.ax_.figure
        self.im_ = draw_lines(self.ax_, named, self.image_shape, **kwargs)
        return self


def _along(estimator, start, end, path, n_steps):
    """Decoded rows along the paths between codes, (n_pairs, n_steps, n_features)."""
    check_same_shape(start, end, ("start", "end"))
    return decode(estimator, codes_between(estimator, start, end, n_steps, path))


def _blends(start, end, n_steps):
    """Points of the lines between pairs of rows, (n_pairs, n_steps, n_features)."""
    return lines(start, end, n_steps).swapaxes(0, 1)
