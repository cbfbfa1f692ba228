"""What every estimator on the training loop promises on a CUDA device; run with ``-m gpu``.

With ``SKGEN_TEST_DEVICE=cpu`` all but the parts that only CUDA has run on the CPU, so that the
tests themselves are tested.
"""

import gc
import os
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    BernoulliRBM,
    ContractiveAE,
    ConvolutionalRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    DenoisingAE,
    EnergyBasedModel,
    FineTunedClassifier,
    FullyVisibleBeliefNetwork,
    GaussianBernoulliRBM,
    MeanCovarianceRBM,
    PixelCNN,
    PixelRNN,
    ProductOfExperts,
    SigmoidBeliefNetwork,
    SparseAE,
    TranslationGAN,
    make_generative_pipeline,
)
from skgen.exceptions import DivergenceError
from skgen.training import loop
from skgen.training.inference import LEAST_BLOCK
from skgen.training.step import GraphStep, PlainStep
from tests.instances import SMALL_LABELED, instances, label

DEVICE = os.environ.get("SKGEN_TEST_DEVICE", "cuda")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        DEVICE == "cuda" and not torch.cuda.is_available(), reason="needs a CUDA device"
    ),
    # So short a training does not cover the data, and says so.
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]
needs_cuda = pytest.mark.skipif(DEVICE != "cuda", reason="shown by CUDA alone")

# What a fitted model says of rows without drawing.
VERBS = (
    *("transform", "score_samples", "predict_proba", "free_energy"),
    *("transform_sequence", "score_sequence"),
)
DIGITS = load_digits().data.astype(np.float32) / 16
FITS = {}
# Of sizes that a user would take, and shorter than a user would wait.
QUALITY = [
    Autoencoder(8, max_iter=20),
    ContractiveAE(8, max_iter=20),
    DenoisingAE(8, max_iter=20),
    SparseAE(32, max_iter=20),
    VAE(8, max_iter=20),
    VAE(8, conditional=True, max_iter=20),
    VAE(8, likelihood="bernoulli", binarize=True, n_importance_samples=5, max_iter=20),
    GAN(8, hidden_layer_sizes=(64,), max_iter=20),
    GAN(8, hidden_layer_sizes=(64,), conditional=True, max_iter=20),
    GAN(8, hidden_layer_sizes=(64,), n_codes=1, n_categories=3, max_iter=20),
    GAN(8, hidden_layer_sizes=(64,), encoder=True, max_iter=20),
    TranslationGAN(hidden_layer_sizes=(64,), max_iter=20),
    TranslationGAN(paired=False, hidden_layer_sizes=(64,), max_iter=20),
    FullyVisibleBeliefNetwork(hidden_layer_sizes=(32,), max_iter=3),
    PixelCNN(8, max_iter=20),
    PixelCNN(8, conditional=True, max_iter=20),
    PixelRNN(8, n_layers=1, max_iter=10),
    BernoulliRBM(16, max_iter=60),
    BernoulliRBM(16, negative_phase="pt", n_chains=20, n_temperatures=4, max_iter=30),
    GaussianBernoulliRBM(16, max_iter=60),
    MeanCovarianceRBM(16, max_iter=60),
    EnergyBasedModel(hidden_layer_sizes=(32,), max_iter=60),
    ProductOfExperts(training="score_matching", max_iter=60),
    ConvolutionalRBM(8, max_iter=20, n_ais_steps=200),
    DeepBeliefNetwork((32, 16), visible="binary", max_iter=40),
    DeepBoltzmannMachine((32, 16), max_iter=40),
    DeepBoltzmannMachine((32, 16), training="multi_prediction", max_iter=40),
    SigmoidBeliefNetwork((32, 16), max_iter=40),
    SigmoidBeliefNetwork((32, 16), training="reinforce", max_iter=40),
    FineTunedClassifier(BernoulliRBM(32, max_iter=20), max_iter=20),
]


def device_parameters(estimator):
    """Names of the parameters that say where an estimator, or a part of it, computes."""
    return [name for name in estimator.get_params() if name.split("__")[-1] == "device"]


def placed(estimator, device):
    """A seeded clone that computes on a device."""
    settings = dict.fromkeys(device_parameters(estimator), device)
    seeds = {name: 0 for name in estimator.get_params() if name.split("__")[-1] == "random_state"}
    return clone(estimator).set_params(**settings, **seeds)


