"""Rows of data come as set_output asks, with the names and types of the training data."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from skgen import BernoulliRBM, ProbabilisticPCA, make_generative_pipeline
from skgen.base.results.container import in_container
from tests.instances import having, label

VERBS = ("sample", "impute", "sample_conditional", "inverse_transform")


def frame(n=40):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(n, 2)) + [0, 3]
    return pd.DataFrame(
        {"real": numbers[:, 0], "count": (numbers.sum(axis=1) > 3) * 1, "yes": numbers[:, 1] > 3}
    ).astype({"count": np.int8})


def with_holes(X):
    holes = X.astype(float).set_index(np.arange(100, 100 + len(X)))
    holes.iloc[::3, 1] = np.nan
    holes.iloc[1::3, 2] = np.nan
    return holes


def results(model, X):
    """What each verb that the model has gives, as a list of frames or arrays."""
    holes = with_holes(X)
    calls = {
        "sample": lambda: [model.sample(5, random_state=0)],
        "impute": lambda: [model.impute(holes)],
        "sample_conditional": lambda: list(model.sample_conditional(holes, 2, random_state=0)),
        "inverse_transform": lambda: [model.inverse_transform(model.transform(X))],
        "sample_class": lambda: [model.sample_class(1, 7, random_state=0)],
    }
    return {name: call() for name, call in calls.items() if hasattr(model, name)}


@pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", having("sample"), ids=label)
def test_every_verb_of_every_model_gives_frames_like_the_training_data(estimator):
    X, y = frame(), np.arange(40) % 2
    plain = clone(estimator).set_params(random_state=0) if "random_state" in (
        estimator.get_params()) else clone(estimator)  # fmt: skip
    framed = clone(plain)
    with config_context(transform_output="pandas"):
        found = results(framed.fit(X, y), X)
    expected = results(plain.fit(X, y), X)
    assert set(found) == set(expected)
    for name, parts in found.items():
        for part, array in zip(parts, expected[name]):
            if isinstance(array, pd.DataFrame):  # a model of frames gives them without being asked
                array = array.to_numpy(dtype=float)
            assert isinstance(array, np.ndarray), name
            assert isinstance(part, pd.DataFrame), name
            assert list(part.columns) == list(X.columns)
            assert list(part.dtypes) == list(X.dtypes)
            first = 100 if name in ("impute", "sample_conditional") else 0
            assert part.index[0] == first
            assert_allclose(part["real"], array[:, 0], atol=1e-6)
            assert_allclose(part["count"], np.rint(array[:, 1]), atol=1e-6)
            assert_array_equal(part["yes"], array[:, 2] >= 0.5)


def test_set_output_is_obeyed_cloned_and_switched_off():
    X = frame()
    model = clone(ProbabilisticPCA(1).set_output(transform="pandas")).fit(X)
    assert isinstance(model.sample(2), pd.DataFrame)
    assert isinstance(model.set_output(transform="default").sample(2), np.ndarray)
    pipeline = make_generative_pipeline(StandardScaler(), ProbabilisticPCA(1))
    pipeline = clone(pipeline.set_output(transform="pandas")).fit(X)
    assert list(pipeline.sample(2).dtypes) == list(X.dtypes)
    back = pipeline.inverse_transform(pipeline.transform(X))
    assert list(back.dtypes) == list(X.dtypes)
    assert isinstance(pipeline.set_output(transform="default").sample(2), np.ndarray)


def test_frames_of_arrays_have_numbered_columns_and_their_types():
    X = np.random.default_rng(0).integers(0, 2, (50, 3))
    model = BernoulliRBM(2, max_iter=3, random_state=0).set_output(transform="pandas")
    draws = model.fit(X.astype(bool)).sample(4)
    assert list(draws.columns) == ["x0", "x1", "x2"]
    assert list(draws.dtypes) == [np.dtype(bool)] * 3
    assert (model.fit(X).sample(4).dtypes == X.dtype).all()
    assert (model.fit(X.astype(np.float32)).sample(4).dtypes == np.float32).all()


def test_values_beyond_a_type_are_kept_within_it():
    model = ProbabilisticPCA(1).set_output(transform="pandas")
    rows = np.array([[-3.0, 300.0], [4.4, 250.6]])
    found = in_container(model, rows, [np.dtype(np.uint8)] * 2)
    assert_array_equal(found, [[0, 255], [4, 251]])
    holes = in_container(model, np.array([[np.nan, 1.0]]), [np.dtype(int)] * 2)
    assert list(holes.dtypes) == [np.float64, np.int64]


def test_types_of_pandas_itself_come_back():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.integers(0, 9, 30), "b": rng.random(30) > 0.5, "c": rng.random(30)})
    X = X.astype({"a": "Int64", "b": "boolean", "c": "Float64"})
    draws = ProbabilisticPCA(1).set_output(transform="pandas").fit(X).sample(3)
    assert list(draws.dtypes) == list(X.dtypes)


def test_categories_that_are_numbers_are_the_nearest_ones():
    rng = np.random.default_rng(0)
    sizes = rng.choice([36.0, 38.5, 42.0], 60)
    X = pd.DataFrame({"size": sizes, "length": sizes / 2 + rng.normal(size=60)})
    plain = ProbabilisticPCA(1).fit(X).sample(50, random_state=0)
    X = X.astype({"size": "category"})
    draws = ProbabilisticPCA(1).set_output(transform="pandas").fit(X).sample(50, random_state=0)
    assert draws["size"].dtype == X["size"].dtype
    distances = np.abs(plain[:, :1] - [36.0, 38.5, 42.0])
    assert_array_equal(
        draws["size"].astype(float), np.take([36.0, 38.5, 42.0], distances.argmin(1))
    )


def test_floats_have_the_width_that_they_had():
    X = frame().astype({"real": np.float32})
    draws = ProbabilisticPCA(1).set_output(transform="pandas").fit(X).sample(3)
    assert list(draws.dtypes) == list(X.dtypes)
    wide = in_container(
        ProbabilisticPCA().set_output(transform="pandas"), np.array([[1e6]]), [np.dtype("float16")]
    )
    assert wide.iloc[0, 0] == 1e6  # float16 ends at 65504


def test_objects_that_are_all_floats_are_floats():
    model = ProbabilisticPCA().set_output(transform="pandas")
    rows = np.array([[0.5, "a", 1], [np.nan, "b", 2]], dtype=object)
    found = in_container(model, rows, [np.dtype(object)] * 3)
    assert found["x0"].dtype == np.float64
    assert found["x2"].tolist() == [1, 2]
    assert found["x2"].map(type).eq(int).all()


def test_booleans_of_arrow():
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    kind = pd.ArrowDtype(pyarrow.bool_())
    model = ProbabilisticPCA().set_output(transform="pandas")
    found = in_container(model, np.array([[0.2], [0.7]]), [kind])
    assert found["x0"].dtype == kind
    assert found["x0"].tolist() == [False, True]


def test_polars_frames():
    pl = pytest.importorskip("polars", reason="polars is not installed")
    X = pl.from_pandas(frame())
    model = ProbabilisticPCA(1).set_output(transform="polars").fit(X)
    for draws in (model.sample(3), model.inverse_transform(model.transform(X))):
        assert isinstance(draws, pl.DataFrame)
        assert draws.schema == X.schema
    from_pandas = ProbabilisticPCA(1).set_output(transform="polars").fit(frame()).sample(3)
    assert from_pandas.schema == X.schema
