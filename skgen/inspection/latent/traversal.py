"""Display of what a model decodes when one code is moved and the others stay."""

import numpy as np

from skgen.inspection.checks import check_rows
from skgen.inspection.drawing import axes_grid, axes_of
from skgen.inspection.images import check_image_shape, draw_lines, size_of_lines
from skgen.inspection.latent.code_space import CodeSpace, check_codes, decode, encode
from skgen.inspection.names import column_names, data_names, numbers_of

MAX_LINES = 10  # of images, where components is None
MAX_AXES = 4  # of tables, likewise
MAX_FEATURES = 6  # of a table, those that move most


class TraversalDisplay:
    """What becomes of a row when one code moves over its range and the others stay.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Of images each code has a
    line, from its lowest value to its highest. Of a table each code has axes, with a line for each
    of the columns that move most, in standard deviations of the column.

    Parameters
    ----------
    rows : ndarray of shape (n_components, n_steps, n_features)
        What is decoded along the way of each code.
    values : ndarray of shape (n_components, n_steps)
        Values of the code that moves.
    component_names : list of str
        Names of the codes.
    feature_names : list of str
        Names of the columns.
    features : list of int
        Numbers of the columns of a table that are drawn.
    location : ndarray of shape (n_features,)
        Mean of each column of a table.
    scale : ndarray of shape (n_features,)
        Standard deviation of each column of a table.
    image_shape : tuple or None, default=None
        (height, width) or (channels, height, width) of a row that is an image, with 1 or 3
        channels; None draws lines of columns.

    Attributes
    ----------
    im_ : matplotlib AxesImage or None
        The sheet of images; None of a table.
    axes_ : ndarray of matplotlib Axes
        One of images, one for each code of a table.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    InterpolationDisplay : All codes moved, from those of one row to those of another.
    ManifoldDisplay : Two codes moved at once.

    References
    ----------
    Higgins, I., Matthey, L., Pal, A., Burgess, C., Glorot, X., Botvinick, M., Mohamed, S., and
    Lerchner, A. (2017). beta-VAE: learning basic visual concepts with a constrained variational
    framework. International Conference on Learning Representations.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import FactorAnalysis
    >>> from skgen.inspection import TraversalDisplay
    >>> X = load_wine(as_frame=True).data
    >>> model = FactorAnalysis(2).fit(X)
    >>> display = TraversalDisplay.from_estimator(model, X)
    >>> [ax.get_xlabel() for ax in display.axes_]
    ['factoranalysis0', 'factoranalysis1']
    >>> [float(value) for value in display.values[0, [0, -1]]]
    [-2.5, 2.5]
    """

    def __init__(
        self,
        rows,
        values,
        *,
        component_names,
        feature_names,
        features,
        location,
        scale,
        image_shape=None,
    ):
        self.rows = rows
        self.values = values
        self.component_names = component_names
        self.feature_names = feature_names
        self.features = features
        self.location = location
        self.scale = scale
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X=None,
        *,
        row=None,
        components=None,
        directions=None,
        n_steps=11,
        span=None,
        image_shape=None,
        features=None,
        feature_names=None,
        ax=None,
        **kwargs,
    ):
        """Move codes of a fitted estimator, and decode them.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``inverse_transform``, or ``generate`` of :class:`skgen.GAN`.
        X : array-like of shape (n_samples, n_features) or None, default=None
            Data, which say the range of codes that have no standard normal prior, and the mean and
            standard deviation of the columns of a table. None takes both of the decoded rows.
        row : array-like of shape (n_features,) or (1, n_features), or None, default=None
            Row whose codes stay where one is moved; None leaves the others at zero under a standard
            normal prior, else at the medians of the codes of X.
        components : list of int or str, or None, default=None
            Codes to move, by number or name; None moves the first ten of images, four of tables.
        directions : dict of str to array-like of shape (n_components,), or None, default=None
            Directions to move all codes in, by name, such as ``latent_direction`` of the model
            gives; None moves single codes.
        n_steps : int, default=11
            Values of each code, evenly spaced.
        span : tuple of float or None, default=None
            Lowest and highest value of every code; None takes 2.5 standard deviations of a standard
            normal prior to either side, else the 1 % and 99 % quantiles of the codes of X. Of
            directions how much of each is added; None takes 0 to 1.
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws lines of columns.
        features : list of int or str, or None, default=None
            Columns of a table to draw, by number or name; None draws the six that move most.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of X or of the training data, or x0, x1, ...
        ax : matplotlib Axes or None, default=None
            Where to draw images; axes of ``plt.subplots`` that are divided of a table. None makes
            a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : TraversalDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator decodes nothing.
        ValueError
            X is None though the prior is not standard normal, or components, directions, features,
            span or image_shape are not of this model, or components and directions are both given.
        """
        needs_codes = row is not None or X is not None
        check_codes(estimator, cls.__name__, encodes=needs_codes)
        space = CodeSpace(estimator, X, span)
        center = _center(estimator, space, row)
        if directions is not None:
            _check_directions(directions, components, space.size)
            moving, values, codes = _along(directions, center, span or (0, 1), n_steps)
        else:
            if components is None:
                components = range(space.size)[: MAX_AXES if image_shape is None else MAX_LINES]
            chosen = numbers_of(components, space.names, "components")
            moving, values, codes = _one_at_a_time(chosen, space, center, n_steps)
        rows = decode(estimator, codes)
        names = data_names(estimator, X, feature_names)
        if names is None and X is not None:
            names = column_names(X)
        return cls.from_predictions(
            rows,
            values,
            reference=X,
            component_names=moving,
            image_shape=image_shape,
            features=features,
            feature_names=names,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        rows,
        values,
        *,
        reference=None,
        component_names=None,
        image_shape=None,
        features=None,
        feature_names=None,
        ax=None,
        **kwargs,
    ):
        """Show rows that were decoded before.

        Parameters
        ----------
        rows : array-like of shape (n_components, n_steps, n_features)
            What is decoded along the way of each code.
        values : array-like of shape (n_components, n_steps)
            Values of the code that moves.
        reference : array-like of shape (n_samples, n_features) or None, default=None
            Data with the mean and standard deviation of each column of a table; None takes
            them of the decoded rows.
        component_names : list of str or None, default=None
            Names of the codes; None numbers them.
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws lines of columns.
        features : list of int or str, or None, default=None
            Columns of a table to draw, by number or name; None draws the six that move most.
        feature_names : list of str or None, default=None
            Names of the columns, or x0, x1, ...
        ax : matplotlib Axes or None, default=None
            Where to draw images; axes of ``plt.subplots`` that are divided of a table. None makes
            a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : TraversalDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            Shapes do not fit together, or features or image_shape are not of these rows.
        """
        rows, values = np.asarray(rows, dtype=np.float64), np.asarray(values, dtype=np.float64)
        if rows.ndim != 3 or rows.shape[:2] != values.shape or 0 in rows.shape:
            raise ValueError(
                f"rows has the shape {rows.shape} and values {values.shape}; they must be "
                "(n_components, n_steps, n_features) and (n_components, n_steps)."
            )
        if component_names is None:
            component_names = [f"code {i}" for i in range(len(rows))]
        flat = check_rows(rows.reshape(-1, rows.shape[2]), "rows")
        names = column_names(flat, feature_names)
        if image_shape is not None:
            check_image_shape(image_shape, len(names))
        table = flat if reference is None else check_rows(reference, "reference", allow_nan=True)
        scale = np.nanstd(table, axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        if features is None:
            features = _most_moved(rows / scale)
        display = cls(
            rows,
            values,
            component_names=[str(name) for name in component_names],
            feature_names=names,
            features=numbers_of(features, names, "features"),
            location=np.nanmean(table, axis=0),
            scale=scale,
            image_shape=image_shape,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw images; axes of ``plt.subplots`` that are divided of a table. None makes
            a new figure.
        **kwargs : dict
            Passed to matplotlib's ``imshow`` for images, else to ``plot``.

        Returns
        -------
        display : TraversalDisplay
            The display itself.
        """
        draw = self._draw_table if self.image_shape is None else self._draw_images
        draw(ax, kwargs)
        self.figure_ = self.axes_[0].figure
        return self

    def _draw_images(self, ax, imshow_kwargs):
        """Draw a line of images for each code, under their values where all have the same."""
        n_lines, n_steps = self.values.shape
        size = size_of_lines(n_lines, n_steps, self.image_shape)
        self.axes_ = np.array([axes_of(self, ax, figsize=size)])
        same = np.ptp(self.values, axis=0).max() == 0
        headings = [f"{value:.2g}" for value in self.values[0]] if same else ()
        lines = list(zip(self.component_names, self.rows))
        self.im_ = draw_lines(self.axes_[0], lines, self.image_shape, headings, **imshow_kwargs)

    def _draw_table(self, ax, plot_kwargs):
        """Draw columns against the value of the code, an axes for each code."""
        n = len(self.rows)
        self.axes_ = axes_grid(self, (1, n), ax, figsize=(2 + 2.8 * n, 3.2))[0]
        self.im_ = None
        for axes in self.axes_[1:]:
            axes.sharey(self.axes_[0])
        moved = (self.rows - self.location) / self.scale
        for axes, name, values, rows in zip(self.axes_, self.component_names, self.values, moved):
            for number in self.features:
                label = self.feature_names[number]
                axes.plot(values, rows[:, number], **{"label": label, **plot_kwargs})
            axes.set_xlabel(name)
        self.axes_[0].set_ylabel("standard deviations from the mean")
        self.axes_[-1].legend(
            fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False
        )


def _center(estimator, space, row):
    """Codes that stay: those of a row, or the center."""
    if row is None:
        return space.center
    codes = encode(estimator, row if np.ndim(row) == 2 else np.reshape(row, (1, -1)), "row")
    if len(codes) != 1:
        raise ValueError(f"row has {len(codes)} rows; give one, whose codes are moved.")
    return codes[0]


def _one_at_a_time(chosen, space, center, n_steps):
    """Names of the chosen codes, their values, and all codes where one of them has these."""
    values = np.linspace(space.low, space.high, n_steps).T[chosen]
    codes = np.tile(center, (len(chosen), n_steps, 1))
    for line, number in enumerate(chosen):
        codes[line, :, number] = values[line]
    return [space.names[number] for number in chosen], values, codes


def _along(directions, center, span, n_steps):
    """Names of the directions, how much is added of each, and the codes that this gives."""
    values = np.tile(np.linspace(*span, n_steps), (len(directions), 1))
    ways = np.array([np.asarray(way, dtype=np.float64) for way in directions.values()])
    return list(directions), values, center + values[:, :, None] * ways[:, None]


def _check_directions(directions, components, n_codes):
    """Refuse directions that are none of this model, or beside single codes."""
    if components is not None:
        raise ValueError("components and directions are both given; move one or the other.")
    for name, way in directions.items():
        if np.shape(way) != (n_codes,):
            raise ValueError(
                f"directions[{name!r}] has the shape {np.shape(way)}, but there are {n_codes} "
                "codes; latent_direction of the model gives one of its own."
            )


def _most_moved(rows):
    """Numbers of the columns with the widest ranges over the way of any code, in their order."""
    widths = np.ptp(rows, axis=1).max(axis=0)
    return sorted(np.argsort(-widths, kind="stable")[:MAX_FEATURES].tolist())
