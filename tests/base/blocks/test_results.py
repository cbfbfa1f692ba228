"""Verbs read arrays on disk and lists of arrays block by block, and answer as of an array."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skgen import (
    ICA,
    VAE,
    BernoulliRBM,
    ConditionalRBM,
    FactorAnalysis,
    GenerativeImputer,
    MixtureOfFactorAnalyzers,
    OutlierDetector,
    ProbabilisticPCA,
    SlowFeatureAnalysis,
    SparseCoder,
    make_generative_pipeline,
)
from skgen.base.blocks import by_blocks
from tests.base.blocks.stored import Stored

EDGES = [30, 30, 110]


def scaled_wine():
    X = load_wine().data
    return (X - X.min(axis=0)) / np.ptp(X, axis=0)


@pytest.fixture(scope="module")
def X():
    return scaled_wine()


@pytest.fixture(scope="module")
def gaps(X):
    return np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)


@pytest.fixture(scope="module")
def network(X):
    return VAE(2, conditional=True, max_iter=2, random_state=0).fit(X, load_wine().target)


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    """Blocks of 40 rows, where arrays on disk are cut."""
    monkeypatch.setattr("skgen.base.blocks.sources.CUT", 40 * 13 * 8)


def sources(X):
    """The rows on disk, and as a list, one part of which is empty."""
    return Stored(X, (20, X.shape[1])), np.split(X, EDGES)


def assert_equal_results(model, verb, rows, **given):
    expected = getattr(model, verb)(rows, **given)
    for source in sources(rows):
        found = getattr(model, verb)(source, **given)
        assert isinstance(found, np.ndarray)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
        assert getattr(source, "longest", 40) == 40


@pytest.mark.parametrize(
    "model",
    [
        ProbabilisticPCA(2),
        ICA(2, random_state=0),
        MixtureOfFactorAnalyzers(2, 1, random_state=0),
        SlowFeatureAnalysis(2),
        SparseCoder(3, alpha=0.1, random_state=0),
        OutlierDetector(FactorAnalysis(1), random_state=0),
        BernoulliRBM(3, max_iter=2, random_state=0),
        make_generative_pipeline(StandardScaler(), FactorAnalysis(2)),
    ],
    ids=repr,
)
def test_complete_rows(model, X):
    model.fit(X)
    for verb in ("transform", "score_samples", "predict", "predict_proba", "free_energy"):
        if hasattr(model, verb):
            assert_equal_results(model, verb, X)
    if hasattr(model, "score_samples") and not isinstance(model, OutlierDetector):
        assert model.score(sources(X)[0]) == pytest.approx(model.score(X), rel=1e-5)


def test_codes(X):
    model = ProbabilisticPCA(3).fit(X)
    codes = model.transform(X)
    expected = model.inverse_transform(codes)
    for source in sources(codes):
        np.testing.assert_allclose(model.inverse_transform(source), expected, rtol=1e-10)


def test_gaps(network, X, gaps):
    assert_equal_results(FactorAnalysis(2).fit(gaps), "impute", gaps)
    assert_equal_results(GenerativeImputer(FactorAnalysis(2)).fit(gaps), "transform", gaps)


def test_single_precision_stays(X):
    model = ProbabilisticPCA(2).fit(X)
    rows = X.astype(np.float32)
    assert model.transform(Stored(rows)).dtype == np.float32
    # Of blocks of several types the results have the widest.
    found = model.transform([rows[:100], X[100:]])
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found[100:], model.transform(X[100:]))


def test_draws(gaps):
    model = FactorAnalysis(2, random_state=0).fit(gaps)
    stored, parts = sources(gaps)
    for source in (stored, parts):
        draws = model.sample_conditional(source, 3, random_state=1)
        assert draws.shape == (3, *gaps.shape)
        np.testing.assert_array_equal(model.sample_conditional(source, 3, random_state=1), draws)
        assert (model.sample_conditional(source, 3, random_state=2) != draws).any()
        observed = ~np.isnan(gaps)
        np.testing.assert_array_equal(draws[0][observed], gaps[observed])
        assert np.isfinite(draws).all()
        first, second = (model.sample_conditional(source) for _ in range(2))
        np.testing.assert_array_equal(first, second)
    twice = model.sample_conditional([gaps[:40], gaps[:40]], random_state=0)[0]
    assert (twice[:40] != twice[40:]).any()
    # One block is drawn for as an array.
    np.testing.assert_array_equal(
        model.sample_conditional([gaps], random_state=3),
        model.sample_conditional(gaps, random_state=3),
    )
    da = pytest.importorskip("dask.array", reason="dask is not installed")
    lazy = da.from_array(gaps, chunks=(40, 13))
    np.testing.assert_array_equal(
        model.sample_conditional(stored, random_state=3),
        model.sample_conditional(lazy, random_state=3),
    )


def test_chains(X):
    machine = BernoulliRBM(3, max_iter=2, random_state=0).fit(X)
    steps = machine.gibbs(Stored(X, (20, 13)), n_steps=2, random_state=0)
    assert steps.shape == X.shape
    assert set(np.unique(steps)) == {0, 1}


def test_frames(gaps):
    pd = pytest.importorskip("pandas")
    model = FactorAnalysis(2).fit(gaps)
    expected = model.impute(gaps), model.transform(gaps)
    model.set_output(transform="pandas")
    for found, values in zip((model.impute(Stored(gaps)), model.transform(Stored(gaps))), expected):
        assert isinstance(found, pd.DataFrame)
        assert list(found.index) == list(range(len(gaps)))
        np.testing.assert_allclose(found, values)
    frame = pd.DataFrame(gaps, index=np.arange(len(gaps))[::-1]).add_prefix("x")
    model = FactorAnalysis(2).set_output(transform="pandas").fit(frame)
    parts = [frame[:50], frame[50:]]
    pd.testing.assert_frame_equal(model.impute(parts), model.impute(frame))
    draws = model.sample_conditional(parts, 2)
    assert len(draws) == 2
    assert all(draw.index.equals(frame.index) for draw in draws)


@pytest.mark.parametrize("kind", ["disk", "list"])
def test_conditions_lie_beside(kind, network, X, gaps):
    y = load_wine().target
    source, incomplete = (sources(rows)[kind == "list"] for rows in (X, gaps))
    plain = network.score_samples(X)
    for given in (y, list(y), y[:, None]):
        found = network.score_samples(source, given)
        np.testing.assert_allclose(found, network.score_samples(X, y), rtol=1e-4)
    assert np.abs(found - plain).max() > 0.01
    assert network.score(source, y) == pytest.approx(network.score(X, y), rel=1e-5)
    np.testing.assert_allclose(network.score_samples(source, Column(y)), found)
    expected = network.impute(gaps, y)
    np.testing.assert_allclose(network.impute(incomplete, y), expected, rtol=1e-4, atol=1e-5)
    draws = network.sample_conditional(incomplete, 2, random_state=0, y=y)
    assert draws.shape == (2, *X.shape)
    with pytest.raises(ValueError, match="y has 3 values, but X has 178 rows"):
        network.score_samples(source, y[:3])


class Column:
    """A column of a file."""

    ndim = 1

    def __init__(self, y):
        self.y, self.shape, self.dtype = y, y.shape, y.dtype

    def __len__(self):
        return len(self.y)

    def __getitem__(self, rows):
        return self.y[rows]


def test_bad_rows(X):
    model = ProbabilisticPCA(2).fit(X)
    with pytest.raises(NotFittedError):
        ProbabilisticPCA(2).transform(Stored(X))
    with pytest.raises(ValueError, match="X has 12 features, but ProbabilisticPCA is expecting"):
        model.transform([X[:100], X[100:, 1:]])
    with pytest.raises(ValueError, match="infinity"):
        model.transform([X[:100], np.full((5, 13), np.inf)])
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        model.transform([X[:0]])
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        model.transform(Stored(X[:0]))
    with pytest.raises(TypeError, match="is a generator, which can be read once"):
        model.transform(part for part in (X[:90], X[90:]))


def test_lists_are_refused_where_they_would_be_read_as_a_whole(X):
    parts = [X[:90], X[90:]]
    for model, verb in (
        (ProbabilisticPCA(2), "posterior"),
        (SlowFeatureAnalysis(2), "score"),
        (SlowFeatureAnalysis(2), "score_sequence"),
    ):
        with pytest.raises(TypeError, match="X is a list of arrays, which this method of"):
            getattr(model.fit(X), verb)(parts)
    with pytest.raises(TypeError, match=r"or np.concatenate\(X\) where it fits"):
        OutlierDetector().fit(parts)


def test_rows_that_depend_on_those_before_are_no_blocks(X):
    bits = (X > 0.5).astype(float)
    machine = ConditionalRBM(3, max_iter=2, random_state=0).fit(bits)
    bits[[50, 120], 3] = np.nan
    with pytest.raises(TypeError, match="X is a list of arrays"):
        machine.impute([bits[:90], bits[90:]])
    da = pytest.importorskip("dask.array", reason="dask is not installed")
    with pytest.raises(TypeError, match="X is a Array of dask, which this method of Conditional"):
        machine.impute(da.from_array(bits, chunks=(90, 13)))


class Echo(FunctionTransformer):
    """A model with a verb that takes metadata, as steps of a pipeline do."""

    @by_blocks
    def transform(self, X, **params):
        return X


def test_metadata_beside_blocks_are_refused(X):
    np.testing.assert_array_equal(Echo().transform(Stored(X), flag=True), X)
    with pytest.raises(TypeError, match="transform takes no groups beside rows in blocks"):
        Echo().transform(Stored(X), groups=np.zeros(len(X)))
