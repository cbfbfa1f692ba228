"""The template: seeds, faults, resuming, pickles, callbacks."""

import copy
import io
import logging
import pickle
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skgen import VAE, Autoencoder, ContractiveAE, DenoisingAE, LikelihoodMonitor, SparseAE
from skgen.exceptions import DivergenceError, FitInterrupted

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
MODELS = [
    cls(n_components=2, **SMALL) for cls in (Autoencoder, ContractiveAE, DenoisingAE, SparseAE, VAE)
]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)


@pytest.fixture
def X(rng):
    return rng.standard_normal((60, 4)) @ rng.standard_normal((4, 4)) + 3


@every_model
def test_same_seed_same_result_and_global_generators_untouched(model, X):
    numpy_state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()
    fits = [clone(model).fit(X) for _ in range(2)]
    np.testing.assert_array_equal(fits[0].transform(X), fits[1].transform(X))
    np.testing.assert_array_equal(fits[0].sample(5), fits[1].sample(5))
    other = clone(model).set_params(random_state=1).fit(X)
    assert not np.array_equal(other.transform(X), fits[0].transform(X))
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)
    assert torch.equal(torch.get_rng_state(), torch_state)


@every_model
def test_verbose_reports_and_does_not_change_the_fit(model, X, caplog):
    with caplog.at_level(logging.INFO, "skgen"):
        loud = clone(model).set_params(verbose=1).fit(X)
    assert len(caplog.records) == 3
    assert "epoch 3/3" in caplog.text
    np.testing.assert_array_equal(loud.transform(X), clone(model).fit(X).transform(X))


@every_model
@pytest.mark.parametrize(
    "shape", [(1, 4), (2, 1), (3, 5), (40, 1)], ids=["n=1", "n=2,d=1", "n<batch", "d=1"]
)
def test_tiny_data(model, shape, rng):
    X = rng.standard_normal(shape)
    fitted = clone(model).fit(X)
    assert np.isfinite(fitted.score(X))
    assert np.isfinite(fitted.sample(3)).all()


@every_model
def test_constant_and_duplicate_columns_work(model, rng):
    X = rng.standard_normal((30, 4))
    X[:, 1], X[:, 2] = 1e8, X[:, 0]
    fitted = clone(model).fit(X)
    assert np.isfinite(fitted.score(X))
    np.testing.assert_allclose(fitted.sample(4)[:, 1], 1e8, rtol=1e-6)
    assert np.isfinite(clone(model).fit(np.ones((9, 2))).score_samples(np.ones((9, 2)))).all()


def unusual_forms(X):
    fortran = np.asfortranarray(X)
    frozen = X.copy()
    frozen.flags.writeable = False
    frame = pd.DataFrame(X, columns=list("abcd"))
    return {
        "fortran": fortran,
        "read-only": frozen,
        "strided": X.repeat(2, 1)[:, ::2],
        "pandas": frame,
    }


@every_model
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_form_of_the_array_does_not_matter(model, X, dtype):
    X = X.astype(dtype)
    plain = clone(model).fit(X).transform(X)
    assert plain.dtype == dtype
    for name, form in unusual_forms(X).items():
        result = np.asarray(clone(model).fit(form).transform(form))
        np.testing.assert_allclose(result, plain, rtol=1e-5, atol=1e-6, err_msg=name)


@every_model
def test_reversed_views_of_codes_decode(model, X):
    fitted = clone(model).fit(X)
    Z = fitted.transform(X)
    np.testing.assert_allclose(
        fitted.inverse_transform(Z[::-1]), fitted.inverse_transform(Z)[::-1], rtol=1e-6
    )
    np.testing.assert_allclose(
        fitted.inverse_transform(Z[:1][::-1]), fitted.inverse_transform(Z[:1]), rtol=1e-6
    )
    assert np.isfinite(fitted.score_samples(X[:1, ::-1])).all()


