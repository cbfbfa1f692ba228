"""ManifoldDisplay: every image at the place of its codes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from skgen import ProbabilisticPCA
from skgen.inspection import LatentSpaceDisplay, ManifoldDisplay

X = np.random.default_rng(0).normal(size=(50, 6))
MODEL = ProbabilisticPCA(3).fit(X)


def shown_at(display, across, up):
    """The image whose middle is at a code."""
    left, right, bottom, top = display.im_.get_extent()
    sheet = display.im_.get_array().filled(np.nan)
    n_lines, n_columns = sheet.shape
    line = (top - up) / (top - bottom) * n_lines
    column = (across - left) / (right - left) * n_columns
    # Images have 2 x 3 pixels, and (line, column) is their middle.
    line, column = round(line - 1), round(column - 1.5)
    return sheet[line : line + 2, column : column + 3]


def test_images_lie_at_their_codes():
    display = ManifoldDisplay.from_estimator(
        MODEL, image_shape=(2, 3), n_images=5, components=["probabilisticpca2", 0]
    )
    values = np.linspace(-2.5, 2.5, 5)
    for across in values:
        for up in values:
            image = MODEL.inverse_transform([[up, 0, across]]).reshape(2, 3)
            assert_allclose(shown_at(display, across, up), image)
    assert display.ax_.get_xlabel() == "probabilisticpca2"
    assert display.ax_.get_ylabel() == "probabilisticpca0"
    assert display.figure_ is display.ax_.figure


def test_pixels_are_square():
    display = ManifoldDisplay.from_estimator(MODEL, image_shape=(2, 3), n_images=4)
    left, right, bottom, top = display.im_.get_extent()
    n_lines, n_columns = display.im_.get_array().shape
    pixel = (right - left) / n_columns, (top - bottom) / n_lines
    assert_allclose(display.ax_.get_aspect() * pixel[1], pixel[0])


def test_codes_of_rows_over_the_images():
    model = ProbabilisticPCA(2).fit(X)
    manifold = ManifoldDisplay.from_estimator(model, image_shape=(2, 3), n_images=4)
    codes = LatentSpaceDisplay.from_estimator(model, X, ax=manifold.ax_)
    assert codes.ax_ is manifold.ax_
    assert_allclose(codes.scatter_[0].get_offsets(), model.transform(X))
    assert codes.scatter_[0].get_zorder() > manifold.im_.get_zorder()


def test_rows_say_the_range_where_the_prior_does_not():
    model = PCA(3).fit(X)
    ax = plt.subplots()[1]
    display = ManifoldDisplay.from_estimator(
        model, X, image_shape=(2, 3), n_images=3, ax=ax, cmap="Blues"
    )
    codes = model.transform(X)
    low, high = np.quantile(codes, [0.01, 0.99], axis=0)
    assert_allclose(display.across, np.linspace(low[0], high[0], 3))
    assert_allclose(display.up, np.linspace(low[1], high[1], 3))
    third = np.median(codes[:, 2])
    expected = model.inverse_transform([[high[0], low[1], third]])[0]
    assert_allclose(display.images[0, 2], expected)
    assert display.ax_ is ax
    assert display.im_.get_cmap().name == "Blues"


def test_errors_say_what_to_do():
    shape = {"image_shape": (2, 3)}
    with pytest.raises(ValueError, match="give X"):
        ManifoldDisplay.from_estimator(PCA(2).fit(X), **shape)
    with pytest.raises(TypeError, match="needs inverse_transform and transform, which Gaussian"):
        ManifoldDisplay.from_estimator(GaussianMixture().fit(X), X, **shape)
    with pytest.raises(ValueError, match=r"components=\(1, 1\) are no two codes"):
        ManifoldDisplay.from_estimator(MODEL, components=(1, 1), **shape)
    with pytest.raises(ValueError, match=r"components has \[1\]"):
        ManifoldDisplay.from_estimator(ProbabilisticPCA(1).fit(X), **shape)
    with pytest.raises(ValueError, match=r"up is \[0.0, 1.0, 3.0\]; give"):
        ManifoldDisplay.from_predictions(np.zeros((3, 2, 6)), [0, 1], [0, 1, 3], **shape)
    with pytest.raises(ValueError, match=r"across is \[1.0\]; give two values"):
        ManifoldDisplay.from_predictions(np.zeros((2, 1, 6)), [1], [0, 1], **shape)
    with pytest.raises(ValueError, match=r"2 values up and 3 across"):
        ManifoldDisplay.from_predictions(np.zeros((3, 2, 6)), [0, 1, 2], [0, 1], **shape)
