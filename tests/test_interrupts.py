"""Ctrl-C gets through soon, and leaves a model that is usable, or as it was."""

import os
import pickle
import random
import signal
import threading
import time
from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from torch import nn

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    BernoulliRBM,
    FactorAnalysis,
    FineTunedClassifier,
    ProbabilisticPCA,
    SparseCoder,
    fit_seeds,
)
from skgen.exceptions import FitInterrupted
from skgen.interrupts import Interrupts, innermost
from skgen.testing import deterministic_verb, fitted, labels, toy
from tests.instances import instances, label
from tests.process import unchanged_process

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.MeasureWarning"),
]
LONG = 10**6


@pytest.fixture(autouse=True)
def answers():
    """SIGINT raises KeyboardInterrupt, also where a shell runs the tests in the background."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("only the main thread gets signals")
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)


class Finger:
    """Presses Ctrl-C after a while, and remembers when."""

    def __init__(self, delay):
        self.delay = delay

    def __enter__(self):
        self.timer = threading.Timer(self.delay, self._press)
        self.timer.start()
        return self

    def __exit__(self, kind, *error):
        if kind is not None:
            self.timer.cancel()
        self.timer.join()

    def _press(self):
        self.pressed = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)


def error_of(call, delay):
    """The KeyboardInterrupt with which a call ends after so many seconds."""
    try:
        with Finger(delay):
            call()
    except KeyboardInterrupt as error:  # an uncaught one would end all tests
        return error


def endless(estimator):
    """A clone that would train for ever."""
    model = clone(estimator)
    for parameter in model.get_params():
        if parameter.rpartition("__")[2] == "max_iter":
            model.set_params(**{parameter: LONG})
        if parameter.rpartition("__")[2] == "random_state":
            model.set_params(**{parameter: 0})
    return model


def fit_until_pressed(model, X, delay):
    """Fit until Ctrl-C after so many seconds; the exception, what the model was, and how long."""
    with Finger(delay) as finger:
        try:
            while True:
                before = dict(vars(model))
                model.fit(X, labels(len(X)))
        except KeyboardInterrupt as error:
            return error, before, time.perf_counter() - finger.pressed


def assert_soon_and_whole(estimator, delay, *, within):
    model, X = endless(estimator), toy()
    with unchanged_process():
        error, before, seconds = fit_until_pressed(model, X, delay)
    assert seconds < within
    if isinstance(error, FitInterrupted):
        assert error.estimator is model
    elif vars(model).keys() == before.keys() and "n_features_in_" not in before:
        return  # as it was
    check_is_fitted(model)
    assert np.isfinite(getattr(model, deterministic_verb(model))(X)).all()
    if hasattr(model, "sample"):
        assert np.isfinite(model.sample(3)).all()


@pytest.mark.parametrize("estimator", instances(), ids=label)
def test_ctrl_c_ends_a_fit_soon_and_leaves_it_whole(estimator):
    fitted(estimator)  # kernels are compiled
    assert_soon_and_whole(estimator, random.Random(label(estimator)).uniform(0.05, 0.3), within=30)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", instances(), ids=label)
def test_ctrl_c_at_many_moments(estimator):
    fitted(estimator)
    for delay in np.random.default_rng(0).uniform(0, 0.8, 9):
        assert_soon_and_whole(estimator, delay, within=2)


HOLES = np.where(np.random.default_rng(0).random((3000, 12)) < 0.2, np.nan, toy(3000, 12))
ITERATED = {
    "rbm": (BernoulliRBM(3, max_iter=LONG), toy()),
    "vae": (VAE(2, hidden_layer_sizes=(8,), max_iter=LONG), toy()),
    "dictionary": (SparseCoder(8, tol=0, max_iter=LONG), toy(3000, 8)),
    "pursuit": (SparseCoder(8, alpha=0.01, tol=0, max_iter=LONG), toy(3000, 8)),
    "ppca": (ProbabilisticPCA(2, tol=0, max_iter=LONG), HOLES),
    "factors": (FactorAnalysis(2, tol=0, max_iter=LONG), HOLES),
}


@pytest.mark.parametrize(("estimator", "X"), ITERATED.values(), ids=ITERATED)
def test_what_was_learned_is_kept(estimator, X):
    model = clone(estimator).set_params(max_iter=2).fit(X)  # kernels are compiled
    # Before its first iteration, and after its last, a fit has nothing to keep.
    for delay in np.geomspace(0.02, 0.6, 12):
        model = clone(estimator)
        error = error_of(partial(model.fit, X), delay)
        if isinstance(error, FitInterrupted):
            break
    assert isinstance(error, FitInterrupted)
    assert "what it had learned is kept" in str(error)
    assert error.estimator is model
    assert np.isfinite(model.score(X if not np.isnan(X).any() else model.impute(X)))
    assert 1 <= model.n_iter_ < LONG


def test_a_search_does_not_go_on():
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=LONG, random_state=0)
    search = GridSearchCV(make_pipeline(StandardScaler(), model), {"vae__beta": [1, 2, 4]}, cv=2)
    with pytest.raises(KeyboardInterrupt), Finger(0.3):
        search.fit(toy())
    assert not hasattr(search, "best_params_")


def test_pretraining_ends_the_whole_fit():
    model = FineTunedClassifier(BernoulliRBM(3, max_iter=2), max_iter=2, random_state=0)
    model.fit(toy(), labels())
    before = model.predict_proba(toy())
    model.set_params(estimator__max_iter=LONG)
    with pytest.raises(KeyboardInterrupt) as caught, Finger(0.3):
        model.fit(toy(), labels())
    assert not isinstance(caught.value, FitInterrupted)
    np.testing.assert_array_equal(model.predict_proba(toy()), before)


def test_seeds_that_train_together_are_handed_over():
    model = GAN(2, hidden_layer_sizes=(8,), max_iter=1)
    fit_seeds(model, toy(), range(2))
    model.set_params(max_iter=LONG)
    error = error_of(lambda: fit_seeds(model, toy(), range(2)), 0.3)
    assert isinstance(error, FitInterrupted)
    assert "The fit of GAN" in str(error)
    assert [len(fit.sample(3)) for fit in error.estimator] == [3, 3]


class Stopper:
    """A callback that ends its second epoch as Ctrl-C would."""

    def setup(self, estimator, context):
        self.n_epochs, self.torn_down = 0, False

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.n_epochs += context.parent is not None
        if context.parent is not None and self.n_epochs == 2:
            raise KeyboardInterrupt
        return False

    def teardown(self, estimator, context):
        self.torn_down = True


def test_an_interrupted_callback_ends_the_fit_and_is_torn_down():
    pytest.importorskip("sklearn.callback")
    stopper = Stopper()
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=5).set_callbacks(stopper)
    with pytest.raises(FitInterrupted, match="epoch 2"):
        model.fit(toy())
    assert stopper.torn_down
    assert model.n_iter_ == len(model.loss_curve_) == 2


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_batch_that_is_torn_leaves_a_usable_model(method):
    class Torn(nn.Linear):
        n_calls = 0

        def forward(self, x):
            self.n_calls += self.training
            if self.training and self.n_calls == 5:
                raise KeyboardInterrupt
            return super().forward(x)

    model = Autoencoder(2, hidden_layer_sizes=(), batch_size=10, encoder=Torn)
    with pytest.raises(FitInterrupted, match="epoch 1"):
        getattr(model, method)(toy())
    assert np.isfinite(model.transform(toy())).all()


class Deaf(VAE):
    """A model whose end of a fit takes long."""

    def _finish(self, X):
        time.sleep(30)


def test_a_second_ctrl_c_does_not_wait():
    fitted(VAE(2, hidden_layer_sizes=(8,), max_iter=1))
    model = Deaf(2, hidden_layer_sizes=(8,), max_iter=LONG)
    start = time.perf_counter()
    with Finger(0.3):
        error = error_of(lambda: model.fit(toy()), 0.9)
    assert type(error) is KeyboardInterrupt
    assert time.perf_counter() - start < 10
    assert not hasattr(model, "module_")


def test_the_handler_of_a_user_is_called_and_the_fit_goes_on():
    calls, earlier = [], signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda number, frame: calls.append(number))
    try:
        with Finger(0.05):
            model = VAE(2, hidden_layer_sizes=(8,), max_iter=60, random_state=0).fit(toy())
    finally:
        signal.signal(signal.SIGINT, earlier)
    assert calls == [signal.SIGINT]
    assert model.n_iter_ == 60


def press_and_raise(error=None):
    """Press Ctrl-C in a context that holds it; return whether the context was left only later."""
    reached = False
    try:
        with Interrupts():
            signal.raise_signal(signal.SIGINT)
            reached = True
            if error is not None:
                raise error
    except KeyboardInterrupt:
        return reached


def test_interrupts_are_noted_while_held():
    assert press_and_raise()
    with Interrupts() as interrupts:
        assert not interrupts.ask()
        signal.raise_signal(signal.SIGINT)
        assert interrupts.ask()
        assert interrupts.ask()
        assert innermost() is interrupts
    assert innermost() is not interrupts


def test_an_interrupt_noted_before_an_error_is_not_lost_with_it():
    assert press_and_raise(ValueError())


def test_what_was_noted_is_answered_on_release():
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupts.release()


def test_nested_fits_hand_interrupts_outwards():
    with Interrupts() as outer:
        with Interrupts() as inner:
            signal.raise_signal(signal.SIGINT)
            assert not inner.ask()
        assert outer.ask()


def test_what_a_kernel_makes_of_an_interrupt_is_one_again():
    with pytest.raises(KeyboardInterrupt), Interrupts():
        raise SystemError from KeyboardInterrupt()
    with pytest.raises(SystemError), Interrupts():
        raise SystemError from ValueError()


def test_the_exception_survives_the_way_from_another_process():
    error = FitInterrupted.of(ProbabilisticPCA(1), "in iteration 3")
    twin = pickle.loads(pickle.dumps(error))
    assert str(twin) == str(error)
    assert twin.estimator.n_components == 1


def test_other_threads_are_left_alone():
    handlers = []

    def enter():
        with Interrupts() as interrupts:
            interrupts.release()
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