@every_model
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_memmap_is_read_in_batches_and_never_copied_whole(model, tmp_path, monkeypatch, dtype):
    rng = np.random.default_rng(0)
    X = np.memmap(tmp_path / "X", dtype=dtype, mode="w+", shape=(60, 4))
    X[:] = rng.integers(0, 20, X.shape)
    monkeypatch.setattr(
        "skgen.training.rows.DeviceRows.__init__", lambda *args: pytest.fail("copied whole")
    )
    for early_stopping in (False, True):
        fitted = clone(model).set_params(early_stopping=early_stopping).fit(X)
        assert np.isfinite(fitted.score(np.asarray(X, dtype=float)))


@every_model
def test_a_large_offset_costs_no_digits(model, X):
    near, far = clone(model).fit(X), clone(model).fit(X + 1e6)
    np.testing.assert_allclose(far.transform(X + 1e6), near.transform(X), rtol=1e-3, atol=1e-3)


@every_model
def test_scores_and_codes_do_not_depend_on_the_unit_of_the_data(model, X):
    one, mega = clone(model).fit(X), clone(model).fit(X * 1e6)
    np.testing.assert_allclose(mega.transform(X * 1e6), one.transform(X), rtol=1e-3, atol=1e-4)


@every_model
def test_score_rows_do_not_depend_on_batches(model, X):
    fitted = clone(model).fit(X)
    scores = fitted.score_samples(X)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(
        np.concatenate([fitted.score_samples(x[None]) for x in X]), scores, rtol=1e-9
    )
    assert fitted.score(X) == pytest.approx(scores.mean())
    single = fitted.score_samples(X.astype(np.float32))
    np.testing.assert_allclose(single, scores, rtol=1e-4, atol=1e-3)


@every_model
def test_divergence_keeps_the_earlier_fit(model, X):
    fitted = clone(model).fit(X)
    before, attributes = fitted.transform(X), set(vars(fitted))
    fitted.set_params(learning_rate=1e30, max_iter=20)
    with pytest.raises(DivergenceError, match="learning_rate"):
        fitted.fit(np.hstack([X, X]))
    assert set(vars(fitted)) == attributes
    np.testing.assert_array_equal(fitted.transform(X), before)


def interrupting(est, monkeypatch, n_updates):
    """Make the estimator's training raise KeyboardInterrupt after some updates."""
    stages = type(est)._stages

    def interrupted(self, module):
        calls = []

        def schedule(progress):
            calls.append(progress)
            if len(calls) > n_updates:
                raise KeyboardInterrupt

        return [replace(s, schedule=schedule) for s in stages(self, module)]

    monkeypatch.setattr(type(est), "_stages", interrupted)


@every_model
def test_ctrl_c_leaves_a_usable_estimator_and_gets_through(model, X, monkeypatch):
    model = clone(model)
    interrupting(model, monkeypatch, n_updates=5)
    with pytest.raises(FitInterrupted, match="interrupted in epoch 2; what it had learned is kept"):
        model.fit(X)
    assert model.n_iter_ == 2
    assert np.isfinite(model.score(X))
    assert model.sample(3).shape == (3, 4)


def test_a_killed_fit_keeps_the_earlier_one(X, monkeypatch):
    model = clone(MODELS[0]).fit(X)
    before = model.transform(X)
    interrupting(model, monkeypatch, n_updates=0)
    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit(X[:, :2])
    assert not isinstance(caught.value, FitInterrupted)
    np.testing.assert_array_equal(model.transform(X), before)


@every_model
def test_partial_fit_streams_and_keeps_the_optimizer(model, X):
    streamed = clone(model).set_params(batch_size=len(X), learning_rate_schedule="constant")
    whole = clone(streamed).set_params(max_iter=3)
    assert streamed.partial_fit(X) is streamed
    for _ in range(2):
        streamed.partial_fit(X)
    assert streamed.n_iter_ == 3
    if type(model) in (Autoencoder, SparseAE):
        # No noise but the order of rows, which a full batch does not feel.
        np.testing.assert_allclose(
            streamed.transform(X), whole.fit(X).transform(X), rtol=1e-3, atol=1e-5
        )
    for _ in range(30):
        streamed.partial_fit(X)
    assert streamed.loss_curve_[-1] < streamed.loss_curve_[0]


