"""SamplesDisplay: draws over data, each column by its kind."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans

from skgen import FactorAnalysis, FullyVisibleBeliefNetwork, ProbabilisticPCA
from skgen.inspection import SamplesDisplay
from skgen.inspection.columns import N_BINS, SPREAD


def table(n=80, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "length": rng.normal(size=n),
            "legs": rng.integers(2, 9, n),
            "kind": np.array(["ant", "bee", "cow"], dtype=object)[rng.integers(3, size=n)],
        }
    )


def ticks(ax):
    return [tick.get_text() for tick in ax.get_xticklabels()]


class TestTables:
    def test_pairs_have_data_below_draws(self):
        X = np.random.default_rng(0).normal(size=(60, 3))
        model = ProbabilisticPCA(1).fit(X)
        display = SamplesDisplay.from_estimator(model, X, random_state=0)
        assert display.axes_.shape == (3, 3)
        data, draws = display.axes_[2, 0].collections
        assert_allclose(data.get_offsets(), X[:, [0, 2]])
        assert_allclose(draws.get_offsets(), model.sample(60, random_state=0)[:, [0, 2]])
        assert [part.get_label() for part in (data, draws)] == ["data", "samples"]
        assert_allclose(data.get_facecolor()[0, :3], to_rgba("C0")[:3])
        assert_allclose(draws.get_facecolor()[0, :3], to_rgba("C1")[:3])
        assert not display.axes_[0, 2].axison
        assert [ax.get_xlabel() for ax in display.axes_[-1]] == ["x0", "x1", "x2"]
        assert [ax.get_ylabel() for ax in display.axes_[:, 0]] == ["fraction of rows", "x1", "x2"]
        legend = display.axes_[0, 0].get_legend()
        assert {text.get_text() for text in legend.get_texts()} == {"data", "samples"}

    def test_kinds_are_kept(self):
        X, draws = table(), table(500, seed=1)
        display = SamplesDisplay.from_predictions(draws, X)
        data = display.axes_[1, 1].patches
        # Whole numbers have a bin each, categories a bar each.
        centers = [p.get_x() + p.get_width() / 2 for p in data if hasattr(p, "get_x")]
        assert_allclose(centers, np.arange(2, 9))
        share = X["legs"].value_counts(normalize=True).sort_index()
        assert_allclose([p.get_height() for p in data if hasattr(p, "get_x")], share)
        kinds = display.axes_[2, 2]
        assert ticks(kinds) == ["ant", "bee", "cow"]
        share = X["kind"].value_counts(normalize=True).sort_index()
        assert_allclose([p.get_height() for p in kinds.patches if hasattr(p, "get_x")], share)
        outline = next(p for p in kinds.patches if not hasattr(p, "get_x"))
        share = draws["kind"].value_counts(normalize=True).sort_index()
        assert_allclose(np.unique(outline.get_xy()[:, 1]), np.unique([0, *share]))

    def test_points_that_coincide_are_spread_within_their_step(self):
        X = table()
        display = SamplesDisplay.from_predictions(X)
        length, legs = display.axes_[1, 0].collections[0].get_offsets().T
        assert_array_equal(length, X["length"])
        off = legs - X["legs"]
        assert np.abs(off).min() > 0
        assert np.abs(off).max() <= SPREAD
        kind = display.axes_[2, 0].collections[0].get_offsets()[:, 1]
        assert_array_equal(np.round(kind), X["kind"].map({"ant": 0, "bee": 1, "cow": 2}))

    def test_real_draws_of_whole_numbers_are_rounded(self):
        X, draws = np.array([[1], [2], [3]]), np.array([[1.6], [2.4], [4.8], [5.2]])
        display = SamplesDisplay.from_predictions(draws, X)
        outline = display.axes_[0, 0].patches[-1].get_xy()
        top = {x: y for x, y in outline[1:-1] if y > 0}
        assert top == {1.5: 0.5, 2.5: 0.5, 4.5: 0.5, 5.5: 0.5}

    def test_many_whole_numbers_share_bins(self):
        X = np.arange(1000).reshape(-1, 1) * 7
        patches = SamplesDisplay.from_predictions(X).axes_[0, 0].patches
        edges = np.unique(patches[0].get_xy()[:, 0])
        assert len(edges) <= N_BINS + 2
        assert_allclose(np.diff(edges), np.ceil(999 * 7 / N_BINS))

    def test_values_that_are_missing_are_not_drawn(self):
        X = table()
        X.loc[:9, "kind"], X.loc[:4, "length"] = None, np.nan
        display = SamplesDisplay.from_predictions(X)
        assert ticks(display.axes_[2, 2]) == [
            "ant",
            "bee",
            "cow",
        ]
        assert display.axes_[2, 2].patches[0].get_xy()[:, 1].max() <= 1

    def test_types_of_pandas_that_know_what_is_missing(self):
        X = pd.DataFrame(
            {
                "legs": pd.array([2, 4, None, 4], dtype="Int64"),
                "kind": pd.array(["ant", None, "bee", "ant"], dtype="string"),
                "old": pd.array([True, False, None, True], dtype="boolean"),
            }
        )
        display = SamplesDisplay.from_predictions(X)
        heights = [display.axes_[i, i].patches[0].get_xy()[:, 1].max() for i in range(3)]
        assert_allclose(heights, 2 / 3)
        assert ticks(display.axes_[1, 1]) == ["ant", "bee"]
        assert ticks(display.axes_[2, 2]) == ["False", "True"]

    def test_columns_are_chosen_by_name_or_number(self):
        X = np.random.default_rng(0).normal(size=(50, 7))
        names = list("abcdefg")
        model = ProbabilisticPCA(1).fit(pd.DataFrame(X, columns=names))
        assert SamplesDisplay.from_estimator(model).features == [0, 1, 2, 3, 4]
        display = SamplesDisplay.from_estimator(model, features=["g", 1])
        assert [ax.get_xlabel() for ax in display.axes_[-1]] == ["g", "b"]
        with pytest.raises(ValueError, match="'z'"):
            SamplesDisplay.from_estimator(model, features=["z"])

    def test_a_model_of_the_table_as_it_is(self):
        X = table()
        model = FullyVisibleBeliefNetwork(max_iter=3, random_state=0).fit(X)
        display = SamplesDisplay.from_estimator(model, X, n_samples=30, random_state=0)
        assert len(display.samples) == 30
        assert ticks(display.axes_[2, 2]) == [
            "ant",
            "bee",
            "cow",
        ]


class TestImages:
    def test_data_left_and_draws_right(self):
        X = np.random.default_rng(0).normal(size=(40, 6))
        model = FactorAnalysis(1).fit(X)
        display = SamplesDisplay.from_estimator(
            model, X, n_samples=9, image_shape=(2, 3), random_state=0
        )
        assert display.axes_.shape == (1, 2)
        assert [ax.get_title() for ax in display.axes_[0]] == ["data", "samples"]
        data, draws = (ax.images[0] for ax in display.axes_[0])
        assert data.get_array().shape == draws.get_array().shape == (3 * 3 - 1, 3 * 4 - 1)
        assert_array_equal(data.get_array()[:2, :3], X[0].reshape(2, 3))
        first = model.sample(9, random_state=0)[0]
        assert_array_equal(draws.get_array()[:2, :3], first.reshape(2, 3))
        assert data.get_clim() == draws.get_clim() == (X[:9].min(), X[:9].max())

    def test_alone(self):
        display = SamplesDisplay.from_predictions(np.eye(4), image_shape=(2, 2), cmap="Blues")
        assert display.axes_.shape == (1, 1)
        assert display.axes_[0, 0].images[0].get_cmap().name == "Blues"


def test_axes_that_are_given_are_divided():
    figure, axes = plt.subplots(1, 2)
    display = SamplesDisplay.from_predictions(table(), ax=axes[1])
    assert display.figure_ is figure
    assert not axes[1].axison
    assert len(figure.axes) == 2 + 9
    with pytest.raises(ValueError, match=r"divides the axes into 3 x 3.*leave ax out"):
        display.plot(ax=figure.add_axes([0, 0, 1, 1]))


def test_errors_say_what_to_do():
    X = np.random.default_rng(0).normal(size=(20, 4))
    with pytest.raises(TypeError, match="needs sample, which KMeans"):
        SamplesDisplay.from_estimator(KMeans(2, n_init=1).fit(X))
    with pytest.raises(ValueError, match="samples have 3 columns, but the data have 4"):
        SamplesDisplay.from_predictions(X[:, :3], X)
    with pytest.raises(ValueError, match="has 6 pixels, but a row has 4 columns"):
        SamplesDisplay.from_predictions(X, image_shape=(2, 3))
    with pytest.raises(ValueError, match=r"shape \(20,\)"):
        SamplesDisplay.from_predictions(X[:, 0])
