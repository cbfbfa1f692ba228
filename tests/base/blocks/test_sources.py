"""Linear and sparse models learn from arrays on disk and lists of arrays as from an array."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from skgen import (
    ICA,
    FactorAnalysis,
    MixtureOfFactorAnalyzers,
    ProbabilisticPCA,
    SlowFeatureAnalysis,
    SparseCoder,
    make_generative_pipeline,
)
from skgen.kernels import row_blocks
from tests.base.blocks.stored import Stored

EXACT = [ProbabilisticPCA(), FactorAnalysis(2), SlowFeatureAnalysis(2)]
STREAMED = [
    ICA(3, random_state=0),
    MixtureOfFactorAnalyzers(2, 2, random_state=0),
    SparseCoder(6, random_state=0),
]
EDGES = [50, 57]


@pytest.fixture(scope="module")
def X():
    return load_wine().data


@pytest.fixture
def little_held(monkeypatch):
    """Blocks of 40 rows, and room for one of them."""
    monkeypatch.setattr(row_blocks, "HELD", 40 * 13 * 8)
    monkeypatch.setattr("skgen.base.blocks.sources.CUT", 40 * 13 * 8)


def sources(X):
    """The rows as each kind of source that needs no library."""
    return {"disk": Stored(X, (40, 13)), "list": np.split(X, EDGES), "tuple": (X[:40], X[40:])}


@pytest.mark.parametrize("estimator", EXACT, ids=repr)
@pytest.mark.parametrize("kind", ["disk", "list", "tuple"])
def test_exact_fits_equal_those_of_arrays(estimator, kind, X, little_held):
    expected = clone(estimator).fit(X).transform(X)
    rows = sources(X)[kind]
    found = clone(estimator).fit(rows).transform(X)
    assert np.abs(found - expected).max() < 1e-8 * np.abs(expected).max()
    assert getattr(rows, "longest", 40) == 40


@pytest.mark.parametrize("estimator", EXACT + STREAMED, ids=repr)
def test_few_rows_are_fitted_as_an_array(estimator, X):
    expected = clone(estimator).fit(X).transform(X)
    for rows in sources(X).values():
        np.testing.assert_array_equal(clone(estimator).fit(rows).transform(X), expected)


def test_more_columns_than_rows(little_held):
    wide = np.random.default_rng(0).normal(size=(60, 200))
    model = ProbabilisticPCA(2)
    expected = clone(model).fit(wide).transform(wide)
    # Fewer than the entries of a covariance, which is not computed.
    np.testing.assert_array_equal(model.fit(Stored(wide, (8, 200))).transform(wide), expected)


@pytest.mark.parametrize("estimator", STREAMED, ids=repr)
def test_others_take_block_after_block(estimator, X, little_held):
    stream = clone(estimator)
    for start in range(0, 178, 40):
        stream.partial_fit(X[start : start + 40])
    stored = Stored(X, (20, 13))
    np.testing.assert_array_equal(clone(estimator).fit(stored).transform(X), stream.transform(X))
    assert stored.longest == 40
    parts = [X[start : start + 40] for start in range(0, 178, 40)]
    np.testing.assert_array_equal(clone(estimator).fit(parts).transform(X), stream.transform(X))


@pytest.mark.parametrize("estimator", [EXACT[0], STREAMED[0]], ids=repr)
def test_weights(estimator, X, little_held):
    weight = np.random.default_rng(0).integers(0, 3, len(X)).astype(float)
    weight[40:80] = 0  # a whole block
    model = clone(estimator).fit(Stored(X, (40, 13)), sample_weight=weight)
    unweighted = clone(estimator).fit(Stored(X, (40, 13)))
    parts = [X[start : start + 40] for start in range(0, 178, 40)]
    same = clone(estimator).fit(parts, sample_weight=list(weight))
    np.testing.assert_allclose(model.transform(X), same.transform(X), rtol=1e-9, atol=1e-9)
    assert np.average(model.score_samples(X), weights=weight) > np.average(
        unweighted.score_samples(X), weights=weight
    )
    with pytest.raises(ValueError, match="no row of positive weight"):
        model.fit(Stored(X), sample_weight=np.zeros(178))
    with pytest.raises(ValueError, match="sample_weight has 3 values, but X has 178 rows"):
        model.fit(Stored(X), sample_weight=[1, 2, 3])


def test_sequences_and_times_lie_beside(X, little_held):
    model = SlowFeatureAnalysis(2)
    about = {"groups": np.repeat([0, 1], [70, 108]), "times": np.arange(178) ** 1.1}
    expected = clone(model).fit(X, **about)
    found = model.fit(Stored(X, (40, 13)), **about)
    np.testing.assert_allclose(found.delta_values_, expected.delta_values_, rtol=1e-8)
    plain = clone(model).fit(X)
    assert abs(plain.delta_values_ - expected.delta_values_).max() > 0.01


def test_frames(little_held):
    frame = load_wine(as_frame=True).data
    parts = [frame[:60], frame[60:100], frame[100:]]
    for model in (ProbabilisticPCA(2), ICA(2)):
        model.fit(parts)
        assert list(model.feature_names_in_) == list(frame.columns)
        plain = clone(model).fit([part.to_numpy() for part in parts])
        np.testing.assert_allclose(model.components_, plain.components_, rtol=1e-9)
        with pytest.raises(ValueError, match="feature names"):
            model.fit([frame[:100], frame[100:].rename(columns={"alcohol": "spirit"})])


def test_frames_are_stacked():
    frame = load_wine(as_frame=True).data
    model = ICA(2).fit([frame[:1], frame[1:]])
    assert list(model.feature_names_in_) == list(frame.columns)
    np.testing.assert_array_equal(model.components_, ICA(2).fit(frame).components_)
    pl = pytest.importorskip("polars", reason="polars is not installed")
    table = pl.DataFrame({name: frame[name].to_numpy() for name in frame})
    same = ICA(2).fit([table[:1], table[1:]])
    assert list(same.feature_names_in_) == list(frame.columns)
    np.testing.assert_array_equal(same.components_, model.components_)


def test_sparse_blocks(X, monkeypatch):
    few = np.where(X.mean(axis=0) < X, X / X.max(axis=0), 0)
    coder = SparseCoder(4, random_state=0, alpha=0.1)
    expected = clone(coder).fit(csr_matrix(few)).transform(few)
    parts = [csr_matrix(few[:50]), csr_matrix(few[50:])]
    np.testing.assert_array_equal(clone(coder).fit(parts).transform(few), expected)
    monkeypatch.setattr(row_blocks, "HELD", 1)
    stream = clone(coder).partial_fit(parts[0]).partial_fit(parts[1])
    np.testing.assert_array_equal(clone(coder).fit(parts).transform(few), stream.transform(few))


def test_sparse_blocks_of_linear_models(X, little_held):
    few = np.where(X.mean(axis=0) < X, X / X.max(axis=0), 0)
    parts = [csr_matrix(few[:50]), csr_matrix(few[50:])]
    expected = ProbabilisticPCA(2).fit(csr_matrix(few)).transform(few)
    found = ProbabilisticPCA(2).fit(parts).transform(parts)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    with pytest.raises(TypeError, match="Sparse data was passed"):
        FactorAnalysis(2).fit(parts)


def test_steps_of_pipelines(X, little_held):
    model = make_generative_pipeline(ProbabilisticPCA(3), SlowFeatureAnalysis(2))
    expected = clone(model).fit(X).transform(X)
    rows = Stored(X, (40, 13))
    for given in (rows, np.split(X, EDGES)):
        codes = clone(model).fit(given).transform(given)
        assert np.abs(codes - expected).max() < 1e-6 * np.abs(expected).max()
    assert rows.longest == 40
    with pytest.raises(TypeError, match="X is a list of arrays, .* StandardScaler would read"):
        make_generative_pipeline(StandardScaler(), FactorAnalysis(1)).fit([X[:90], X[90:]])


def test_gaps_of_many_rows_are_refused(X, monkeypatch):
    gaps = X.copy()
    gaps[100, 3] = np.nan
    few = ProbabilisticPCA(2).fit(Stored(gaps))
    assert few.score(gaps) == pytest.approx(ProbabilisticPCA(2).fit(gaps).score(gaps))
    monkeypatch.setattr(row_blocks, "HELD", 60 * 13 * 8)
    for model in (ProbabilisticPCA(2), ICA(2), MixtureOfFactorAnalyzers(2, 1)):
        with pytest.raises(ValueError, match="fit to blocks needs complete rows, but X has NaN"):
            model.fit([gaps[:90], gaps[90:]])
        assert not hasattr(model, "components_")


class Enormous(Stored):
    """An array of which no row can be held."""

    def __getitem__(self, rows):
        raise MemoryError("Unable to allocate 1 TiB.")


@pytest.mark.parametrize("held", [2**26, 1], ids=["few", "many"])
def test_what_is_too_wide_says_what_it_holds(held, X, monkeypatch):
    monkeypatch.setattr(row_blocks, "HELD", held)
    with pytest.raises(MemoryError, match="1 TiB. The fit holds a covariance of the 13 columns"):
        ProbabilisticPCA(2).fit(Enormous(X))


def test_lists_of_numbers_may_be_among_the_arrays(X):
    parts = [X[:90], X[90:].tolist()]
    expected = ProbabilisticPCA(2).fit(X).transform(X)
    np.testing.assert_array_equal(ProbabilisticPCA(2).fit(parts).transform(parts), expected)


@pytest.mark.parametrize("model", [ProbabilisticPCA(2), ICA(2), SparseCoder(3)], ids=repr)
def test_bad_sources(model, X, little_held):
    with pytest.raises(TypeError, match="is a generator, which can be read once"):
        model.fit(part for part in (X[:90], X[90:]))
    with pytest.raises(ValueError, match="X has shape .* two dimensions"):
        model.fit([X[:90], X[0]])
    with pytest.raises(ValueError, match="X has 12 features, but .* is expecting 13"):
        model.fit([X[:90], X[90:, 1:]])
    with pytest.raises(ValueError, match="infinity"):
        model.fit([X[:90], np.full((90, 13), np.inf)])
    with pytest.raises(ValueError, match="no row of positive weight"):
        model.fit([X[:0], X[:0]])


# Three times what may be allocated goes through a fit and a verb.
BOUNDED = """
import resource, sys
import numpy as np
import skgen

class Rows:
    ndim, dtype = 2, np.dtype(float)
    def __init__(self, n_rows):
        self.shape = n_rows, 50
    def __getitem__(self, rows):
        start, stop, _ = rows.indices(len(self))
        return np.random.default_rng(start).random((stop - start, 50))
    def __len__(self):
        return self.shape[0]
    def __array__(self, dtype=None, copy=None):
        return self[:]

model = getattr(skgen, sys.argv[1])(2).fit(Rows(5000))
used = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
limit = int(sys.argv[2]) * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (used + limit, used + limit))
X = Rows(3 * limit // 400)
codes = model.fit(X).transform(X)
assert codes.shape == (len(X), 2) and np.ptp(codes) > 0
try:
    np.asarray(X)
except MemoryError:
    print("bounded")
"""


def bounded(model, limit):
    code = [sys.executable, "-c", BOUNDED, model, str(limit)]
    said = subprocess.run(code, capture_output=True, text=True, check=False)
    assert said.stdout.split()[-1:] == ["bounded"], said.stderr


def test_memory_is_bounded():
    bounded("ProbabilisticPCA", 120)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SlowFeatureAnalysis", "ICA", "SparseCoder"])
def test_memory_is_bounded_of_others(model):
    bounded(model, 600)
