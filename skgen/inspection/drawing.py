"""matplotlib's axes for displays, asked for only when something is drawn."""

import numpy as np


def pyplot(display):
    """``matplotlib.pyplot``, or an ImportError that says how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot requires matplotlib. You can install matplotlib with "
            "`pip install matplotlib`."
        ) from error
    return plt


def axes_of(display, ax=None, figsize=None):
    """The axes given, or those of a new figure."""
    plt = pyplot(display)
    return plt.subplots(figsize=figsize, layout="constrained")[1] if ax is None else ax


def axes_grid(display, shape, ax=None, figsize=None):
    """Axes in rows and columns, of a new figure or in the place of the axes given, ndarray."""
    plt = pyplot(display)
    if ax is None:
        return plt.subplots(*shape, figsize=figsize, layout="constrained", squeeze=False)[1]
    spec = ax.get_subplotspec()
    if spec is None:
        raise ValueError(
            f"{type(display).__name__} divides the axes into {shape[0]} x {shape[1]}, which only "
            "axes of plt.subplots allow; draw into one of these, or leave ax out."
        )
    ax.set_axis_off()
    parts = spec.subgridspec(*shape)
    return np.array(
        [[ax.figure.add_subplot(parts[i, j]) for j in range(shape[1])] for i in range(shape[0])]
    )
