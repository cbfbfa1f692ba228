"""InterpolationDisplay: decoded codes of lines and arcs, blends below."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from skgen import GAN, ProbabilisticPCA
from skgen.inspection import InterpolationDisplay
from skgen.kernels.paths import arcs, lines

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 6))
MODEL = ProbabilisticPCA(3).fit(X)
SHAPE = {"image_shape": (2, 3)}


def decoded(path, start, end, n_steps):
    codes = path(MODEL.transform(start), MODEL.transform(end), n_steps)
    return np.stack([MODEL.inverse_transform(codes[:, i]) for i in range(len(start))])


def test_a_normal_prior_takes_arcs():
    display = InterpolationDisplay.from_estimator(MODEL, X[:2], X[2:4], n_steps=5, **SHAPE)
    expected = decoded(arcs, X[:2], X[2:4], 5)
    assert_allclose(display.images, expected)
    shown = display.im_.get_array().filled(np.nan)
    assert shown.shape == (5, 19)
    for pair in range(2):
        for step in range(5):
            found = shown[3 * pair : 3 * pair + 2, 4 * step : 4 * step + 3]
            assert_allclose(found, expected[pair, step].reshape(2, 3))
    assert display.blends is None
    assert display.figure_ is display.ax_.figure


def test_lines_where_they_are_asked_for_or_the_prior_is_not_normal():
    display = InterpolationDisplay.from_estimator(MODEL, X[:2], X[2:4], path="linear", **SHAPE)
    assert_allclose(display.images, decoded(lines, X[:2], X[2:4], 9))
    pca = PCA(3).fit(X)
    middle = InterpolationDisplay.from_estimator(pca, X[:1], X[1:2], n_steps=3, **SHAPE).images[
        0, 1
    ]
    assert_allclose(middle, pca.inverse_transform(pca.transform(X[:2]).mean(0)[None])[0])


def test_blends_of_the_rows_themselves_lie_below():
    display = InterpolationDisplay.from_estimator(
        MODEL, X[:2], X[2:4], n_steps=3, blend=True, **SHAPE
    )
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["codes", "blend", "codes", "blend"]
    shown = display.im_.get_array().filled(np.nan)
    assert_allclose(shown[3:5, :3], X[0].reshape(2, 3))
    assert_allclose(shown[3:5, 4:7], (X[0] + X[2]).reshape(2, 3) / 2)
    assert_allclose(shown[9:11, 8:11], X[3].reshape(2, 3))


def test_codes_of_the_prior():
    start, end = RNG.normal(size=(2, 2, 3))
    display = InterpolationDisplay.from_codes(
        MODEL, start, end, n_steps=3, blend=True, cmap="Blues", **SHAPE
    )
    ends = MODEL.inverse_transform(start), MODEL.inverse_transform(end)
    assert_allclose(display.images[:, 0], ends[0])
    assert_allclose(display.images[:, 1], MODEL.inverse_transform(arcs(start, end, 3)[1]))
    assert_allclose(display.blends[:, 1], (ends[0] + ends[1]) / 2)
    assert display.im_.get_cmap().name == "Blues"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_gan_is_inverted():
    gan = GAN(2, hidden_layer_sizes=(4,), max_iter=2, calibration=0, random_state=0)
    gan.fit(X)
    display = InterpolationDisplay.from_estimator(gan, X[:2], X[2:4], n_steps=2, **SHAPE)
    assert_allclose(display.images[:, 1], gan.generate(gan.invert(X[2:4])), rtol=1e-4, atol=1e-5)


def test_errors_say_what_to_do():
    with pytest.raises(TypeError, match="needs inverse_transform and transform, which Gaussian"):
        InterpolationDisplay.from_estimator(GaussianMixture().fit(X), X[:1], X[1:2], **SHAPE)
    with pytest.raises(ValueError, match=r"path='arc' is none of \['auto', 'linear', 'sph"):
        InterpolationDisplay.from_estimator(MODEL, X[:1], X[1:2], path="arc", **SHAPE)
    with pytest.raises(ValueError, match=r"start has the shape \(1, 3\), but end has \(2, 3\)"):
        InterpolationDisplay.from_estimator(MODEL, X[:1], X[1:3], **SHAPE)
    with pytest.raises(ValueError, match=r"images has the shape .* but blends has"):
        InterpolationDisplay.from_predictions(np.zeros((1, 3, 6)), np.zeros((1, 2, 6)), **SHAPE)
    with pytest.raises(ValueError, match="has 4 pixels, but a row has 6 columns"):
        InterpolationDisplay.from_predictions(np.zeros((1, 3, 6)), image_shape=(2, 2))
