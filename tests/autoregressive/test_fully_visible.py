"""The fully visible belief network against truth, and on tables as they are."""

import copy
import itertools

import numpy as np
import pandas as pd
import pytest

from skgen import FactorAnalysis, FullyVisibleBeliefNetwork
from skgen.exceptions import DataRangeWarning

SMALL = {"hidden_layer_sizes": (32,), "random_state": 0}


def linear_gaussian(n, rng):
    """Rows, mean and covariance of a Gaussian with two factors."""
    W = np.random.default_rng(5).standard_normal((2, 6))
    mean, psi = np.arange(6.0), np.linspace(0.2, 0.7, 6)
    X = mean + rng.standard_normal((n, 2)) @ W + np.sqrt(psi) * rng.standard_normal((n, 6))
    return X, mean, W.T @ W + np.diag(psi)


def mixed_table(n, seed=0):
    """Three categorical and two grid columns and a real one that depend on each other."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    return pd.DataFrame(
        {
            "color": np.array(["blue", "green", "red"])[kind],
            "count": rng.poisson(1 + 2 * kind),
            "rating": rng.integers(1, 6, n) / 2,
            "length": rng.normal(kind, 0.5),
            "size": pd.Categorical(np.where(rng.random(n) < 0.2 + 0.3 * kind, "big", "small")),
            "ripe": kind == 2,
        }
    )


@pytest.fixture(scope="module")
def mixed():
    return FullyVisibleBeliefNetwork(max_iter=100, learning_rate=8e-3, **SMALL).fit(
        mixed_table(900)
    )


def test_probabilities_of_all_bits_sum_to_one():
    rng = np.random.default_rng(0)
    bits = (rng.random((300, 10)) < 0.3).astype(float)
    bits[:, 1], bits[:, 5] = bits[:, 0], bits[:, 2] + bits[:, 3] > 1
    model = FullyVisibleBeliefNetwork(max_iter=15, **SMALL).fit(bits)
    states = np.array(list(itertools.product([0.0, 1.0], repeat=10)))
    assert model.measure_ == "counting"
    assert np.exp(model.score_samples(states)).sum() == pytest.approx(1, abs=1e-9)
    # What was planted is learned: of a pair of equal bits only two states are likely.
    pairs = model.conditional(np.full((1, 10), np.nan), 0).probabilities
    assert pairs[0, 1] == pytest.approx(bits[:, 0].mean(), abs=0.05)


def test_probabilities_of_all_cells_sum_to_one():
    table = mixed_table(500).drop(columns="length")
    model = FullyVisibleBeliefNetwork(max_iter=10, **SMALL).fit(table)
    values = (
        ["blue", "green", "red"],
        range(60),
        np.arange(1, 6) / 2,
        ["big", "small"],
        [False, True],
    )
    cells = pd.DataFrame(itertools.product(*values), columns=table.columns)
    assert model.column_kinds_ == ["categorical", "grid", "grid", "categorical", "categorical"]
    assert np.exp(model.score_samples(cells)).sum() == pytest.approx(1, abs=1e-6)


def test_a_density_integrates_to_one():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.gamma(2, 1, 300), rng.standard_t(3, 300)])
    model = FullyVisibleBeliefNetwork(max_iter=10, n_orders=2, **SMALL).fit(X)
    x, y = np.linspace(-20, 40, 300), np.linspace(-60, 60, 400)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)
    total = np.exp(model.score_samples(grid)).sum() * (x[1] - x[0]) * (y[1] - y[0])
    assert total == pytest.approx(1, abs=0.01)
    assert model.measure_ == "lebesgue"


def test_a_linear_gaussian_table_is_learned():
    rng = np.random.default_rng(0)
    X, mean, C = linear_gaussian(2000, rng)
    test, *_ = linear_gaussian(2000, rng)
    model = FullyVisibleBeliefNetwork(max_iter=60, **SMALL).fit(X)
    entropy = 0.5 * np.linalg.slogdet(2 * np.pi * np.e * C)[1]
    assert model.score(test) == pytest.approx(-entropy, abs=0.1)
    holes = np.random.default_rng(1).random(test.shape) < 0.4
    filled = model.impute(np.where(holes, np.nan, test))
    error = []
    for row, missing, found in zip(test, holes, filled):
        gain = C[np.ix_(missing, ~missing)] @ np.linalg.inv(C[np.ix_(~missing, ~missing)])
        error.extend(found[missing] - mean[missing] - gain @ (row - mean)[~missing])
    # Of the spread of the data.
    assert np.sqrt(np.mean(np.square(error))) < 0.05 * np.sqrt(np.diag(C).mean())
    # What the verbs use is the average of the weights, which is nearer to the truth than the last.
    last = copy.deepcopy(model)
    last.module_.averaged_net.load_state_dict(last.module_.net.state_dict())
    assert last.score(test) < model.score(test)


def test_draws_have_the_entropy_of_their_density(mixed):
    first, second = (mixed.score_samples(mixed.sample(2000, random_state=s)) for s in (1, 2))
    error = np.sqrt((first.var() + second.var()) / 2000)
    assert abs(first.mean() - second.mean()) < 4 * error
    # On held-out rows no model scores higher than on its own draws but by chance.
    held_out = mixed.score(mixed_table(1000, seed=9))
    assert held_out == pytest.approx(first.mean(), abs=0.4)


def test_draws_look_like_the_table(mixed):
    table, draws = mixed_table(900), mixed.sample(3000, random_state=0)
    assert list(draws.dtypes) == list(table.dtypes)
    assert set(draws["color"]) == {"blue", "green", "red"}
    assert set(draws["rating"]) == {0.5, 1.0, 1.5, 2.0, 2.5}
    assert draws["count"].min() == 0
    by_color, expected = draws.groupby("color"), table.groupby("color")
    np.testing.assert_allclose(by_color["length"].mean(), expected["length"].mean(), atol=0.12)
    np.testing.assert_allclose(by_color["count"].mean(), expected["count"].mean(), rtol=0.15)
    assert (draws["ripe"] == (draws["color"] == "red")).mean() > 0.97


def test_conditionals_agree_with_joint_probabilities():
    rng = np.random.default_rng(0)
    bits = (rng.random((400, 3)) < 0.5).astype(float)
    bits[:, 2] = np.where(rng.random(400) < 0.8, bits[:, 0], 1 - bits[:, 0])
    model = FullyVisibleBeliefNetwork(max_iter=60, **SMALL).fit(bits)
    rows = np.array(list(itertools.product([0.0, 1.0], repeat=2)))
    joint = [model.score_samples(np.column_stack([rows, np.full(4, v)])) for v in (0.0, 1.0)]
    brute = np.exp(joint[1]) / (np.exp(joint[0]) + np.exp(joint[1]))
    asked = np.column_stack([rows, np.full(4, np.nan)])
    # One network is near to one joint distribution, not exactly one.
    np.testing.assert_allclose(model.conditional(asked, 2).probabilities[:, 1], brute, atol=0.05)
    np.testing.assert_allclose(model.impute(asked)[:, 2], brute, atol=0.05)


def test_holes_in_training_cost_little():
    rng = np.random.default_rng(0)
    X, *_ = linear_gaussian(800, rng)
    test, *_ = linear_gaussian(1000, rng)
    holes = np.where(rng.random(X.shape) < 0.2, np.nan, X)
    whole, incomplete = (
        FullyVisibleBeliefNetwork(max_iter=60, **SMALL).fit(Y).score(test) for Y in (X, holes)
    )
    assert incomplete == pytest.approx(whole, abs=0.15)


def test_few_rows_are_no_worse_than_factor_analysis():
    gains = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        X, *_ = linear_gaussian(100, rng)
        test, *_ = linear_gaussian(1000, rng)
        model = FullyVisibleBeliefNetwork(random_state=seed).fit(X)
        gains.append(model.score(test) - FactorAnalysis("auto").fit(X).score(test))
    assert np.mean(gains) > -0.25


def test_a_conditional_of_a_number(mixed):
    rows = mixed_table(300, seed=3)
    found = mixed.conditional(rows, "length")
    low, middle, high = found.quantile([0.05, 0.5, 0.95]).T
    inside = (low <= rows["length"]) & (rows["length"] <= high)
    assert inside.mean() == pytest.approx(0.9, abs=0.06)
    np.testing.assert_allclose(found.mean, middle, atol=0.3)
    draws = mixed.sample_conditional(rows.head(1).assign(length=np.nan), 2000, random_state=0)
    values = np.concatenate([draw["length"] for draw in draws])
    assert values.mean() == pytest.approx(found.mean[0], abs=0.1)
    assert np.quantile(values, 0.95) == pytest.approx(high[0], abs=0.2)


def test_a_conditional_of_counts_and_of_categories(mixed):
    rows = mixed_table(200, seed=4)
    counts = mixed.conditional(rows, "count")
    assert counts.kind == "grid"
    assert np.all(counts.quantile(0.5) == np.rint(counts.quantile(0.5)))
    colors = mixed.conditional(rows, 0)
    assert list(colors.classes) == ["blue", "green", "red"]
    np.testing.assert_allclose(colors.probabilities.sum(axis=1), 1)
    best = colors.classes[colors.probabilities.argmax(axis=1)]
    assert (best == rows["color"]).mean() > 0.9
    hidden = mixed.impute(rows.assign(color=None))
    assert (hidden["color"] == best).all()
    with pytest.raises(ValueError, match="no quantiles"):
        colors.quantile(0.5)
    with pytest.raises(ValueError, match="none of the 6 columns"):
        mixed.conditional(rows, "weight")


def test_observed_cells_are_kept(mixed):
    rows = mixed_table(50, seed=5)
    holes = rows.mask(np.random.default_rng(0).random(rows.shape) < 0.3)
    for filled in (mixed.impute(holes), *mixed.sample_conditional(holes, 2, random_state=0)):
        assert filled.notna().all(axis=None)
        for name, kept in holes.notna().items():
            assert (filled[name][kept] == rows[name][kept]).all()


def test_unknown_categories_are_refused_or_ignored(mixed):
    rows = mixed_table(5).assign(color="violet")
    with pytest.raises(ValueError, match="'violet'.*handle_unknown"):
        mixed.score_samples(rows)
    twin = FullyVisibleBeliefNetwork(max_iter=1, handle_unknown="ignore", **SMALL)
    twin.fit(mixed_table(100))
    unknown, missing = twin.score_samples(rows), twin.score_samples(rows.assign(color=None))
    np.testing.assert_array_equal(unknown, missing)


def test_values_off_the_grid_are_scored_as_the_nearest(mixed):
    rows = mixed_table(2)
    with pytest.warns(DataRangeWarning, match="off the grid.*grid_features"):
        scores = mixed.score_samples(rows.assign(rating=[1.0, 1.2]))
    np.testing.assert_array_equal(scores, mixed.score_samples(rows.assign(rating=[1.0, 1.0])))


def test_values_beyond_the_ends_have_probability_zero(mixed):
    with pytest.warns(DataRangeWarning, match="beyond the ends.*grid_features"):
        scores = mixed.score_samples(mixed_table(2).assign(rating=[1.0, -40.0]))
    assert np.isfinite(scores[0])
    assert scores[1] == -np.inf


@pytest.mark.parametrize("how", ["mask", "numbers", "names"])
def test_categorical_features_are_told(how):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(10, 13, 80), rng.standard_normal(80)])
    told = {"mask": [True, False], "numbers": [0], "names": ["a"]}[how]
    data = pd.DataFrame(X, columns=["a", "b"]) if how == "names" else X
    model = FullyVisibleBeliefNetwork(categorical_features=told, max_iter=2, **SMALL).fit(data)
    assert model.column_kinds_ == ["categorical", "continuous"]
    assert list(model.categories_[0]) == [10, 11, 12]
    assert set(np.asarray(model.sample(50))[:, 0]) <= {10, 11, 12}


@pytest.mark.parametrize(
    ("told", "says"), [([True], "mask of 1"), ([7], "numbers from 0 to 1"), (["c"], "names")]
)
def test_categorical_features_that_do_not_fit(told, says):
    model = FullyVisibleBeliefNetwork(categorical_features=told, **SMALL)
    with pytest.raises(ValueError, match=says):
        model.fit(np.random.default_rng(0).standard_normal((20, 2)))


def test_difficult_columns():
    rng = np.random.default_rng(0)
    heavy = rng.standard_cauchy(200)
    X = np.column_stack([heavy, heavy, np.full(200, 3.0), np.full(200, np.nan), rng.random(200)])
    model = FullyVisibleBeliefNetwork(max_iter=10, **SMALL).fit(X)
    assert np.isfinite(model.score_samples(X)).all()
    draws = model.sample(100, random_state=0)
    assert np.isfinite(draws).all()
    assert (draws[:, 2] == 3).mean() > 0.9
    far = X[:1].copy()
    far[0, 4] = 1e6
    # A far value costs nats in proportion to its distance at most.
    assert np.isfinite(model.score_samples(far)).all()


def test_objects_with_strings_come_and_go():
    rng = np.random.default_rng(0)
    X = np.array(
        [[f"k{v % 2}", float(v), None if v == 3 else "yes"] for v in range(60)], dtype=object
    )
    rng.shuffle(X)
    model = FullyVisibleBeliefNetwork(max_iter=2, **SMALL).fit(X)
    assert model.column_kinds_ == ["categorical", "grid", "categorical"]
    draws = model.sample(5, random_state=0)
    assert draws.dtype == object
    assert set(draws[:, 0]) <= {"k0", "k1"}
    assert set(model.impute(X)[:, 2]) == {"yes"}
    assert model.sample_conditional(X[:4], 3).shape == (3, 4, 3)


def test_draws_are_heaped_and_written_as_the_values_are():
    rng = np.random.default_rng(0)
    x = rng.normal(50, 12, 500)
    x = np.where(rng.random(500) < 0.2, np.round(x, 1), np.round(x))
    X = np.column_stack([x, np.round(x / 7 + rng.normal(0, 1, 500), 2)])
    model = FullyVisibleBeliefNetwork(max_iter=3, random_state=0).fit(X)
    assert model.column_kinds_ == ["grid", "grid"]
    draws = model.sample(2000, random_state=0)
    assert np.mean(draws[:, 0] == np.round(draws[:, 0])) == pytest.approx(
        np.mean(x == np.round(x)), abs=0.04
    )
    for column, decimals in enumerate((1, 2)):
        assert np.array_equal(draws[:, column], np.round(draws[:, column], decimals))
    # All values of one column, given the other: those on the coarse grid and the rest.
    grid = np.round(np.arange(-200, 400, 0.1), 1)
    rows = np.column_stack([grid, np.full(len(grid), np.nan)])
    assert np.exp(model.score_samples(rows)).sum() == pytest.approx(1.0, abs=1e-3)


def test_lists_of_rows_keep_the_types_of_their_values():
    rows = [[50, "a", True], [40, "b", False], [30, np.nan, True], [35, "a", np.nan]] * 5
    model = FullyVisibleBeliefNetwork(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
    from_list = model.fit(rows).score_samples(rows)
    assert model.categories_ == {1: ["a", "b"], 2: [False, True]}
    array = np.array(rows, dtype=object)
    np.testing.assert_array_equal(from_list, model.fit(array).score_samples(array))
    assert model.impute(rows[2:3])[0, 1] in ("a", "b")
