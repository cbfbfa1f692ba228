"""Tables with holes of every kind keep their values and their types."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.sparse import csr_array
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgen import (
    FactorAnalysis,
    FullyVisibleBeliefNetwork,
    GenerativeImputer,
    ProbabilisticPCA,
    make_generative_pipeline,
)


def truth(n=300):
    """A table of every type, whose columns tell of one another."""
    rng = np.random.default_rng(0)
    color = rng.choice(["blue", "red"], n, p=[0.3, 0.7])
    length = np.where(color == "red", 2.0, 8.0) + rng.normal(size=n)
    return pd.DataFrame({
        "color": color,
        "kind": pd.Categorical(np.where(length > 5, "u", "v"), categories=["v", "u"], ordered=True),
        "length": length,
        "count": pd.array(np.rint(10 * length), dtype="Int64"),
        "long": pd.array(length > 5, dtype="boolean"),
        "word": pd.array(color, dtype="string[python]"),
        "whole": np.arange(n),
    })  # fmt: skip


def punctured(table, seed=1):
    """The table with a fifth of its cells gone, but for the integers that cannot."""
    holes = np.random.default_rng(seed).random(table.shape) < 0.2
    holes[:, table.columns.get_loc("whole")] = False
    gaps = table.copy()
    for j, name in enumerate(table):
        gaps[name] = table[name].mask(holes[:, j])
    return gaps, holes


MODEL = make_generative_pipeline(
    make_column_transformer(
        (OneHotEncoder(), ["color", "kind", "word"]),
        (StandardScaler(), ["length", "count", "long", "whole"]),
    ),
    ProbabilisticPCA(4),
)
NETWORK = FullyVisibleBeliefNetwork(hidden_layer_sizes=(16,), n_orders=2, max_iter=30)
MODELS = {"encoded": MODEL, "as it is": NETWORK}
pytestmark = pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")


@pytest.fixture(scope="module", params=MODELS.values(), ids=MODELS)
def fitted(request):
    table = truth()
    gaps, holes = punctured(table)
    imputer = GenerativeImputer(request.param, random_state=0).set_output(transform="pandas")
    return imputer.fit(gaps), table, gaps, holes


def test_types_of_columns_are_kept(fitted):
    imputer, table, gaps, holes = fitted
    filled = imputer.transform(gaps)
    assert list(filled.dtypes) == list(table.dtypes)
    assert filled.notna().all(axis=None)
    assert_frame_equal(filled.mask(holes), table.mask(holes))


def test_categories_are_the_probable_ones(fitted):
    imputer, table, gaps, holes = fitted
    filled = imputer.transform(gaps)
    for name in ("color", "kind", "long", "word"):
        gone = holes[:, table.columns.get_loc(name)]
        assert (filled[name] == table[name])[gone].mean() > 0.9


def test_draws_are_rows_of_the_table(fitted):
    imputer, table, gaps, holes = fitted
    one, two = imputer.sample_conditional(gaps, 2, random_state=0)
    assert list(one.dtypes) == list(two.dtypes) == list(table.dtypes)
    assert set(one["color"]) == {"blue", "red"}
    assert not one.equals(two)
    assert_frame_equal(one.mask(holes), table.mask(holes))


def test_integers_beyond_the_digits_of_floats_are_kept():
    frame = pd.DataFrame({"id": 2**60 + np.arange(30), "x": np.arange(30.0), "y": np.nan})
    frame["maybe"] = frame["id"].astype("Int64")
    frame.loc[::4, ["x", "maybe"]] = None
    frame["y"] = frame["x"]
    imputer = GenerativeImputer(make_generative_pipeline(StandardScaler(), ProbabilisticPCA(1)))
    filled = imputer.set_output(transform="pandas").fit_transform(frame)
    assert_array_equal(filled["id"], frame["id"])
    assert filled["maybe"].dtype == "Int64"
    seen = frame["maybe"].notna()
    assert_array_equal(filled["maybe"][seen], frame["maybe"][seen])


def test_index_is_kept(fitted):
    imputer, table, gaps, _ = fitted
    later = gaps.set_index(pd.Index(range(1000, 1000 + len(gaps)), name="person"))
    assert imputer.transform(later).index.equals(later.index)


def test_arrays_of_strings(fitted):
    table, gaps, holes = fitted[1:]
    imputer = GenerativeImputer(
        make_generative_pipeline(
            make_column_transformer((OneHotEncoder(), [0]), (StandardScaler(), [1])),
            ProbabilisticPCA(1),
        ),
        random_state=0,
    )
    rows = gaps[["color", "length"]].to_numpy(dtype=object)
    rows[holes[:, 0], 0] = None
    filled = imputer.fit_transform(rows)
    assert set(filled[:, 0]) == {"blue", "red"}
    assert (filled[:, 0] == table["color"])[holes[:, 0]].mean() > 0.85
    lists = GenerativeImputer(imputer.estimator, random_state=0).fit_transform(rows.tolist())
    assert_array_equal(lists, filled)


NUMBERS = np.random.default_rng(0).normal(size=(40, 4)) @ np.diag([1.0, 2.0, 3.0, 4.0]) + 5
NUMBERS[::7, 1] = np.nan
NUMBERS[::5, 2] = np.nan
OBJECTS = NUMBERS.astype(object)
HOLES = {
    "none": np.where(np.isnan(NUMBERS), None, OBJECTS),
    "list": np.where(np.isnan(NUMBERS), None, OBJECTS).tolist(),
    "NA": np.where(np.isnan(NUMBERS), pd.NA, OBJECTS),
    "frame": pd.DataFrame(NUMBERS),
    "frame of objects": pd.DataFrame(np.where(np.isnan(NUMBERS), pd.NA, OBJECTS)),
    "nullable": pd.DataFrame(NUMBERS).astype("Float64"),
}


@pytest.mark.parametrize("X", HOLES.values(), ids=HOLES)
@pytest.mark.parametrize(
    "model", [FactorAnalysis(1), make_generative_pipeline(StandardScaler(), FactorAnalysis(1))]
)
def test_holes_of_every_kind(X, model):
    expected = GenerativeImputer(model).fit_transform(NUMBERS)
    filled = GenerativeImputer(model).fit_transform(X)
    assert filled.dtype == np.float64
    assert_allclose(filled, expected, rtol=1e-8)


def test_bools_without_a_value_are_numbers():
    frame = pd.DataFrame({"x": [True, False, None] * 10, "y": [1.0, 0.0, 1.0] * 10})
    filled = GenerativeImputer(FactorAnalysis(1)).fit_transform(frame)
    assert filled.dtype == np.float64
    assert filled[2, 0] > 0.9


def test_strings_of_digits_stay_strings():
    X = np.array([["1", "a"], ["2", "b"], [None, "b"]] * 5, dtype=object)
    model = make_generative_pipeline(OneHotEncoder(), ProbabilisticPCA(1))
    filled = GenerativeImputer(model, random_state=0).fit_transform(X)
    assert set(filled[:, 0]) == {"1", "2"}
    assert filled[2, 0] == "2"


def test_strings_are_refused_with_what_takes_them():
    with pytest.raises(ValueError, match="'a'\\nFactorAnalysis takes numbers alone. Put it behind"):
        GenerativeImputer(FactorAnalysis(1)).fit([["a", 1.0], ["b", None]] * 3)


def test_polars():
    pl = pytest.importorskip("polars")
    gaps, _ = punctured(truth())
    columns = {n: [None if v != v else v for v in gaps[n]] for n in ("color", "length")}
    columns["whole"] = np.arange(len(gaps))
    frame = pl.DataFrame(columns)
    steps = make_column_transformer((OneHotEncoder(), [0]), (StandardScaler(), [1, 2]))
    model = make_generative_pipeline(steps, ProbabilisticPCA(1))
    imputer = GenerativeImputer(model, random_state=0).set_output(transform="polars").fit(frame)
    filled = imputer.transform(frame)
    assert filled.schema == frame.schema
    assert filled.null_count().to_numpy().sum() == 0
    assert_array_equal(filled["whole"], frame["whole"])


def test_sparse_rows_are_refused():
    with pytest.raises(TypeError, match="Sparse data was passed"):
        GenerativeImputer(FactorAnalysis(1)).fit(csr_array(np.eye(5)))
