"""Estimators made of others answer lazily, block by block, as they answer rows of an array."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    QuantileTransformer,
    StandardScaler,
)

from skgen import (
    FactorAnalysis,
    GenerativeImputer,
    OutlierDetector,
    ProbabilisticPCA,
    make_generative_pipeline,
)

pytest.importorskip("dask.array", reason="dask is not installed")
import dask.array as da

CHUNKS = ((50, 7, 121), (5, 8))


@pytest.fixture(scope="module")
def X():
    return load_wine().data


@pytest.fixture(scope="module")
def gaps(X):
    return np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)


@pytest.fixture(scope="module")
def pipeline(X):
    return make_generative_pipeline(StandardScaler(), FactorAnalysis(2)).fit(X)


def assert_lazily_equal(model, verb, rows):
    lazy = getattr(model, verb)(da.from_array(rows, chunks=CHUNKS))
    assert isinstance(lazy, da.Array), verb
    assert lazy.chunks[0] == CHUNKS[0]
    expected = getattr(model, verb)(rows)
    assert lazy.shape == expected.shape
    assert lazy.dtype == expected.dtype
    np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-10, atol=1e-12)


def test_pipelines(pipeline, X, gaps):
    assert_lazily_equal(pipeline, "transform", X)
    assert_lazily_equal(pipeline, "score_samples", X)
    assert_lazily_equal(pipeline, "score_samples", gaps)
    assert_lazily_equal(pipeline, "impute", gaps)
    codes = pipeline.transform(X)
    lazy = pipeline.inverse_transform(da.from_array(codes, chunks=(60, 2)))
    np.testing.assert_allclose(lazy, pipeline.inverse_transform(codes), rtol=1e-10)
    assert pipeline.score(da.from_array(X, chunks=CHUNKS)) == pytest.approx(pipeline.score(X))


def test_pipelines_refuse_what_their_steps_would_read_as_a_whole(pipeline, X):
    rows = da.from_array(X, chunks=CHUNKS)
    before = pipeline.transform(X)
    for step in (StandardScaler(), make_pipeline(StandardScaler()), QuantileTransformer()):
        with pytest.raises(TypeError, match=r"method of (Standard|Quantile).* read as a whole"):
            make_generative_pipeline(step, FactorAnalysis(2)).fit(rows)
    with pytest.raises(TypeError, match="method of StandardScaler"):
        pipeline.fit(rows)
    np.testing.assert_array_equal(pipeline.transform(X), before)
    for step in ("passthrough", FunctionTransformer()):
        model = make_generative_pipeline(step, ProbabilisticPCA(2)).fit(rows)
        assert model.score(rows) == pytest.approx(ProbabilisticPCA(2).fit(X).score(X))


def test_draws_of_pipelines(pipeline, gaps):
    rows = da.from_array(gaps, chunks=CHUNKS)
    draws = pipeline.sample_conditional(rows, 3, random_state=1)
    assert draws.shape == (3, *gaps.shape)
    np.testing.assert_array_equal(draws, pipeline.sample_conditional(rows, 3, random_state=1))
    mean = pipeline.sample_conditional(rows, 400, random_state=1).mean(axis=0).compute()
    spread = np.nanstd(gaps, axis=0)
    assert (np.abs(mean - pipeline.impute(gaps)) < 0.35 * spread).all()


@pytest.mark.parametrize("model", ["pipeline", "step"])
def test_draws_without_a_seed_take_that_of_the_model(model, X, gaps):
    step = FactorAnalysis(2, random_state=5)
    model = step.fit(X) if model == "step" else make_generative_pipeline(step).fit(X)
    rows = da.from_array(gaps, chunks=CHUNKS)
    first, second = (model.sample_conditional(rows).compute() for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_imputers(X, gaps):
    assert_lazily_equal(GenerativeImputer(FactorAnalysis(2)).fit(gaps), "transform", gaps)


def test_detectors(X, gaps):
    detector = OutlierDetector(FactorAnalysis(2), random_state=0).fit(X)
    for verb in ("score_samples", "decision_function", "predict", "feature_scores"):
        assert_lazily_equal(detector, verb, X)


def test_frames_with_categories():
    dd = pytest.importorskip("dask.dataframe")
    wine = load_wine(as_frame=True)
    frame = wine.data.iloc[:, :4].assign(grade=np.array(["low", "mid", "high"])[wine.target])
    to_codes = ColumnTransformer(
        [
            ("numbers", StandardScaler(), list(frame.columns[:4])),
            ("grade", OneHotEncoder(), ["grade"]),
        ]
    )
    pipeline = make_generative_pipeline(to_codes, ProbabilisticPCA(1)).fit(frame)
    lazy = pipeline.score_samples(dd.from_pandas(frame, npartitions=3))
    np.testing.assert_allclose(lazy.compute(), pipeline.score_samples(frame), rtol=1e-10)
