"""Display of the components of a model: filters and atoms as images, loadings as a heat map."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.checks import check_has, check_rows
from skgen.inspection.drawing import axes_of
from skgen.inspection.images import check_image_shape, draw_sheet, size_of_sheet
from skgen.inspection.names import column_names, fitted_names, latent_names


class ComponentsDisplay:
    """Components of a model: as images where rows are images, else as a heat map of loadings.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Images are gray from
    minus to plus the largest absolute value; the heat map is blue for negative loadings, red for
    positive ones and white for zero, with the names of the features.

    Parameters
    ----------
    components : ndarray of shape (n_components, n_features)
        Components as rows.
    feature_names : list of str
        Names of the columns.
    component_names : list of str
        Names of the rows.
    image_shape : tuple or None, default=None
        (height, width) or (channels, height, width) of a row that is an image, with 1 or 3
        channels; None draws the heat map.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The sheet of images, or the heat map.
    colorbar_ : matplotlib Colorbar or None
        What the colors of the heat map mean; None of images.
    ax_ : matplotlib Axes
        The axes with the components.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    SamplesDisplay : Draws of a model.
    ReconstructionDisplay : What the components make of rows.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skgen import FactorAnalysis
    >>> from skgen.inspection import ComponentsDisplay
    >>> X = load_wine(as_frame=True).data
    >>> model = FactorAnalysis(2).set_output(transform="pandas").fit((X - X.mean()) / X.std())
    >>> display = ComponentsDisplay.from_estimator(model)
    >>> [label.get_text() for label in display.ax_.get_xticklabels()][:3]
    ['alcohol', 'malic_acid', 'ash']
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['factoranalysis0', 'factoranalysis1']
    """

    def __init__(self, components, *, feature_names, component_names, image_shape=None):
        self.components = components
        self.feature_names = feature_names
        self.component_names = component_names
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator,
        *,
        image_shape=None,
        feature_names=None,
        max_components=None,
        ax=None,
        **kwargs,
    ):
        """Draw ``components_`` of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``components_`` of shape (n_components, n_features), such as
            FactorAnalysis, ICA, SparseCoder or BernoulliRBM.
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws the heat map.
        feature_names : list of str or None, default=None
            Names of the columns; None takes ``feature_names_in_``, or else x0, x1, ...
        max_components : int or None, default=None
            Draw the first of them alone; None draws all.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ComponentsDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator has no ``components_``.
        ValueError
            There is a matrix for each layer or cluster, or image_shape is not that of a row.
        """
        check_is_fitted(estimator)
        check_has(estimator, cls.__name__, "components_")
        components = estimator.components_
        if isinstance(components, list) or np.ndim(components) != 2:
            raise ValueError(
                f"components_ of {type(estimator).__name__} are {len(components)} matrices, one a "
                f"layer or cluster; pass one, such as {cls.__name__}.from_predictions("
                "model.components_[0])."
            )
        n_components, n_columns = components.shape
        names = fitted_names(estimator, n_columns) if feature_names is None else feature_names
        return cls.from_predictions(
            components,
            image_shape=image_shape,
            feature_names=names,
            component_names=latent_names(estimator, n_components),
            max_components=max_components,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        components,
        *,
        image_shape=None,
        feature_names=None,
        component_names=None,
        max_components=None,
        ax=None,
        **kwargs,
    ):
        """Draw a matrix whose rows are components.

        Parameters
        ----------
        components : array-like of shape (n_components, n_features)
            Components as rows, such as a layer's weights; columns of a frame name the features.
        image_shape : tuple or None, default=None
            Shape of a row that is an image; None draws the heat map.
        feature_names : list of str or None, default=None
            Names of the columns; None takes those of a frame, or else x0, x1, ...
        component_names : list of str or None, default=None
            Names of the rows; None numbers them.
        max_components : int or None, default=None
            Draw the first of them alone; None draws all.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ComponentsDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            The names are not as many as the rows or columns, or image_shape is not that of a row.
        """
        names = column_names(components, feature_names)
        components = check_rows(components, "components")
        if component_names is None:
            component_names = [f"component {i}" for i in range(len(components))]
        if len(component_names) != len(components):
            raise ValueError(
                f"component_names has {len(component_names)} names, but there are "
                f"{len(components)} components."
            )
        if image_shape is not None:
            check_image_shape(image_shape, components.shape[1])
        display = cls(
            components[:max_components],
            feature_names=names,
            component_names=[str(name) for name in component_names][:max_components],
            image_shape=image_shape,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, *, n_columns=None, scale_each=False, **imshow_kwargs):
        """Draw the components.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.
        n_columns : int or None, default=None
            Images in a line; None makes the sheet about square.
        scale_each : bool, default=False
            Whether each component is divided by its largest absolute value, so that weak ones show
            as well.
        **imshow_kwargs : dict
            Passed to matplotlib's ``imshow``, such as ``cmap``.

        Returns
        -------
        display : ComponentsDisplay
            The display itself.
        """
        values = self.components
        if scale_each:
            largest = np.abs(values).max(axis=1, keepdims=True)
            values = values / np.where(largest > 0, largest, 1)
        limit = np.abs(values).max() or 1.0
        if self.image_shape is None:
            self._draw_loadings(values, limit, ax, imshow_kwargs)
        else:
            size = size_of_sheet(len(values), self.image_shape, n_columns)
            self.ax_ = axes_of(self, ax, figsize=size)
            if check_image_shape(self.image_shape, values.shape[1])[0] == 3:
                values = 0.5 + values / (2 * limit)
            look = {"cmap": "gray", "vmin": -limit, "vmax": limit, **imshow_kwargs}
            self.im_ = draw_sheet(self.ax_, values, self.image_shape, n_columns, **look)
            self.colorbar_ = None
        self.figure_ = self.ax_.figure
        return self

    def _draw_loadings(self, values, limit, ax, imshow_kwargs):
        """Draw a heat map with names at both axes."""
        n_rows, n_columns = values.shape
        size = (min(2.5 + 0.35 * n_columns, 14), min(3.0 + 0.3 * n_rows, 12))
        self.ax_ = axes_of(self, ax, figsize=size)
        look = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "aspect": "auto", **imshow_kwargs}
        self.im_ = self.ax_.imshow(values, **look)
        self.ax_.set_xticks(range(n_columns), self.feature_names, rotation=90)
        self.ax_.set_yticks(range(n_rows), self.component_names)
        self.colorbar_ = self.ax_.figure.colorbar(self.im_, ax=self.ax_, label="loading")
