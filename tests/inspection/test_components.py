"""ComponentsDisplay: every number and name where it belongs."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from skgen import ICA, DeepBeliefNetwork, MixtureOfFactorAnalyzers, ProbabilisticPCA
from skgen.inspection import ComponentsDisplay

ATOMS = np.arange(5 * 6, dtype=float).reshape(5, 6) - 14


def labels(ticks):
    return [tick.get_text() for tick in ticks]


def test_loadings_have_their_names():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 6)), columns=list("abcdef"))
    model = ProbabilisticPCA(2).fit(X)
    display = ComponentsDisplay.from_estimator(model)
    assert_array_equal(display.im_.get_array(), model.components_)
    assert labels(display.ax_.get_xticklabels()) == list("abcdef")
    assert labels(display.ax_.get_yticklabels()) == ["probabilisticpca0", "probabilisticpca1"]
    low, high = display.im_.get_clim()
    assert low == -high == -np.abs(model.components_).max()
    assert display.colorbar_.ax.get_ylabel() == "loading"
    assert display.figure_ is display.ax_.figure


def test_names_that_are_given():
    names = [f"gene {j}" for j in range(6)]
    display = ComponentsDisplay.from_predictions(ATOMS, feature_names=names, max_components=3)
    assert labels(display.ax_.get_xticklabels()) == names
    assert labels(display.ax_.get_yticklabels()) == [f"component {i}" for i in range(3)]
    frame = pd.DataFrame(ATOMS, columns=names)
    assert labels(ComponentsDisplay.from_predictions(frame).ax_.get_xticklabels()) == names


def test_images_lie_line_by_line():
    display = ComponentsDisplay.from_predictions(ATOMS, image_shape=(2, 3), cmap="viridis")
    shown = display.im_.get_array().filled(np.nan)
    assert shown.shape == (2 * 3 - 1, 3 * 4 - 1)
    for i, atom in enumerate(ATOMS):
        line, column = divmod(i, 3)
        found = shown[3 * line : 3 * line + 2, 4 * column : 4 * column + 3]
        assert_array_equal(found, atom.reshape(2, 3))
    assert np.isnan(shown[2]).all()
    assert np.isnan(shown[3:, 8:]).all()  # no sixth atom
    assert display.im_.get_cmap().name == "viridis"
    assert not display.ax_.axison


def test_the_figure_has_the_form_of_the_sheet():
    display = ComponentsDisplay.from_predictions(ATOMS, image_shape=(2, 3), n_columns=5)
    width, height = display.figure_.get_size_inches()
    assert_allclose(height / width, 3 / 20)
    display.figure_.canvas.draw()
    box = display.ax_.get_window_extent()
    assert box.height > 0.6 * display.figure_.bbox.height


def test_each_may_have_a_scale_of_its_own():
    dim = np.array([[1.0, -2.0], [0.01, 0.0], [0.0, 0.0]])
    display = ComponentsDisplay.from_predictions(dim, scale_each=True)
    assert_allclose(display.im_.get_array(), [[0.5, -1], [1, 0], [0, 0]])


def test_colored_images_have_gray_for_zero():
    atoms = np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]])
    display = ComponentsDisplay.from_predictions(atoms, image_shape=(3, 1, 1), n_columns=2)
    expected = [[[1, 0.5, 0, 1], [0, 0, 0, 0], [0.5, 0.5, 0.5, 1]]]
    assert_allclose(display.im_.get_array(), expected)


def test_it_draws_where_it_is_told():
    ax = plt.subplots()[1]
    display = ComponentsDisplay.from_predictions(ATOMS, ax=ax)
    assert display.ax_ is ax
    other = plt.subplots()[1]
    assert display.plot(ax=other) is display
    assert display.ax_ is other


def test_a_layer_is_chosen_by_the_user():
    X = np.random.default_rng(0).integers(2, size=(40, 4)).astype("float32")
    model = DeepBeliefNetwork((3, 2), max_iter=2, random_state=0).fit(X)
    with pytest.raises(ValueError, match=r"2 matrices.*from_predictions\(model.components_\[0\]"):
        ComponentsDisplay.from_estimator(model)
    display = ComponentsDisplay.from_predictions(model.components_[0])
    assert_allclose(display.im_.get_array(), model.components_[0])
    clusters = MixtureOfFactorAnalyzers(2, 1, random_state=0).fit(X + 0.1 * ATOMS.std() * X[::-1])
    with pytest.raises(ValueError, match="2 matrices"):
        ComponentsDisplay.from_estimator(clusters)


def test_errors_say_what_to_do():
    with pytest.raises(NotFittedError):
        ComponentsDisplay.from_estimator(ICA(2))
    from sklearn.mixture import GaussianMixture

    with pytest.raises(TypeError, match="needs components_, which GaussianMixture"):
        ComponentsDisplay.from_estimator(GaussianMixture().fit(ATOMS))
    with pytest.raises(ValueError, match="has 9 pixels, but a row has 6 columns"):
        ComponentsDisplay.from_predictions(ATOMS, image_shape=(3, 3))
    with pytest.raises(ValueError, match=r"image_shape=\(2, 1, 3\) is not"):
        ComponentsDisplay.from_predictions(ATOMS, image_shape=(2, 1, 3))
    with pytest.raises(ValueError, match="2 names, but there are 6 columns"):
        ComponentsDisplay.from_predictions(ATOMS, feature_names=["a", "b"])
    with pytest.raises(ValueError, match="1 names, but there are 5 components"):
        ComponentsDisplay.from_predictions(ATOMS, component_names=["a"])
    with pytest.raises(ValueError, match="NaN"):
        ComponentsDisplay.from_predictions(ATOMS * np.nan)
