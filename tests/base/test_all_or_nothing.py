"""A fit that fails, or learns what is not finite, leaves its estimator as it was."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator

from skgen import GAN, ProbabilisticPCA
from skgen.base.sklearn_compat import all_or_nothing
from skgen.exceptions import DivergenceError, FitInterrupted


class Model(BaseEstimator):
    """Sets the attributes that it is told."""

    _may_be_unknown = ("coverage_",)

    def __init__(self, number=1):
        self.number = number


def with_fit(**attributes):
    """A model whose last fit set some attributes."""
    model = Model()
    vars(model).update(attributes)
    return model


def set_in_fit(model, **attributes):
    with all_or_nothing(model):
        vars(model).update(attributes)


def network(weight):
    """A network of one layer with a weight that is told."""
    layer = torch.nn.Linear(2, 1)
    torch.nn.init.constant_(layer.weight, weight)
    return layer


def test_a_fit_that_ends_well_keeps_what_it_set():
    model = with_fit(mean_=1.0)
    set_in_fit(model, mean_=np.ones(2), module_=network(1.0), n_iter_=3)
    assert model.mean_.tolist() == [1, 1]
    assert model.n_iter_ == 3


@pytest.mark.parametrize("kind", [ValueError, KeyError, MemoryError, KeyboardInterrupt])
def test_after_an_error_every_attribute_is_as_before(kind):
    mean = np.ones(2)
    model = with_fit(mean_=mean, _rows=7)
    before = dict(vars(model))

    def fit():
        with all_or_nothing(model):
            model.mean_ = np.zeros(2)
            model.scale_, model.number = 2.0, 5
            del model._rows
            raise kind("lost")

    with pytest.raises(kind, match="lost"):
        fit()
    assert vars(model) == before
    assert model.mean_ is mean


def test_what_belongs_to_callbacks_stays_after_an_error():
    model = with_fit(mean_=1.0)

    def fit():
        with all_or_nothing(model):
            model._skl_callbacks, model._callback_fit_ctx = ["reports"], "context"
            model._parent_callback_ctx = "parent"
            raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        fit()
    known = {"_skl_callbacks", "_callback_fit_ctx", "_parent_callback_ctx"}
    assert vars(model).keys() == {"number", "mean_", *known}


def test_an_interrupt_of_a_model_within_is_an_interrupt():
    model = with_fit(mean_=1.0)
    with pytest.raises(KeyboardInterrupt) as caught, all_or_nothing(model):
        raise FitInterrupted("of a part")
    assert type(caught.value) is KeyboardInterrupt


BAD = {
    "nan": np.nan,
    "NumPy's inf": np.float64(np.inf),
    "float32": np.float32(-np.inf),
    "array": np.array([1.0, np.nan]),
    "array of float32": np.array([[np.inf]], dtype=np.float32),
    "weights": network(np.nan),
    "weights of inf": network(np.inf),
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_what_is_not_finite_is_refused_by_name(value):
    model = with_fit(mean_=1.0)
    with pytest.raises(DivergenceError, match="^weights_ is not finite after the fit: X, or y"):
        set_in_fit(model, mean_=2.0, weights_=value)
    assert vars(model) == {"number": 1, "mean_": 1.0}


GOOD = {
    "numbers": np.array([1.0, -1e308]),
    "none": np.zeros((0, 3)),
    "integers": np.arange(3),
    "text": np.array(["a", "nan"]),
    "objects": np.array([np.nan, None], dtype=object),
    "dates": np.array(["NaT"], dtype="datetime64[s]"),
    "None": None,
    "curve": [np.nan, 1.0],
    "weights": network(3.0),
}


@pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
def test_what_is_finite_or_no_number_is_taken(value):
    model = Model()
    set_in_fit(model, found_=value)
    assert model.found_ is value


def test_what_may_be_unknown_may_be_nan():
    model = Model()
    set_in_fit(model, coverage_=np.nan)
    assert np.isnan(model.coverage_)
    with pytest.raises(DivergenceError, match="^mean_ is not finite"):
        set_in_fit(model, coverage_=np.nan, mean_=np.nan)


def test_parameters_private_and_earlier_attributes_are_not_judged():
    nan = np.array([np.nan])
    model = with_fit(earlier_=nan)
    set_in_fit(model, number=np.nan, _private=np.nan, mean_=1.0)
    assert model.mean_ == 1
    with pytest.raises(DivergenceError, match="^earlier_"):
        set_in_fit(model, earlier_=nan.copy())


def test_an_overflow_in_a_fit_warns_of_nothing():
    model = Model()
    with warnings.catch_warnings(), all_or_nothing(model):
        warnings.simplefilter("error")
        model.mean_ = 1 / (np.full(2, 1e200) ** 2)
    assert model.mean_.tolist() == [0, 0]


def test_a_linear_model_of_numbers_too_large_is_refused():
    X = np.random.default_rng(0).normal(size=(20, 3))
    model = ProbabilisticPCA(1).fit(X)
    before = model.score(X)
    with pytest.raises(ValueError, match="X"):
        model.fit(X * 1e200)
    assert model.score(X) == before


def test_the_coverage_of_a_gan_of_few_rows_may_be_unknown():
    small = {"hidden_layer_sizes": (4,), "max_iter": 1, "random_state": 0}
    assert np.isnan(GAN(1, **small).fit(np.ones((1, 2))).coverage_)