def test_partial_fit_does_not_repeat_its_noise(X):
    still = clone(MODELS[-1]).set_params(learning_rate=1e-12)
    for _ in range(3):
        still.partial_fit(X)
    assert len(set(still.loss_curve_)) == 3


def test_partial_fit_heeds_changed_parameters_and_skips_warm_up(X):
    model = clone(MODELS[-1]).set_params(kl_warm_up=1.0, beta=2.0).partial_fit(X)
    assert float(model.module_.kl_weight) == 2.0
    before = model.transform(X)
    model.set_params(learning_rate=1e-12).partial_fit(X)
    np.testing.assert_allclose(model.transform(X), before, atol=1e-6)


@every_model
def test_warm_start_goes_on(model, X):
    warm = clone(model).set_params(warm_start=True).fit(X)
    first = warm.loss_curve_[-1]
    warm.set_params(max_iter=30).fit(X)
    assert warm.n_iter_ == len(warm.loss_curve_) == 33
    assert warm.loss_curve_[-1] < first
    with pytest.raises(ValueError, match="warm_start=False"):
        warm.fit(X[:, :3])


RESHAPED = {
    "n_components": 3,
    "hidden_layer_sizes": (9,),
    "activation": "tanh",
    "encoder": lambda n_features, n_out: nn.Linear(n_features, n_out),
}
RESHAPED_OF = {
    "Autoencoder": {"loss": "cross_entropy", "code_activation": "tanh", "tied_weights": True},
    "ContractiveAE": {"code_activation": "tanh"},
    "SparseAE": {"penalty": "l1"},
    "VAE": {"likelihood": "bernoulli", "noise_variance": "isotropic"},
}


@every_model
def test_going_on_refuses_another_architecture_by_name(model, X):
    warm = clone(model).set_params(warm_start=True).fit(X)
    before = warm.transform(X)
    changes = {**RESHAPED, **RESHAPED_OF.get(type(model).__name__, {})}
    for name, value in changes.items():
        kept = getattr(warm, name)
        warm.set_params(**{name: value})
        for verb in (warm.fit, warm.partial_fit):
            with pytest.raises(ValueError, match=rf"{name}=.* built with {name}=.*warm_start"):
                verb(X)
        warm.set_params(**{name: kept})
    np.testing.assert_array_equal(warm.transform(X), before)
    assert warm.set_params(hidden_layer_sizes=[8]).fit(X).n_iter_ == 6
    warm.set_params(warm_start=False, n_components=3).fit(X)
    assert warm.transform(X).shape == (60, 3)


@every_model
def test_early_stopping_keeps_the_best_epoch(model, X):
    stopped = clone(model).set_params(
        early_stopping=True, max_iter=400, n_iter_no_change=3, learning_rate=0.02, tol=1e-3
    )
    stopped.fit(X)
    assert stopped.n_iter_ < 400
    assert stopped.best_loss_ == -max(stopped.validation_scores_)
    assert len(stopped.validation_scores_) == stopped.n_iter_
    with pytest.raises(ValueError, match="early_stopping=False"):
        stopped.fit(X[:1])


@every_model
def test_pickle_joblib_and_copies_hold_arrays_not_tensors(model, X, tmp_path):
    fitted = clone(model).fit(X)
    state = fitted.__getstate__()
    assert all(isinstance(w, np.ndarray) for w in state["_weights"].values())
    assert "module_" not in state
    joblib.dump(fitted, tmp_path / "model")
    copies = [
        pickle.loads(pickle.dumps(fitted)),
        joblib.load(tmp_path / "model", mmap_mode="r"),
        copy.deepcopy(fitted),
    ]
    for twin in copies:
        np.testing.assert_array_equal(twin.transform(X), fitted.transform(X))
        np.testing.assert_array_equal(twin.score_samples(X), fitted.score_samples(X))
        np.testing.assert_array_equal(twin.sample(3), fitted.sample(3))


def test_a_pickle_survives_changed_parameters(X):
    fitted = clone(MODELS[0]).fit(X)
    expected = fitted.transform(X)
    fitted.set_params(hidden_layer_sizes=(3, 3))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).transform(X), expected)


