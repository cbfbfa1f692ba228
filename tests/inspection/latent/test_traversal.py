"""TraversalDisplay: what is drawn is what codes are decoded to that move one at a time."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture

from skgen import GAN, Autoencoder, ProbabilisticPCA
from skgen.inspection import TraversalDisplay

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)) @ RNG.normal(size=(3, 6)) + 0.1 * RNG.normal(size=(60, 6)) + 5
MODEL = ProbabilisticPCA(3).fit(X)


def moved(model, center, number, values):
    codes = np.tile(center, (len(values), 1))
    codes[:, number] = values
    return model.inverse_transform(codes)


def test_images_are_decoded_from_moved_codes():
    display = TraversalDisplay.from_estimator(MODEL, image_shape=(2, 3), n_steps=5)
    shown = display.im_.get_array().filled(np.nan)
    assert shown.shape == (3 * 3 - 1, 5 * 4 - 1)
    values = np.linspace(-2.5, 2.5, 5)
    for number in range(3):
        rows = moved(MODEL, np.zeros(3), number, values)
        for step in range(5):
            found = shown[3 * number : 3 * number + 2, 4 * step : 4 * step + 3]
            assert_allclose(found, rows[step].reshape(2, 3))
    ax = display.axes_[0]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [f"probabilisticpca{i}" for i in range(3)]
    values = [label.get_text() for label in ax.get_xticklabels()]
    assert values == ["-2.5", "-1.2", "0", "1.2", "2.5"]
    assert ax.get_xticks().tolist() == [1, 5, 9, 13, 17]
    assert display.figure_ is display.axes_[0].figure


def test_the_codes_of_a_row_stay():
    display = TraversalDisplay.from_estimator(
        MODEL, row=X[7], components=["probabilisticpca2"], span=(-1, 3), n_steps=3
    )
    center = MODEL.transform(X[7:8])[0]
    assert_allclose(display.rows[0], moved(MODEL, center, 2, [-1, 1, 3]))
    frame = pd.DataFrame(X).iloc[[7]].set_axis(list("abcdef"), axis=1)
    named = ProbabilisticPCA(3).fit(pd.DataFrame(X, columns=list("abcdef")))
    other = TraversalDisplay.from_estimator(
        named, row=frame, components=[2], span=(-1, 3), n_steps=3
    )
    assert_allclose(other.rows, display.rows)
    assert other.feature_names == list("abcdef")


def test_a_prior_that_is_not_normal_leaves_the_range_to_rows():
    model = PCA(2).fit(X)
    display = TraversalDisplay.from_estimator(model, X, image_shape=(2, 3), n_steps=4)
    codes = model.transform(X)
    ends = np.quantile(codes, [0.01, 0.99], axis=0)
    assert_allclose(display.values[:, [0, -1]], ends.T)
    assert_allclose(display.rows[1], moved(model, np.median(codes, 0), 1, display.values[1]))
    # Values differ from line to line, so none stands above the images.
    assert not display.axes_[0].get_xticklabels()
    with pytest.raises(ValueError, match="codes of PCA have no standard normal prior.*give X"):
        TraversalDisplay.from_estimator(model)


def test_columns_of_a_table_in_their_standard_deviations():
    frame = pd.DataFrame(X * [1, 10, 100, 1, 1, 1e-3], columns=list("abcdef"))
    model = ProbabilisticPCA(2).fit(frame)
    display = TraversalDisplay.from_estimator(model, frame, features=["c", 5], n_steps=3)
    assert [ax.get_xlabel() for ax in display.axes_] == ["probabilisticpca0", "probabilisticpca1"]
    for number, ax in enumerate(display.axes_):
        rows = moved(model, np.zeros(2), number, [-2.5, 0, 2.5])
        rows = (rows - frame.mean().to_numpy()) / frame.std(ddof=0).to_numpy()
        assert [line.get_label() for line in ax.lines] == ["c", "f"]
        for line, column in zip(ax.lines, (2, 5)):
            assert_allclose(line.get_xydata(), np.column_stack([[-2.5, 0, 2.5], rows[:, column]]))
    assert display.axes_[0].get_ylim() == display.axes_[1].get_ylim()
    legend = display.axes_[-1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["c", "f"]
    assert display.im_ is None


def test_the_columns_that_move_most_are_drawn():
    rows = np.zeros((2, 3, 10))
    rows[1, 2] = np.arange(10)
    reference = RNG.normal(size=(50, 10))
    display = TraversalDisplay.from_predictions(rows, np.zeros((2, 3)), reference=reference)
    widths = np.arange(10) / reference.std(axis=0)
    assert display.features == sorted(np.argsort(widths)[-6:].tolist())
    assert [ax.get_xlabel() for ax in display.axes_] == ["code 0", "code 1"]


def test_a_constant_column_does_not_divide_by_zero():
    rows = np.ones((1, 4, 2)) * np.arange(4)[:, None] * [0, 1]
    display = TraversalDisplay.from_predictions(rows, [[0, 1, 2, 3]], features=[0, 1])
    still, moving = (line.get_ydata() for line in display.axes_[0].lines)
    assert_allclose(still, 0)
    assert_allclose(moving, (np.arange(4) - 1.5) / np.std(np.arange(4)))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_gan_and_an_autoencoder():
    gan = GAN(2, hidden_layer_sizes=(4,), max_iter=2, calibration=0, random_state=0)
    gan.fit(X)
    display = TraversalDisplay.from_estimator(gan, n_steps=3)
    assert_allclose(display.rows[1], gan.generate([[0, -2.5], [0, 0], [0, 2.5]]), rtol=1e-5)
    assert display.component_names == ["code 0", "code 1"]
    coder = Autoencoder(2, max_iter=2, random_state=0).fit(X)
    assert TraversalDisplay.from_estimator(coder, X).rows.shape == (2, 11, 6)


def test_errors_say_what_to_do():
    with pytest.raises(NotFittedError):
        TraversalDisplay.from_estimator(ProbabilisticPCA(2))
    with pytest.raises(TypeError, match="needs inverse_transform, which GaussianMixture"):
        TraversalDisplay.from_estimator(GaussianMixture().fit(X))
    with pytest.raises(ValueError, match=r"components has \[3\]"):
        TraversalDisplay.from_estimator(MODEL, components=[0, 3])
    with pytest.raises(ValueError, match=r"features has \['z'\]"):
        TraversalDisplay.from_estimator(MODEL, features=["z"])
    with pytest.raises(ValueError, match=r"span=\(1, 1\) does not rise"):
        TraversalDisplay.from_estimator(MODEL, span=(1, 1))
    with pytest.raises(ValueError, match="row has 60 rows; give one"):
        TraversalDisplay.from_estimator(MODEL, row=X)
    with pytest.raises(ValueError, match="has 4 pixels, but a row has 6 columns"):
        TraversalDisplay.from_estimator(MODEL, image_shape=(2, 2))
    with pytest.raises(ValueError, match=r"rows has the shape \(2, 3\) and values \(2, 3\)"):
        TraversalDisplay.from_predictions(np.zeros((2, 3)), np.zeros((2, 3)))


def test_directions_move_all_codes():
    direction = MODEL.latent_direction(X[:20], X[20:])
    display = TraversalDisplay.from_estimator(
        MODEL, row=X[3], directions={"more": direction}, n_steps=3, image_shape=(2, 3)
    )
    codes = MODEL.transform(X[3:4]) + np.array([[0.0], [0.5], [1.0]]) * direction
    assert_allclose(display.rows[0], MODEL.inverse_transform(codes))
    assert display.component_names == ["more"]
    assert_allclose(display.values, [[0, 0.5, 1]])
    twice = TraversalDisplay.from_estimator(MODEL, directions={"more": direction}, span=(-1, 2))
    assert_allclose(twice.values[0, [0, -1]], [-1, 2])
    with pytest.raises(ValueError, match=r"directions\['more'\] has the shape \(2,\), but there"):
        TraversalDisplay.from_estimator(MODEL, directions={"more": direction[:2]})
    with pytest.raises(ValueError, match="components and directions are both given"):
        TraversalDisplay.from_estimator(MODEL, components=[0], directions={"more": direction})
