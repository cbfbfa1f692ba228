"""ReconstructionDisplay: originals above reconstructions, on one scale."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.mixture import GaussianMixture

from skgen import ProbabilisticPCA
from skgen.inspection import ReconstructionDisplay

X = np.random.default_rng(0).normal(size=(20, 6))


def names(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def test_originals_above_reconstructions():
    model = ProbabilisticPCA(2).fit(X)
    display = ReconstructionDisplay.from_estimator(model, X, image_shape=(2, 3), n_images=4)
    shown = display.im_.get_array().filled(np.nan)
    assert shown.shape == (5, 15)
    again = model.inverse_transform(model.transform(X))
    for i in range(4):
        columns = slice(4 * i, 4 * i + 3)
        assert_allclose(shown[:2, columns], X[i].reshape(2, 3))
        assert_allclose(shown[3:, columns], again[i].reshape(2, 3))
    assert display.im_.get_clim() == (X[:4].min(), X[:4].max())
    assert dict(zip(names(display), display.ax_.get_yticks())) == {
        "originals": 0.5,
        "reconstructions": 3.5,
    }
    assert display.figure_ is display.ax_.figure


def test_several_models_have_a_line_each():
    models = {f"{k} numbers": ProbabilisticPCA(k).fit(X) for k in (1, 3)}
    display = ReconstructionDisplay.from_estimators(models, X, image_shape=(2, 3), n_images=4)
    assert names(display) == ["originals", *models]
    shown = display.im_.get_array().filled(np.nan)
    assert shown.shape == (8, 15)
    again = models["3 numbers"].inverse_transform(models["3 numbers"].transform(X))
    assert_allclose(shown[6:, :3], again[0].reshape(2, 3))
    assert_allclose(display.reconstructions["1 numbers"].shape, (4, 6))


def test_names_are_within_the_figure():
    wide = {"a name that needs some room": X[:2]}
    display = ReconstructionDisplay.from_predictions(X[:2], wide, image_shape=(2, 3))
    display.figure_.canvas.draw()
    for label in display.ax_.get_yticklabels():
        assert label.get_window_extent().x0 >= 0


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"X has the shape \(20, 6\), but reconstructions has"):
        ReconstructionDisplay.from_predictions(X, X[:3], image_shape=(2, 3))
    with pytest.raises(ValueError, match="has 4 pixels, but a row has 6 columns"):
        ReconstructionDisplay.from_predictions(X, X, image_shape=(2, 2))
    mixture = GaussianMixture().fit(X)
    with pytest.raises(TypeError, match="needs transform and inverse_transform, which Gaussian"):
        ReconstructionDisplay.from_estimator(mixture, X, image_shape=(2, 3))
