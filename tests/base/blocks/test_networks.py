"""Networks learn from rows in blocks: as of an array where they fit, and at bounded memory."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from skgen import (
    RNNRBM,
    VAE,
    Autoencoder,
    BernoulliRBM,
    Checkpoint,
    ConditionalRBM,
    FineTunedClassifier,
    FullyVisibleBeliefNetwork,
)
from skgen.base.torch_estimator import TorchEstimator
from skgen.kernels import row_blocks
from tests.base.blocks.stored import Stored
from tests.instances import label, models

pytest.importorskip("dask.array", reason="dask is not installed")
import dask
import dask.array as da

SEQUENCE = {"max_iter": 2, "random_state": 0}
CHUNKS = ((300, 150, 400, 147, 300, 500), (40, 24))


@pytest.fixture(scope="module")
def X():
    return load_digits().data / 16


@pytest.fixture(scope="module")
def y():
    return load_digits().target


@pytest.fixture(scope="module")
def blocks(X):
    return da.from_array(X, chunks=CHUNKS)


@pytest.fixture
def little_held(monkeypatch):
    """Room for about a block of digits, of which there are six."""
    monkeypatch.setattr(row_blocks, "HELD", 500 * 64 * 8)


def weights_of(model):
    return {name: w.numpy().copy() for name, w in model.module_.state_dict().items()}


def assert_same_weights(a, b):
    a, b = weights_of(a), weights_of(b)
    assert a.keys() == b.keys()
    for name, value in a.items():
        np.testing.assert_array_equal(value, b[name], err_msg=name)


def rbm(**changes):
    return BernoulliRBM(20, max_iter=4, random_state=0, n_chains=20, **changes)


@pytest.mark.parametrize(
    "estimator",
    [
        rbm(early_stopping=True),
        VAE(2, max_iter=2, use_labels=True, random_state=0),
        Autoencoder(2, max_iter=2, random_state=0),
    ],
    ids=label,
)
def test_what_fits_is_bitwise_as_an_array(estimator, X, y, blocks):
    weight = np.arange(len(X)) % 3
    whole = clone(estimator).fit(X, y, sample_weight=weight)
    lazy = clone(estimator).fit(
        blocks, da.from_array(y, chunks=1000), sample_weight=da.from_array(weight, chunks=999)
    )
    assert_same_weights(lazy, whole)
    assert lazy.loss_curve_ == whole.loss_curve_
    assert_same_weights(lazy.partial_fit(blocks, y), whole.partial_fit(X, y))


@pytest.mark.parametrize("model", [ConditionalRBM(4, **SEQUENCE), RNNRBM(4, **SEQUENCE)], ids=label)
def test_sequences_that_fit_are_bitwise_as_an_array(model, X, monkeypatch):
    bits = (X[:300] > 0.5).astype(float)
    groups = np.repeat([0, 1, 2], 100)
    expected = clone(model).fit(bits, groups=groups)
    lazy = da.from_array(bits, chunks=(130, 64))
    for rows in (lazy, Stored(bits), np.split(bits, [130])):
        assert_same_weights(clone(model).fit(rows, groups=groups), expected)
    assert_same_weights(clone(model).fit(lazy, groups=da.from_array(groups, chunks=130)), expected)
    monkeypatch.setattr(row_blocks, "HELD", bits.nbytes - 1)
    with pytest.raises(TypeError, match="call partial_fit with one sequence after the other"):
        clone(model).fit(lazy, groups=groups)


def test_labels_are_computed_once(X, y, blocks, little_held):
    calls = []

    def labels():
        calls.append(1)
        return y

    lazy = da.from_delayed(dask.delayed(labels)(), y.shape, y.dtype)
    model = FineTunedClassifier(rbm(), class_weight="balanced", max_iter=1, random_state=0)
    found = clone(model).fit(blocks, lazy)
    assert len(calls) == 1
    assert_same_weights(found, model.fit(blocks, y))


def test_every_source_is_one_seam(X, blocks, little_held, tmp_path):
    expected = rbm().fit(blocks)
    parts = np.split(X, np.cumsum(CHUNKS[0])[:-1])
    assert_same_weights(rbm().fit(parts), expected)
    with dask.config.set(scheduler="synchronous"):
        assert_same_weights(rbm().fit(blocks), expected)
    maps = []
    for number, part in enumerate(parts):
        rows = np.lib.format.open_memmap(
            tmp_path / f"{number}.npy", mode="w+", dtype=float, shape=part.shape
        )
        rows[:] = part
        maps.append(rows)
    assert_same_weights(rbm().fit(tuple(maps)), expected)


def test_arrays_that_are_read_by_slices(X, little_held, monkeypatch):
    monkeypatch.setattr("skgen.base.blocks.sources.CUT", 350 * 64 * 8)
    stored = Stored(X)
    model = rbm().fit(stored)
    assert stored.longest == 300  # whole chunks
    assert_same_weights(rbm().fit(da.from_array(X, chunks=(300, 64))), model)


@pytest.mark.parametrize("library", ["h5py", "zarr"])
def test_libraries_of_stored_arrays(library, X, little_held, monkeypatch, tmp_path):
    monkeypatch.setattr("skgen.base.blocks.sources.CUT", 350 * 64 * 8)
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    if library == "h5py":
        stored = module.File(tmp_path / "X.h5", "w").create_dataset("X", data=X, chunks=(100, 64))
    else:
        stored = module.array(X, chunks=(100, 64))
    assert_same_weights(rbm().fit(stored), rbm().fit(Stored(X)))


def test_frames(X, little_held):
    dd = pytest.importorskip("dask.dataframe")
    import pandas as pd

    frame = pd.DataFrame(X).add_prefix("pixel")
    lazy = dd.from_pandas(frame, npartitions=5)
    lazy = lazy[lazy["pixel20"] < 2]  # nobody knows how many
    model = rbm().fit(lazy)
    assert list(model.feature_names_in_) == list(frame.columns)
    sizes = [len(part) for part in lazy.partitions]
    assert_same_weights(model, rbm().fit(np.split(X, np.cumsum(sizes)[:-1])))


@pytest.mark.parametrize("held", [2**26, 2**11], ids=["as an array", "in blocks"])
def test_categories_of_all_blocks_are_known(held, monkeypatch):
    monkeypatch.setattr(row_blocks, "HELD", held)
    dd = pytest.importorskip("dask.dataframe")
    import pandas as pd

    place = pd.Categorical(np.repeat(["x", "z", "y", "x"], 50))
    frame = pd.DataFrame({"size": np.arange(200.0), "place": place, "seen": np.arange(200) > 120})
    model = FullyVisibleBeliefNetwork(max_iter=2, hidden_layer_sizes=(4,), random_state=0)
    lazy = dd.from_pandas(frame, npartitions=5)
    model.fit(lazy)
    assert model.categories_ == {1: ["x", "y", "z"], 2: [False, True]}
    np.testing.assert_allclose(model.score_samples(lazy), model.score_samples(frame), rtol=1e-4)
    gaps = frame.assign(size=frame["size"].where(frame.index % 7 > 0))
    gaps["place"] = frame["place"].where(frame.index % 5 > 0)
    filled = model.impute(dd.from_pandas(gaps, npartitions=5))
    assert isinstance(filled, dd.DataFrame)
    pd.testing.assert_frame_equal(filled.compute(), model.impute(gaps))


def test_a_fit_to_blocks_is_as_good(X, blocks, little_held):
    model = BernoulliRBM(30, max_iter=30, random_state=0, early_stopping=True)
    whole, lazy = clone(model).fit(X).score(X), clone(model).fit(blocks)
    assert len(lazy.validation_scores_) == lazy.n_iter_ <= 30
    assert abs(lazy.score(X) - whole) < 0.05 * abs(whole)


def test_rows_held_out_are_no_training_rows(X, little_held):
    # One row in three is odd, and what is not drawn has no influence.
    model = rbm(early_stopping=True, validation_fraction=0.9)
    lazy = clone(model).fit([X[:600], X[600:1200], X[1200:]])
    assert len(lazy.validation_scores_) == 4
    # No more are held out than may be held: 500 rows of 1797.
    n_updates = int(lazy.module_.n_steps) / lazy.n_iter_
    assert n_updates == -(-(1797 - 500) // lazy.batch_size)


def test_rows_of_weight_zero_are_left_out(X, blocks, little_held):
    weight = np.where(np.arange(len(X)) % 4 == 1, 0.0, 2.0)
    model = rbm().fit(blocks, sample_weight=weight)
    parts = np.split(X, np.cumsum(CHUNKS[0])[:-1])
    kept = np.split(weight > 0, np.cumsum(CHUNKS[0])[:-1])
    expected = rbm().fit([part[own] for part, own in zip(parts, kept)])
    assert_same_weights(model, expected)


def test_weights_count(X, y, blocks, little_held):
    model = BernoulliRBM(30, max_iter=30, random_state=0)
    weight = np.where(y == 3, 50.0, 0.5)
    lazy = clone(model).fit(blocks, sample_weight=da.from_array(weight, chunks=500))
    unweighted = clone(model).fit(blocks)
    threes = X[y == 3]
    assert lazy.score(threes) > unweighted.score(threes) + 1


def test_a_stream_goes_on(X, blocks, little_held):
    model = rbm()
    for _ in range(3):
        model.partial_fit(blocks)
    assert model.n_iter_ == 3
    assert model._columns["n_rows"] == 3 * len(X)
    np.testing.assert_allclose(model._means, rbm().fit(X)._means, atol=1e-3)


def test_a_fit_that_was_left_goes_on(blocks, little_held, tmp_path):
    path = tmp_path / "fit.pt"
    expected = rbm().fit(blocks)
    rbm().set_callbacks(Checkpoint(path, every=3)).fit(blocks)
    resumed = Checkpoint.resume(path)
    assert resumed.n_iter_ == 3
    assert_same_weights(resumed.fit(blocks), expected)


def test_labels_that_few_rows_have(X, y, blocks, little_held):
    some = np.where(np.arange(len(y)) % 10 == 0, y, -1)
    model = FineTunedClassifier(random_state=0, max_iter=20).fit(blocks, some)
    assert model.score(X, y) > 0.85
    np.testing.assert_array_equal(model.predict(blocks), model.predict(X))


NETWORKS = [
    e for e in models() if isinstance(e, TorchEstimator) and not isinstance(e, ConditionalRBM)
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", NETWORKS, ids=label)
def test_every_network_learns_from_blocks(estimator, monkeypatch):
    monkeypatch.setattr(row_blocks, "HELD", 25 * 4 * 8)
    rng = np.random.default_rng(0)
    X = rng.integers(0, 2, (90, 4)).astype(float)
    X[:, 1] = X[:, 0]
    y = rng.integers(0, 2, 90)
    if hasattr(estimator, "paired"):
        y = rng.random((90, 2))
    rows = da.from_array(X, chunks=((20, 30, 12, 28), 4))
    model = clone(estimator)
    if "random_state" in model.get_params(deep=False):
        model.set_params(random_state=0)
    if type(model).__name__ == "RNNRBM":
        with pytest.raises(TypeError, match="holds rows in time order as a whole"):
            model.fit(rows)
        return
    model.fit(rows, y)
    assert np.isfinite(model.loss_curve_).all()
    if hasattr(model, "partial_fit"):
        model.partial_fit(rows, y)
    for verb in ("transform", "score_samples", "predict", "predict_proba", "impute"):
        if hasattr(model, verb):
            found = getattr(model, verb)(rows)
            assert isinstance(found, da.Array), verb
            expected = getattr(model, verb)(X)
            assert found.shape == expected.shape
            in_turn = getattr(model, verb)(np.split(X, [20, 50]))
            np.testing.assert_allclose(in_turn, expected, rtol=1e-3, atol=1e-4)
            np.testing.assert_allclose(found.compute(), expected, rtol=1e-3, atol=1e-4)


def test_draws_have_a_seed_a_block(X, blocks):
    model = VAE(2, max_iter=1, n_gibbs_steps=2, random_state=0).fit(X)
    gaps = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    lazy = da.from_array(gaps, chunks=CHUNKS)
    draws = model.sample_conditional(lazy, 2, random_state=3)
    assert isinstance(draws, da.Array)
    assert draws.shape == (2, *X.shape)
    found = draws.compute()
    with dask.config.set(scheduler="synchronous"):
        np.testing.assert_array_equal(draws.compute(), found)
    np.testing.assert_array_equal(model.sample_conditional(lazy, 2, random_state=3), found)
    assert (model.sample_conditional(lazy, 2, random_state=4) != found).any()
    observed = ~np.isnan(gaps)
    np.testing.assert_allclose(found[0][observed], gaps[observed], rtol=1e-6)
    same = da.concatenate([lazy[:300], lazy[:300]])
    twice = model.sample_conditional(same, random_state=0).compute()[0]
    assert (twice[:300] != twice[300:]).any()
    machine = rbm().fit(X)
    steps = machine.gibbs(blocks, n_steps=2, random_state=0)
    assert steps.shape == X.shape
    assert set(np.unique(steps.compute())) == {0, 1}


def test_what_has_no_rows_of_blocks_is_refused(X, little_held):
    with pytest.raises(TypeError, match="is a generator, which can be read once"):
        rbm().fit(part for part in (X[:900], X[900:]))
    with pytest.raises(TypeError, match="is a generator, which can be read once"):
        rbm().partial_fit(part for part in (X[:900], X[900:]))
    with pytest.raises(ValueError, match="X has shape .* two dimensions"):
        rbm().fit([X[:900], X[0]])
    with pytest.raises(ValueError, match="X has no row"):
        rbm().fit([X[:0]])
    with pytest.raises(ValueError, match="63 features, but BernoulliRBM is expecting 64"):
        rbm().fit([X[:900], X[900:, 1:]])
    with pytest.raises(ValueError, match="NaN"):
        rbm().fit(da.from_array(np.where(X > 0.99, np.nan, X), chunks=(300, 64)))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        VAE(2, use_labels=True).fit([X[:900], X[900:]], [0, 1])


def test_a_failed_fit_leaves_the_earlier_one(X, blocks, little_held):
    model = rbm().fit(blocks)
    before = weights_of(model)
    with pytest.raises(ValueError, match="infinity"):
        model.fit([X[:900], X[900:], np.full((200, 64), np.inf)])
    for name, value in weights_of(model).items():
        np.testing.assert_array_equal(value, before[name])


# Ten times what may be allocated goes through two epochs, and through a verb.
BOUNDED = """
import resource
import dask, dask.array as da
import skgen.kernels.row_blocks
from skgen import GAN, VAE
skgen.kernels.row_blocks.HELD = 2**24
dask.config.set(scheduler="threads", num_workers=1)
rng = da.random.default_rng(0)
few = rng.random((50_000, 50), dtype="float64", chunks=(10_000, 50))
model = VAE(2, max_iter=1, batch_size=2000, hidden_layer_sizes=(4,), random_state=0)
model.fit(few).transform(few[:100]).compute()
used = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
limit = 110 * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (used + limit, used + limit))
X = rng.random((SIZE, 50), dtype="float64", chunks=(10_000, 50))
assert X.nbytes > TIMES * limit
model.set_params(early_stopping=True, validation_fraction=0.01, max_iter=EPOCHS).fit(X)
assert len(model.loss_curve_) == EPOCHS
print(float(model.transform(X[:1_000_000]).std()))
try:
    X.compute()
except MemoryError:
    print("bounded")
"""


def bounded(size, times, epochs):
    code = BOUNDED.replace("SIZE", str(size)).replace("TIMES", str(times))
    code = [sys.executable, "-c", code.replace("EPOCHS", str(epochs))]
    said = subprocess.run(code, capture_output=True, text=True, check=False)
    assert said.stdout.split()[-1:] == ["bounded"], said.stderr


def test_memory_is_bounded():
    bounded(600_000, 2, 1)


@pytest.mark.slow
def test_memory_is_bounded_of_many_rows():
    bounded(3_000_000, 10, 2)
