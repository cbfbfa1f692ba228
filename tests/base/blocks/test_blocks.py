"""Rows in blocks of dask: fits equal those of arrays, results are lazy, memory is bounded."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.exceptions import NotFittedError

from skgen import (
    ICA,
    VAE,
    BernoulliRBM,
    FactorAnalysis,
    MixtureOfFactorAnalyzers,
    OutlierDetector,
    ProbabilisticPCA,
    SlowFeatureAnalysis,
    SparseCoder,
)
from skgen.kernels import row_blocks

pytest.importorskip("dask.array", reason="dask is not installed")
import dask.array as da

EXACT = [
    ProbabilisticPCA(),
    ProbabilisticPCA(0.9),
    FactorAnalysis(),
    FactorAnalysis(2, rotation="varimax", solver="em"),
    SlowFeatureAnalysis(2),
    SlowFeatureAnalysis(expansion="quadratic"),
]
# Block after block, as ``partial_fit`` takes them.
STREAMED = [
    ICA(3, random_state=0),
    MixtureOfFactorAnalyzers(2, 2, random_state=0),
    SparseCoder(6, random_state=0),
]
name_of = repr


@pytest.fixture(scope="module")
def X():
    return load_wine().data


@pytest.fixture(scope="module")
def blocks(X):
    # Columns are cut, too, and blocks differ in length.
    return da.from_array(X, chunks=((50, 7, 121), (5, 8)))


@pytest.fixture
def little_held(monkeypatch):
    """No room for two blocks."""
    monkeypatch.setattr(row_blocks, "HELD", 1)


def standardized_error(found, expected):
    return np.abs(np.asarray(found) - expected).max() / max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("estimator", EXACT, ids=name_of)
def test_fits_equal_those_of_arrays(estimator, X, blocks):
    whole, by_block = clone(estimator).fit(X), clone(estimator).fit(blocks)
    assert by_block.n_components_ == whole.n_components_
    codes = by_block.transform(blocks)
    assert isinstance(codes, da.Array)
    assert codes.chunks[0] == blocks.chunks[0]
    expected = whole.transform(X)
    assert standardized_error(codes, expected) < 1e-8
    assert (
        standardized_error(by_block.inverse_transform(codes), whole.inverse_transform(expected))
        < 1e-8
    )


@pytest.mark.parametrize("estimator", EXACT[:4], ids=name_of)
def test_scores_and_gaps_are_lazy(estimator, X, blocks):
    model = clone(estimator).fit(X)
    scores = model.score_samples(blocks)
    assert isinstance(scores, da.Array)
    np.testing.assert_allclose(scores, model.score_samples(X), rtol=1e-12)
    assert model.score(blocks) == pytest.approx(model.score(X), rel=1e-12)
    gappy = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    filled = model.impute(da.from_array(gappy, chunks=(60, 13)))
    assert isinstance(filled, da.Array)
    np.testing.assert_allclose(filled, model.impute(gappy), rtol=1e-12)


@pytest.mark.parametrize("estimator", EXACT[:4], ids=name_of)
def test_weights_beside_the_blocks(estimator, X, blocks):
    weight = np.random.default_rng(0).integers(0, 3, len(X)).astype(float)
    weight[50:57] = 0  # a whole block
    expected = clone(estimator).fit(X, sample_weight=weight).score(X)
    for given in (weight, da.from_array(weight, chunks=(blocks.chunks[0],))):
        model = clone(estimator).fit(blocks, sample_weight=given)
        assert model.score(X) == pytest.approx(expected, rel=1e-8)


def test_single_precision_stays(X):
    rows = da.from_array(X.astype(np.float32), chunks=(60, 13))
    codes = ProbabilisticPCA(2).fit(rows).transform(rows)
    assert codes.dtype == codes.compute().dtype == np.float32


@pytest.mark.parametrize("estimator", STREAMED, ids=name_of)
def test_others_take_block_after_block(estimator, X, blocks, little_held):
    rows = blocks.rechunk((89, 13))
    model, stream = clone(estimator).fit(rows), clone(estimator)
    stream.partial_fit(X[:89]).partial_fit(X[89:])
    np.testing.assert_array_equal(model.transform(X), stream.transform(X))
    # A fit begins anew.
    np.testing.assert_array_equal(model.fit(rows).transform(X), stream.transform(X))
    expected = stream.partial_fit(X[:89]).partial_fit(X[89:]).score(X)
    assert model.partial_fit(rows).score(X) == expected


@pytest.mark.parametrize("estimator", [*STREAMED, SlowFeatureAnalysis(2)], ids=name_of)
def test_few_rows_are_fitted_as_an_array(estimator, X):
    rows = da.from_array(X, chunks=((1, 50, 127), 13))  # of one row none could begin
    expected = clone(estimator).fit(X).transform(X)
    np.testing.assert_array_equal(clone(estimator).fit(rows).transform(X), expected)


@pytest.mark.parametrize("estimator", [*STREAMED, SlowFeatureAnalysis(2)], ids=name_of)
def test_a_short_block_is_taken_with_the_next(estimator, X, monkeypatch):
    monkeypatch.setattr(row_blocks, "HELD", 60 * 13 * 8)
    rows = da.from_array(X, chunks=((1, 88, 40, 20, 29), 13))
    stream = clone(estimator).partial_fit(X[:89]).partial_fit(X[89:149]).partial_fit(X[149:])
    expected = stream.transform(X)
    np.testing.assert_array_equal(clone(estimator).fit(rows).transform(X), expected)
    np.testing.assert_array_equal(clone(estimator).partial_fit(rows).transform(X), expected)


@pytest.mark.parametrize("estimator", STREAMED, ids=name_of)
def test_blocks_without_weight_are_passed_over(estimator, X, little_held):
    blocks = da.from_array(X, chunks=((9, 80, 5, 84), 13))
    weight = np.repeat([0.0, 1, 0, 1], blocks.chunks[0])
    model, stream = clone(estimator).fit(blocks, sample_weight=weight), clone(estimator)
    stream.partial_fit(X[9:89], sample_weight=np.ones(80))
    stream.partial_fit(X[94:], sample_weight=np.ones(84))
    np.testing.assert_array_equal(model.transform(X), stream.transform(X))
    with pytest.raises(ValueError, match="no row of positive weight"):
        model.fit(blocks, sample_weight=np.zeros(len(X)))
    with pytest.raises(ValueError, match="no row of positive weight"):
        model.fit(blocks[:0])
    np.testing.assert_array_equal(model.transform(X), stream.transform(X))


def test_clusters_are_lazy(X, blocks):
    model = MixtureOfFactorAnalyzers(2, 1, random_state=0).fit(X)
    np.testing.assert_allclose(model.predict_proba(blocks), model.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(model.predict(blocks), model.predict(X))


def test_networks_read_blocks(X, blocks):
    scale = X.max(axis=0)
    machine = BernoulliRBM(4, max_iter=2, random_state=0).fit(X / scale)
    for verb in ("transform", "score_samples", "free_energy"):
        found = getattr(machine, verb)(blocks / scale)
        assert isinstance(found, da.Array)
        np.testing.assert_allclose(found, getattr(machine, verb)(X / scale), rtol=1e-5)
    coder = VAE(2, conditional=True, max_iter=2, random_state=0).fit(X, load_wine().target)
    np.testing.assert_allclose(coder.score_samples(blocks), coder.score_samples(X), rtol=1e-4)


def test_conditions_beside_the_blocks(blocks, X):
    y = load_wine().target
    coder = VAE(2, conditional=True, max_iter=2, random_state=0).fit(X, y)
    expected = coder.score_samples(X, y)
    lazy = da.from_array(y, chunks=(blocks.chunks[0],))
    for given in (y, list(y), lazy):
        found = coder.score_samples(blocks, given)
        assert isinstance(found, da.Array)
        assert found.chunks == (blocks.chunks[0],)
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert np.abs(expected - coder.score_samples(X)).max() > 0.01
    weight = np.arange(len(y)) % 3
    assert coder.score(blocks, lazy, sample_weight=weight) == pytest.approx(
        coder.score(X, y, sample_weight=weight), rel=1e-5
    )
    gaps = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    some = da.from_array(gaps, chunks=blocks.chunks)
    np.testing.assert_allclose(coder.impute(some, lazy), coder.impute(gaps, y), rtol=1e-3)
    draws = coder.sample_conditional(some, 2, random_state=0, y=lazy)
    assert draws.shape == (2, *X.shape)
    np.testing.assert_array_equal(draws, coder.sample_conditional(some, 2, random_state=0, y=y))
    assert (draws != coder.sample_conditional(some, 2, random_state=0)).any().compute()
    with pytest.raises(ValueError, match="y lies in 1 blocks and X in 3; rechunk one of them"):
        coder.score_samples(blocks, lazy.rechunk(-1))
    with pytest.raises(ValueError, match="y has 3 values, but X has 178 rows"):
        coder.score_samples(blocks, y[:3])
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
        coder.score_samples(blocks, lazy.rechunk(((60, 60, 58),))).compute()


def test_conditions_beside_frames(X):
    dd = pytest.importorskip("dask.dataframe")
    frame = load_wine(as_frame=True).data
    coder = VAE(2, conditional=True, max_iter=2, random_state=0).fit(frame, load_wine().target)
    lazy = dd.from_pandas(frame.assign(y=load_wine().target), npartitions=4)
    lazy = lazy[lazy["alcohol"] > 12.5]  # nobody knows how many
    frame = lazy.compute()
    rows, y = frame[list(frame.columns[:-1])], frame["y"]
    lazy, lazy_y = lazy[list(rows.columns)], lazy["y"]
    for given in (lazy_y, y, y.to_numpy()):
        found = coder.score_samples(lazy, given)
        assert isinstance(found, da.Array)
        np.testing.assert_allclose(found.compute(), coder.score_samples(rows, y), rtol=1e-4)
    coder.set_output(transform="pandas")
    filled = coder.impute(lazy, lazy_y)
    assert isinstance(filled, dd.DataFrame)
    np.testing.assert_allclose(filled.compute(), rows, rtol=1e-5)


def test_frames():
    dd = pytest.importorskip("dask.dataframe")
    frame = load_wine(as_frame=True).data
    lazy = dd.from_pandas(frame, npartitions=4)
    lazy = lazy[lazy["alcohol"] > 12.5]
    frame = frame[frame["alcohol"] > 12.5]
    weight = np.arange(len(frame)) % 3
    model = ProbabilisticPCA(2).fit(lazy, sample_weight=weight)
    assert list(model.feature_names_in_) == list(frame.columns)
    expected = ProbabilisticPCA(2).fit(frame, sample_weight=weight)
    codes = model.transform(lazy)
    assert isinstance(codes, da.Array)
    np.testing.assert_allclose(codes.compute(), expected.transform(frame), atol=1e-8)
    assert model.score(lazy) == pytest.approx(expected.score(frame), rel=1e-8)
    model.set_output(transform="pandas")
    filled = model.impute(lazy)
    assert isinstance(filled, dd.DataFrame)
    np.testing.assert_allclose(filled.compute(), frame)
    for verb in (model.transform, model.sample_conditional):
        with pytest.raises(ValueError, match="which would not be lazy here"):
            verb(lazy)
    with pytest.raises(ValueError, match="feature names"):
        model.set_output(transform="default").transform(lazy.rename(columns={"alcohol": "spirit"}))


def test_what_would_be_read_as_a_whole_is_refused(X, blocks):
    model = ProbabilisticPCA(2).fit(X)
    with pytest.raises(TypeError, match="ProbabilisticPCA would read as a whole"):
        model.posterior(blocks)
    with pytest.raises(TypeError, match="OutlierDetector would read as a whole"):
        OutlierDetector().fit(blocks)
    with pytest.raises(ValueError, match=r"set_output\(transform='default'\)"):
        clone(model).set_output(transform="pandas").fit(X).transform(blocks)


def test_bad_blocks(X, blocks):
    model = ProbabilisticPCA(2).fit(X)
    before = model.transform(X)
    with pytest.raises(NotFittedError):
        ProbabilisticPCA().transform(blocks)
    with pytest.raises(ValueError, match="X has 5 features, but ProbabilisticPCA is expecting 13"):
        model.transform(blocks[:, :5])
    with pytest.raises(ValueError, match="complete rows, but X has NaN"):
        model.fit(da.where(blocks > 1000, np.nan, blocks))
    with pytest.raises(ValueError, match="contains infinity"):
        model.fit(da.where(blocks > 1000, np.inf, blocks))
    with pytest.raises(ValueError, match="needs 2 rows, but n_samples = 1"):
        model.fit(blocks[:1])
    with pytest.raises(ValueError, match=r"n_components=2 exceeds .*=1"):
        model.fit(blocks[:, :1])
    with pytest.raises(ValueError, match="sample_weight has 3 values, but X has 178 rows"):
        model.fit(blocks, sample_weight=[1, 2, 3])
    with pytest.raises(ValueError, match="X has shape .* two dimensions"):
        model.fit(blocks[:, 0])
    np.testing.assert_array_equal(model.transform(X), before)


# Ten times what may be allocated goes through a fit and through a verb.
BOUNDED = """
import resource
import dask, dask.array as da
from skgen import ProbabilisticPCA
dask.config.set(scheduler="threads", num_workers=2)
ProbabilisticPCA(2).fit(da.ones((10, 3), chunks=(5, 3)) * da.arange(30, chunks=30).reshape(10, 3))
used = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
limit = 100 * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (used + limit, used + limit))
rng = da.random.default_rng(0)
X = rng.random((2_700_000, 50), dtype="float64", chunks=(10_000, 50))
assert X.nbytes > 10 * limit
model = ProbabilisticPCA(2).fit(X)
assert abs(model.noise_variance_ - 1 / 12) < 1e-3
print(float(model.transform(X[:1_000_000]).std()))
try:
    X.compute()
except MemoryError:
    print("bounded")
"""


def test_memory_is_bounded():
    code = [sys.executable, "-c", BOUNDED]
    said = subprocess.run(code, capture_output=True, text=True, check=False)
    assert said.stdout.split()[-1:] == ["bounded"], said.stderr
