"""ImputationDisplay: holes, means and the spread of draws, where they belong."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.mixture import GaussianMixture

from skgen import ProbabilisticPCA
from skgen.inspection import ImputationDisplay

RNG = np.random.default_rng(0)
FULL = RNG.normal(size=(40, 2)) @ RNG.normal(size=(2, 6)) + 0.3 * RNG.normal(size=(40, 6))
X = FULL.copy()
X[::4, 1] = X[::5, 4] = np.nan
DRAWS = RNG.normal(size=(50, 40, 6)) + FULL


def names(display):
    """Names beside the lines of images."""
    shown = [ax for ax in display.axes_ if ax.axison]
    return [label.get_text() for ax in shown for label in ax.get_yticklabels()]


def test_columns_with_holes_have_bars_and_means():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = ProbabilisticPCA(2, random_state=0).fit(frame)
    display = ImputationDisplay.from_estimator(model, frame, n_draws=30, random_state=1)
    assert [ax.get_ylabel() for ax in display.axes_] == ["b", "e"]
    draws = np.stack(model.sample_conditional(frame, 30, random_state=1))
    filled = np.asarray(model.impute(frame))
    for ax, j in zip(display.axes_, (1, 4)):
        rows = np.flatnonzero(np.isnan(X[:, j]))
        mean = next(line for line in ax.lines if line.get_label() == "mean")
        assert_allclose(mean.get_xydata(), np.column_stack([rows, filled[rows, j]]))
        bars = np.array(ax.containers[0].lines[2][0].get_segments())
        assert_allclose(bars[:, 0, 0], rows)
        assert_allclose(bars[..., 1].T, np.quantile(draws[:, rows, j], [0.05, 0.95], axis=0))
        band = next(p for p in ax.patches if p.get_label() == "known values")
        known = np.quantile(X[~np.isnan(X[:, j]), j], [0.05, 0.95])
        assert_allclose([band.get_y(), band.get_y() + band.get_height()], known)
        assert ax.get_xlim() == (-0.5, 39.5)
    assert display.axes_[-1].get_xlabel() == "row"
    texts = {text.get_text() for text in display.axes_[0].get_legend().get_texts()}
    assert texts == {"known values", "draws", "mean"}


def test_the_columns_with_the_most_holes_are_drawn():
    holes = FULL.copy()
    for j in range(6):
        holes[: j + 1, j] = np.nan
    display = ImputationDisplay.from_predictions(holes, FULL, DRAWS)
    assert [ax.get_ylabel() for ax in display.axes_] == ["x2", "x3", "x4", "x5"]


def test_a_column_without_a_value_has_no_band():
    holes = FULL.copy()
    holes[:, 0] = np.nan
    (ax,) = ImputationDisplay.from_predictions(holes, FULL, DRAWS).axes_
    assert not ax.patches


def test_images_have_holes_means_and_spread():
    display = ImputationDisplay.from_predictions(X, FULL, DRAWS, image_shape=(2, 3))
    assert names(display) == ["with holes", "means", "sd of draws"]
    for ax, rows in zip(display.axes_, (X, FULL, DRAWS.std(axis=0))):
        shown = ax.images[0].get_array().filled(np.nan)
        assert_array_equal(shown[:, 4:7], rows[1].reshape(2, 3))
    seen, means = (ax.images[0] for ax in display.axes_[:2])
    assert seen.get_clim() == means.get_clim() == (np.nanmin(X), np.nanmax(X))
    marks = display.axes_[0].images[1]
    # The first row lacks pixels 1 and 4; the gap beside it is no hole.
    assert_array_equal(marks.get_array().mask[:, :4], [[1, 0, 1, 1], [1, 0, 1, 1]])
    assert_allclose(marks.cmap(marks.norm(1.0)), to_rgba("tab:orange"))
    assert display.figure_ is display.axes_[0].figure


def test_draws_and_truth_have_lines():
    display = ImputationDisplay.from_predictions(
        X, FULL, DRAWS, truth=FULL + 1, image_shape=(2, 3), n_shown=2, cmap="gray_r"
    )
    expected = {
        "with holes": X,
        "means": FULL,
        "draw 1": DRAWS[0],
        "draw 2": DRAWS[1],
        "sd of draws": DRAWS.std(axis=0),
        "truth": FULL + 1,
    }
    assert names(display) == list(expected)
    for ax, rows in zip(display.axes_, expected.values()):
        assert_array_equal(ax.images[0].get_array().filled(np.nan)[:, :3], rows[0].reshape(2, 3))
    maps = [ax.images[0].get_cmap().name for ax in display.axes_]
    assert maps == ["gray_r"] * 4 + ["viridis", "gray_r"]


def test_the_truth_of_a_table_is_a_cross():
    model = ProbabilisticPCA(2, random_state=0).fit(X)
    display = ImputationDisplay.from_estimator(model, X, truth=FULL, n_draws=5)
    for ax, j in zip(display.axes_, (1, 4)):
        crosses = next(c for c in ax.collections if c.get_label() == "truth")
        rows = np.flatnonzero(np.isnan(X[:, j]))
        assert_allclose(crosses.get_offsets(), np.column_stack([rows, FULL[rows, j]]))
    assert "truth" in {text.get_text() for text in display.axes_[0].get_legend().get_texts()}


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match="no hole to show"):
        ImputationDisplay.from_predictions(FULL, FULL, DRAWS)
    with pytest.raises(ValueError, match="but imputed has"):
        ImputationDisplay.from_predictions(X, FULL[:3], DRAWS)
    with pytest.raises(ValueError, match="but each draw has"):
        ImputationDisplay.from_predictions(X, FULL, DRAWS[:, :3])
    with pytest.raises(ValueError, match="but truth has"):
        ImputationDisplay.from_predictions(X, FULL, DRAWS, truth=FULL[:3])
    with pytest.raises(ValueError, match="gray images"):
        ImputationDisplay.from_predictions(X, FULL, DRAWS, image_shape=(3, 1, 2))
    with pytest.raises(TypeError, match="needs impute and sample_conditional, which Gaussian"):
        ImputationDisplay.from_estimator(GaussianMixture().fit(FULL), X)