def user_encoder(n_features, n_out):
    return nn.Sequential(nn.Linear(n_features, 7), nn.Dropout(0.2), nn.Tanh(), nn.Linear(7, n_out))


@every_model
def test_own_modules_survive_clone_and_pickle(model, X):
    own = clone(model).set_params(encoder=user_encoder, decoder=user_encoder)
    fits = [clone(own).fit(X) for _ in range(2)]
    # Dropout draws from a global generator: it is seeded for the fit, and silent after it.
    np.testing.assert_array_equal(fits[0].transform(X), fits[1].transform(X))
    twin = pickle.loads(pickle.dumps(fits[0]))
    np.testing.assert_array_equal(twin.transform(X), fits[0].transform(X))


@every_model
def test_images_pass_through_convolutions(model, rng):
    images = clone(model).set_params(image_shape=(6, 5), max_iter=1)
    X = rng.standard_normal((20, 30))
    fitted = images.fit(X)
    assert any(isinstance(m, nn.Conv2d) for m in fitted.module_.modules())
    assert fitted.sample(2).shape == (2, 30)


def test_parallel_search_equals_a_serial_one(X):
    def scores(n_jobs):
        pipeline = make_pipeline(StandardScaler(), clone(MODELS[-1]))
        search = GridSearchCV(pipeline, {"vae__n_components": [1, 2]}, cv=2, n_jobs=n_jobs)
        return search.fit(X).cv_results_["mean_test_score"]

    np.testing.assert_allclose(scores(2), scores(1), rtol=1e-4)


class Recorder:
    """A callback that counts epochs and may stop."""

    def __init__(self, stop_after=99):
        self.stop_after, self.names = stop_after, []

    def setup(self, estimator, context):
        self.names.append("setup")

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.names.append(context.task_name)
        return self.names.count("epoch") >= self.stop_after

    def teardown(self, estimator, context):
        self.names.append("teardown")


@every_model
def test_callbacks_hear_of_every_epoch_and_may_stop(model, X):
    pytest.importorskip("sklearn.callback")
    recorder = Recorder(stop_after=2)
    fitted = clone(model).set_callbacks(recorder).fit(X)
    assert fitted.n_iter_ == 2
    assert recorder.names == ["setup", "epoch", "epoch", "fit", "teardown"]


@every_model
def test_likelihood_monitor_follows_the_score(model, X):
    pytest.importorskip("sklearn.callback")
    monitor = LikelihoodMonitor(X[:20])
    fitted = clone(model).set_callbacks(monitor).fit(X)
    assert [epoch for epoch, _ in monitor.scores_] == [1, 2, 3]
    assert monitor.scores_[-1][1] == pytest.approx(fitted.score(X[:20]))


def test_callbacks_are_torn_down_after_a_divergence(X):
    pytest.importorskip("sklearn.callback")
    recorder = Recorder()
    model = clone(MODELS[0]).set_params(learning_rate=1e30, max_iter=20).set_callbacks(recorder)
    with pytest.raises(DivergenceError):
        model.fit(X)
    assert recorder.names[-1] == "teardown"


def test_an_absent_device_is_named():
    with pytest.raises(ValueError, match=r"cuda:77.*not available"):
        clone(MODELS[0]).set_params(device="cuda:77").fit(np.zeros((3, 2)))


def test_verbose_writes_to_stdout_when_logging_is_not_set_up(X, monkeypatch):
    stream = io.StringIO()
    logger = logging.getLogger("skgen")
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "level", logging.WARNING)
    clone(MODELS[0]).set_params(verbose=True).fit(X)
    first, *_, last = stream.getvalue().splitlines()
    assert first.startswith("[skgen] epoch 1/3  reconstruction")
    assert last.endswith(" s, 0 s left")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_networks_give_the_same_fit(X):
    plain = clone(MODELS[-1]).fit(X)
    compiled = clone(MODELS[-1]).set_params(compile=True).fit(X)
    np.testing.assert_allclose(compiled.transform(X), plain.transform(X), rtol=1e-3, atol=1e-4)
    twin = pickle.loads(pickle.dumps(compiled))
    np.testing.assert_array_equal(twin.transform(X), compiled.transform(X))