def fitted(estimator, X, device=DEVICE):
    """The clone, fitted to rows and labels."""
    return placed(estimator, device).fit(X, (X[:, 0] > X[:, 0].mean()).astype(int))


def kept(estimator, X):
    """A copy of the fit to ``X``, which is made once for all tests."""
    name = label(estimator)
    if name not in FITS:
        FITS[name] = pickle.dumps(fitted(estimator, X))
    return pickle.loads(FITS[name])


def said(model, X):
    """Name -> result of each verb that needs no draws."""
    return {name: getattr(model, name)(X) for name in VERBS if hasattr(model, name)}


def assert_same(left, right, tolerance):
    assert left.keys() == right.keys()
    assert left
    for name, values in left.items():
        scale = max(1.0, np.abs(values).max())
        np.testing.assert_allclose(
            right[name], values, rtol=tolerance, atol=tolerance * scale, err_msg=name
        )


ON_THE_LOOP = [
    *(estimator for estimator in instances() if device_parameters(estimator)),
    FullyVisibleBeliefNetwork(architecture="made", hidden_layer_sizes=(8,), max_iter=3),
]
every_estimator = pytest.mark.parametrize("estimator", ON_THE_LOOP, ids=label)


@pytest.fixture(scope="module")
def X():
    """Rows in [0, 1] that depend on two factors."""
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((1000, 2)) @ rng.standard_normal((2, 12)) * 2
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


@pytest.fixture
def captures(monkeypatch):
    """Why a graph refused each step that was tried; None where it took it."""
    refusals = []
    capture = GraphStep._capture

    def watched(step):
        taken = capture(step)
        refusals.append(step.refusal)
        return taken

    monkeypatch.setattr(GraphStep, "_capture", watched)
    return refusals


@needs_cuda
@every_estimator
def test_every_step_is_captured(estimator, X, captures):
    fitted(estimator, X)
    assert captures
    assert set(captures) == {None}


@needs_cuda
@every_estimator
def test_captured_and_plain_steps_fit_alike(estimator, X, monkeypatch):
    captured = said(fitted(estimator, X), X)
    monkeypatch.setattr(loop, "make_step", PlainStep)
    assert_same(said(fitted(estimator, X), X), captured, 1e-3)


@every_estimator
def test_a_seed_gives_one_fit(estimator, X):
    assert_same(said(kept(estimator, X), X), said(fitted(estimator, X), X), 1e-5)


@every_estimator
def test_devices_agree_on_a_fitted_model(estimator, X):
    model = kept(estimator, X)
    there = said(model, X)
    model.set_params(**dict.fromkeys(device_parameters(model), "cpu"))
    assert_same(said(model, X), there, 1e-4)


@every_estimator
def test_draws_do_not_depend_on_the_device(estimator, X):
    if not hasattr(estimator, "sample"):
        pytest.skip("draws nothing")
    model = kept(estimator, X)
    there = model.sample(2000, random_state=0)
    np.testing.assert_array_equal(there, model.sample(2000, random_state=0))
    model.set_params(**dict.fromkeys(device_parameters(model), "cpu"))
    here = model.sample(2000, random_state=1)
    error = np.sqrt((there.var(axis=0) + here.var(axis=0)) / 2000) + 1e-6
    # Chains are not independent: a few of their rows are worth one.
    assert (np.abs(there.mean(axis=0) - here.mean(axis=0)) < 8 * error).all()
    np.testing.assert_allclose(there.std(axis=0), here.std(axis=0), rtol=0.3, atol=0.02)


@every_estimator
def test_a_model_moves_to_a_machine_without_the_device(estimator, X, monkeypatch):
    model = kept(estimator, X)
    expected, file = said(model, X), pickle.dumps(model)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert_same(said(pickle.loads(file), X), expected, 1e-4)


@needs_cuda
@every_estimator
def test_memory_is_returned(estimator, X):
    fitted(estimator, X)
    gc.collect()
    before = torch.cuda.memory_allocated()
    model = fitted(estimator, X)
    said(model, X)
    gc.collect()
    assert torch.cuda.memory_allocated() <= before + 2**20


