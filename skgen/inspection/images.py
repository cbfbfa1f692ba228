"""Rows as images, side by side in one sheet."""

from math import ceil, prod, sqrt

import numpy as np


def check_image_shape(image_shape, n_features):
    """The shape as (channels, height, width), or an error that says what it should be."""
    shape = tuple(image_shape)
    if len(shape) == 2:
        shape = (1, *shape)
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise ValueError(
            f"image_shape={tuple(image_shape)} is not (height, width), (1, height, width) or "
            "(3, height, width)."
        )
    if prod(shape) != n_features:
        raise ValueError(
            f"image_shape={tuple(image_shape)} has {prod(shape)} pixels, but a row has "
            f"{n_features} columns."
        )
    return shape


def sheet(rows, image_shape, n_columns=None):
    """Images in rows of n_columns with a gap of a pixel, (height, width) or with RGBA last.

    Gaps are NaN of gray images, and transparent of colored ones, whose values are cut to [0, 1].
    """
    rows = np.asarray(rows, dtype=np.float64)
    channels, height, width = check_image_shape(image_shape, rows.shape[1])
    n_columns = n_columns or ceil(sqrt(len(rows)))
    n_lines = ceil(len(rows) / n_columns)
    images = np.moveaxis(rows.reshape(-1, channels, height, width), 1, 3)
    if channels == 3:
        images = np.clip(images, 0, 1)
        images = np.concatenate([images, np.ones_like(images[..., :1])], axis=3)
    gap = np.nan if channels == 1 else 0.0
    out = np.full((n_lines * (height + 1) - 1, n_columns * (width + 1) - 1, images.shape[3]), gap)
    for i, image in enumerate(images):
        line, column = divmod(i, n_columns)
        top, left = line * (height + 1), column * (width + 1)
        out[top : top + height, left : left + width] = image
    return out[..., 0] if channels == 1 else out


def draw_sheet(ax, rows, image_shape, n_columns=None, **imshow_kwargs):
    """Draw a sheet of images without ticks, and return matplotlib's image."""
    image = ax.imshow(
        sheet(rows, image_shape, n_columns), **{"interpolation": "nearest", **imshow_kwargs}
    )
    ax.set_axis_off()
    return image


def size_of_sheet(n_images, image_shape, n_columns=None):
    """Width and height in inches of a figure with a sheet of images."""
    *_, height, width = image_shape
    n_columns = n_columns or ceil(sqrt(n_images))
    n_lines = ceil(n_images / n_columns)
    return 6.4, min(6.4 * n_lines * (height + 1) / (n_columns * (width + 1)), 12.0)


def draw_lines(ax, lines, image_shape, headings=(), **imshow_kwargs):
    """Draw each of several (name, rows) as a line of images, and return matplotlib's image.

    Names are the labels of the ticks of y, ``headings`` those of x, above the images. All have one
    scale, from black to white by the smallest and the largest value, unless ``imshow_kwargs`` say
    another.
    """
    rows = np.concatenate([images for _, images in lines])
    _, height, width = check_image_shape(image_shape, rows.shape[1])
    look = {"cmap": "gray", "vmin": np.nanmin(rows), "vmax": np.nanmax(rows), **imshow_kwargs}
    image = draw_sheet(ax, rows, image_shape, len(lines[0][1]), **look)
    ax.set_axis_on()
    ax.set_frame_on(False)
    ax.tick_params(length=0, bottom=False, labelbottom=False, labeltop=True)
    ax.set_yticks(_middles(len(lines), height), [name for name, _ in lines])
    ax.set_xticks(_middles(len(headings), width), headings)
    # A layout leaves room for names at the left end of the axes, not of the images.
    ax.set_anchor("W")
    return image


def _middles(n, length):
    """Middles of n images one after another, with a pixel between."""
    return np.arange(n) * (length + 1) + (length - 1) / 2


def size_of_lines(n_lines, n_images, image_shape):
    """Width and height in inches of a figure with lines of images and their names."""
    *_, height, width = image_shape
    across = min(0.8 * n_images, 11.0)
    return 1.2 + across, 0.3 + 1.05 * n_lines * across / n_images * height / width
