"""A fit that was left and goes on ends bitwise equal to one without a break."""

import re

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits

import skgen
from skgen import (
    GAN,
    ICA,
    VAE,
    BernoulliRBM,
    Checkpoint,
    DeepBeliefNetwork,
    DenoisingAE,
    FineTunedClassifier,
    LikelihoodMonitor,
    MixtureOfFactorAnalyzers,
    PixelCNN,
    SparseCoder,
    StackedAE,
)
from skgen.exceptions import CheckpointWarning
from tests.callbacks.test_checkpoint import Stop, small_vae
from tests.instances import having, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]
EPOCHS = 4


@pytest.fixture
def X(rng):
    pytest.importorskip("sklearn.callback")
    return rng.standard_normal((60, 2)) @ rng.standard_normal((2, 5)) + 0.1


def left(model, path, n_epochs, X, *about, before=()):
    """Fit until the process ends, and go on in what stands for another one."""
    with pytest.raises(SystemExit):
        model.set_callbacks(*before, Checkpoint(path), Stop(n_epochs)).fit(X, *about)
    return Checkpoint.resume(path)


def differences(one, other, name=""):
    """Names of what differs in two nested values, bit by bit."""
    if type(one) is not type(other):
        return [name]
    if isinstance(one, dict):
        # The token of clones tells only whose they are.
        names = (set(one) | set(other)) - {"_siblings"}
        pairs = ((k, one.get(k, KeyError), other.get(k, KeyError)) for k in sorted(names, key=str))
        return [d for k, a, b in pairs for d in differences(a, b, f"{name}.{k}")]
    if isinstance(one, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{name}[{i}]")]
    if isinstance(one, torch.Tensor):
        one, other = one.numpy(), other.numpy()
    if isinstance(one, np.ndarray):
        return [name] if (one.dtype, one.tobytes()) != (other.dtype, other.tobytes()) else []
    if isinstance(one, np.random.RandomState):
        return differences(one.get_state(), other.get_state(), name)
    if hasattr(one, "__dict__") and not callable(one):
        return differences(one.__getstate__(), other.__getstate__(), name)
    same = one == other or (one != one and other != other)
    return [] if same else [name]


def assert_same(whole, resumed):
    assert differences(whole.__getstate__(), resumed.set_callbacks().__getstate__()) == []


@pytest.mark.parametrize("estimator", having("_stages"), ids=label)
def test_every_network_and_machine_goes_on(estimator, X, tmp_path):
    y, path = np.arange(len(X)) % 2, tmp_path / "model"
    model = clone(estimator).set_params(max_iter=EPOCHS, random_state=0)
    whole = clone(model).fit(X, y)
    resumed = left(model, path, 3, X, y)
    assert resumed.n_iter_ == len(resumed.loss_curve_) == 3
    assert_same(whole, resumed.fit(X, y))


BITS = (load_digits().data[:80] > 8).astype(float)
FAMILIES = {
    "VAE, early stopping": (VAE(2, early_stopping=True, n_iter_no_change=2, max_iter=9), 4),
    "GAN, spectral norm, averages": (GAN(2, max_iter=4), 5),
    "RBM, PCD": (BernoulliRBM(5, max_iter=6, sparsity_target=0.1), 4),
    "RBM, large": (BernoulliRBM(150, max_iter=4), 2),
    "RBM, tempered": (BernoulliRBM(5, max_iter=4, negative_phase="pt"), 2),
    "DBN, fine-tuned": (
        DeepBeliefNetwork((6, 4), visible="binary", max_iter=3, n_finetune_iter=3),
        7,
    ),
    "stack": (StackedAE(2, hidden_layer_sizes=(5,), n_pretraining_iter=2, max_iter=4), 2),
    "denoising, early stopping": (DenoisingAE(3, early_stopping=True, max_iter=6), 3),
    "pixels": (PixelCNN(4, image_shape=(8, 8), n_layers=2, max_iter=3), 2),
    "dictionary": (SparseCoder(6, alpha=0.3, max_iter=5, tol=0, early_stopping=True), 3),
    "dictionary, coordinates": (SparseCoder(6, alpha=0.3, algorithm="cd", max_iter=4, tol=0), 2),
}


@pytest.mark.parametrize(("estimator", "n_epochs"), FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize("source", [0, "instance"])
def test_each_family_goes_on(estimator, n_epochs, source, tmp_path):
    pytest.importorskip("sklearn.callback")

    def fresh():
        state = np.random.RandomState(3) if source == "instance" else source
        return clone(estimator).set_params(random_state=state)

    resumed = left(fresh(), tmp_path / "model", n_epochs, BITS)
    assert_same(fresh().fit(BITS), resumed.fit(BITS))


@pytest.mark.parametrize("n_iterations", [1, 9, 30])
def test_a_mixture_goes_on_amid_splits_and_merges(n_iterations, tmp_path):
    pytest.importorskip("sklearn.callback")
    X = load_digits().data[:150, 20:24]
    X[::9, 1] = np.nan
    model = MixtureOfFactorAnalyzers(
        5, 1, split_merge=True, prior_weight=1, max_iter=8, random_state=0
    )
    resumed = left(clone(model), tmp_path / "model", n_iterations, X)
    assert_same(model.fit(X), resumed.fit(X))


def test_a_teacher_of_few_labels_goes_on(X, tmp_path):
    y = np.where(np.arange(60) % 6, -1, np.arange(60) // 6 % 2)
    model = FineTunedClassifier(max_iter=6, random_state=0)
    for n_epochs in (3, 5):
        resumed = left(clone(model), tmp_path / "model", n_epochs, X, y)
        assert_same(clone(model).fit(X, y), resumed.fit(X, y))


def test_the_global_generator_is_taken_up_where_it_was_and_left_alone(X, tmp_path):
    np.random.seed(5)
    whole = small_vae(random_state=None).fit(X)
    np.random.seed(5)
    resumed = left(small_vae(random_state=None), tmp_path / "model", 2, X)
    before = np.random.get_state()[1].tobytes()
    assert_same(whole, resumed.fit(X))
    assert np.random.get_state()[1].tobytes() == before


def test_a_warm_start_and_weights_of_rows_go_on(X, tmp_path):
    weight = 1 + np.arange(60) % 3

    def warm():
        return small_vae(warm_start=True).fit(X)

    resumed = left(warm(), tmp_path / "model", 2, X, None, weight)
    assert resumed.n_iter_ == 6
    assert_same(warm().fit(X, None, weight), resumed.fit(X, None, weight))


def test_a_fit_may_be_left_many_times(X, tmp_path):
    model, path = small_vae(max_iter=6, early_stopping=True), tmp_path / "model"
    whole = clone(model).fit(X)
    for _ in range(4):
        resumed = left(model, path, 2, X)
        model = resumed
    assert resumed.n_iter_ == 5
    assert_same(whole, resumed.fit(X))


@pytest.mark.parametrize("last", [False, True])
def test_a_monitor_judges_as_if_there_had_been_no_break(last, X, tmp_path):
    def monitored():
        return LikelihoodMonitor(X[:20], n_iter_no_change=3, tol=0.05)

    model, whole, resumed = small_vae(max_iter=30), monitored(), monitored()
    ended = clone(model).set_callbacks(whole).fit(X)
    assert 2 < ended.n_iter_ < 30
    goes_on = left(clone(model), tmp_path / "model", 2, X, before=[monitored()])
    own = Checkpoint(tmp_path / "other")
    goes_on.set_callbacks(*((resumed, own) if last else (own, resumed))).fit(X)
    assert resumed.scores_ == whole.scores_
    assert_same(ended.set_callbacks(), goes_on)


def test_the_fit_of_another_place_is_refused(X, tmp_path):
    y = np.arange(60) % 2
    model = clone(small_vae(use_labels=True))
    resumed = left(model, tmp_path / "model", 2, X, y)
    for other in ((X + 1e-9, y), (X[:50], y[:50]), (X, 1 - y), (X, y, np.full(60, 1.0) + y)):
        with pytest.raises(ValueError, match="differ from those of the fit"):
            resumed.fit(*other)
    with pytest.raises(ValueError, match="max_iter was set to 9"):
        resumed.set_params(max_iter=9).fit(X, y)
    resumed.set_params(max_iter=4, verbose=0)
    # After all these errors it still goes on.
    assert resumed.fit(X, y).n_iter_ == 4


def test_callbacks_that_decide_are_to_be_set_again(X, tmp_path):
    resumed = left(small_vae(), tmp_path / "model", 2, X, before=[LikelihoodMonitor(X)])
    with pytest.raises(ValueError, match="had the callbacks LikelihoodMonitor"):
        resumed.fit(X)


def test_what_cannot_go_on_says_so(X, tmp_path):
    path = tmp_path / "model"
    ICA(2, random_state=0).set_callbacks(Checkpoint(path)).fit(X)
    with pytest.raises(ValueError, match="holds a ICA in the course of a call that cannot go on"):
        Checkpoint.resume(path)
    small_vae().set_callbacks(Checkpoint(path)).partial_fit(X)
    with pytest.raises(ValueError, match="cannot go on"):
        Checkpoint.resume(path)
    with pytest.raises(FileNotFoundError, match="There is no checkpoint"):
        Checkpoint.resume(tmp_path / "none")


def test_the_file_of_another_version_says_so(X, tmp_path, monkeypatch):
    small_vae().set_callbacks(Checkpoint(tmp_path / "model")).fit(X)
    monkeypatch.setattr(skgen, "__version__", "9.9.9")
    with (
        pytest.warns(UserWarning, match="from version"),
        pytest.raises(ValueError, match=rf"by skgen .*, but this is skgen {re.escape('9.9.9')}"),
    ):
        Checkpoint.resume(tmp_path / "model")


def test_a_damaged_file_is_found_and_the_earlier_one_stands_in(X, tmp_path):
    path, whole = tmp_path / "model", small_vae().fit(X)
    left(small_vae(), path, 3, X)
    content, rng = path.read_bytes(), np.random.default_rng(0)
    mutated = bytearray(content)
    mutated[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    for damaged in (b"", content[: len(content) // 2], content[:-1], content + b"x", mutated):
        path.write_bytes(damaged)
        with pytest.warns(CheckpointWarning, match=r"model' is damaged .*\.earlier' stands in"):
            resumed = Checkpoint.resume(path)
        assert resumed.n_iter_ == 2
    path.unlink()
    with pytest.warns(CheckpointWarning, match="damaged or missing"):
        resumed = Checkpoint.resume(path)
    assert_same(whole, resumed.fit(X))
    for name in (path, tmp_path / "model.earlier"):
        name.write_bytes(content[:99])
    with pytest.raises(ValueError, match="damaged, or no checkpoint"):
        Checkpoint.resume(path)


def test_any_mutation_of_a_file_is_found(X, tmp_path):
    path, rng = tmp_path / "model", np.random.default_rng(0)
    VAE(1, hidden_layer_sizes=(2,), max_iter=1).set_callbacks(Checkpoint(path)).fit(X)
    content = path.read_bytes()
    for _ in range(100):
        mutated = bytearray(content)
        if rng.random() < 0.3:
            del mutated[int(rng.integers(len(content))) :]
        else:
            mutated[int(rng.integers(len(content)))] ^= int(rng.integers(1, 256))
        path.write_bytes(mutated)
        with pytest.raises(ValueError, match="damaged"):
            Checkpoint.resume(path)


@pytest.mark.slow
def test_fits_that_are_killed_at_random_moments_go_on():
    pytest.importorskip("sklearn.callback")
    from benchmarks.cases._kills import MODELS, kill_and_resume

    for name in MODELS:
        assert kill_and_resume(name, 4, 1) == {"kills": 4, "resumed": 4}