@needs_cuda
@every_estimator
def test_a_device_can_be_numbered(estimator, X):
    assert_same(said(fitted(estimator, X, "cuda:0"), X), said(fitted(estimator, X), X), 1e-5)


@every_estimator
def test_blocks_of_rows_are_read_as_one(estimator, X, monkeypatch):
    model = kept(estimator, X)
    whole = said(model, X)
    assert len(X) > 2 * LEAST_BLOCK
    monkeypatch.setattr("skgen.training.inference.N_VALUES", 0)
    assert_same(whole, said(model, X), 1e-5)


@every_estimator
def test_a_fit_goes_on(estimator, X):
    model = placed(estimator, DEVICE)
    y = (X[:, 0] > X[:, 0].mean()).astype(int)
    if not hasattr(model, "partial_fit"):
        pytest.skip("has no partial_fit")
    options = {"classes": [0, 1]} if getattr(model, "use_labels", False) else {}
    for _ in range(2):
        model.partial_fit(X[:500], y[:500], **options)
    assert model.n_iter_ >= 2
    assert all(np.isfinite(values).all() for values in said(model, X).values())


@every_estimator
def test_early_stopping_keeps_the_best_weights(estimator, X):
    if "early_stopping" not in estimator.get_params():
        pytest.skip("has no early stopping of its own")
    model = fitted(clone(estimator).set_params(early_stopping=True), X)
    assert all(np.isfinite(values).all() for values in said(model, X).values())


@pytest.mark.parametrize("estimator", QUALITY, ids=label)
def test_fits_of_both_devices_are_as_good(estimator):
    bits = (DIGITS >= 0.5).astype(np.float32)
    y = load_digits().target
    X = bits if isinstance(estimator, DeepBoltzmannMachine | BernoulliRBM) else DIGITS
    scores = {d: placed(estimator, d).fit(X, y).score(X, y) for d in {DEVICE, "cpu"}}
    # Seeds differ by as much.
    assert scores[DEVICE] == pytest.approx(scores["cpu"], rel=0.06, abs=0.02)


@needs_cuda
def test_rows_that_do_not_fit_are_streamed(X, tmp_path, monkeypatch):
    path = tmp_path / "rows.npy"
    np.save(path, X)
    rows = np.load(path, mmap_mode="r")
    model = VAE(2, max_iter=20, device=DEVICE, random_state=0)
    streamed, resident = (clone(model).fit(data).score(X) for data in (rows, X))
    # Batches differ, as seeds do: by a nat.
    assert streamed == pytest.approx(resident, abs=1.5)


@pytest.mark.parametrize("negative_phase", ["cd", "pcd"])
def test_sparse_rows_train_a_machine(X, negative_phase):
    from scipy.sparse import csr_array

    bits = (X > 0.5).astype(np.float32)
    model = BernoulliRBM(4, negative_phase=negative_phase, max_iter=20, device=DEVICE)
    model.set_params(random_state=0)
    dense, sparse = (clone(model).fit(rows).score(bits) for rows in (bits, csr_array(bits)))
    assert sparse == pytest.approx(dense, abs=0.3)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_searches_run_there(X, n_jobs):
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=3, device=DEVICE, random_state=0)
    search = GridSearchCV(model, {"n_components": [1, 2]}, cv=2, n_jobs=n_jobs).fit(X)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_pipeline_computes_there(X):
    from sklearn.preprocessing import StandardScaler

    model = make_generative_pipeline(StandardScaler(), VAE(2, max_iter=3, device=DEVICE))
    assert np.isfinite(model.fit(X).score(X))
    assert model.sample(3).shape == (3, X.shape[1])


def test_a_failed_fit_leaves_the_earlier_one(X):
    model = Autoencoder(2, max_iter=2, device=DEVICE, random_state=0).fit(X)
    before = model.transform(X)
    model.set_params(learning_rate=1e30, max_iter=20)
    with pytest.raises(DivergenceError):
        model.fit(X)
    np.testing.assert_array_equal(model.transform(X), before)


def test_labels_are_learned_there():
    X, y = load_digits(return_X_y=True)
    X = (X[y < 2] / 16).astype(np.float32)
    y = y[y < 2]
    network = placed(DeepBeliefNetwork(visible="binary", **SMALL_LABELED), DEVICE).fit(X, y)
    assert (network.predict(X) == y).mean() > 0.95
