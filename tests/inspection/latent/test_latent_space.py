"""LatentSpaceDisplay: codes at their places, in the colors of their labels."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.mixture import GaussianMixture

from skgen import ProbabilisticPCA
from skgen.inspection import LatentSpaceDisplay

RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(30, 2))


def test_classes_have_a_color_and_a_name_each():
    y = np.array(["ant", "bee", "cow"])[np.arange(30) % 3]
    X = RNG.normal(size=(30, 5))
    model = ProbabilisticPCA(2).fit(X)
    display = LatentSpaceDisplay.from_estimator(model, X, y)
    codes = model.transform(X)
    colors = []
    for name, points in zip(("ant", "bee", "cow"), display.scatter_, strict=True):
        assert points.get_label() == name
        assert_allclose(points.get_offsets(), codes[y == name])
        display.figure_.canvas.draw()
        colors.append(tuple(points.get_facecolor()[0]))
    assert len(set(colors)) == 3
    assert [text.get_text() for text in display.legend_.get_texts()] == ["ant", "bee", "cow"]
    assert display.colorbar_ is None
    assert display.ax_.get_xlabel() == "probabilisticpca0"
    assert display.ax_.get_ylabel() == "probabilisticpca1"


@pytest.mark.parametrize("y", [RNG.normal(size=30), np.arange(30)])
def test_numbers_have_a_color_bar(y):
    display = LatentSpaceDisplay.from_predictions(CODES, y)
    (points,) = display.scatter_
    assert_array_equal(points.get_array(), y)
    assert display.colorbar_.ax.get_ylabel() == "y"
    assert display.legend_ is None


def test_twenty_classes_have_different_colors():
    display = LatentSpaceDisplay.from_predictions(CODES, np.arange(30) % 20)
    display.figure_.canvas.draw()
    assert len({tuple(p.get_facecolor()[0]) for p in display.scatter_}) == 20


def test_more_dimensions_than_are_drawn_are_said():
    codes = RNG.normal(size=(10, 5))
    ax = plt.subplots()[1]
    display = LatentSpaceDisplay.from_predictions(codes, ax=ax, s=3)
    assert display.ax_ is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("code 0, 1 of 5", "code 1, 2 of 5")
    assert_array_equal(display.scatter_[0].get_offsets(), codes[:, :2])
    assert display.scatter_[0].get_sizes() == 3


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"1 column.*n_components=2"):
        LatentSpaceDisplay.from_predictions(CODES[:, :1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LatentSpaceDisplay.from_predictions(CODES, np.arange(3))
    with pytest.raises(ValueError, match="3 names, but codes have 2 columns"):
        LatentSpaceDisplay.from_predictions(CODES, names=list("abc"))
    with pytest.raises(TypeError, match="needs transform, which GaussianMixture"):
        LatentSpaceDisplay.from_estimator(GaussianMixture().fit(CODES), CODES)
