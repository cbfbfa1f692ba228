"""Scores of states and of densities: units change one kind alone, a search mixes neither."""

import pickle
import warnings
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import BernoulliRBM as SklearnRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    BernoulliRBM,
    BoltzmannMachine,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    GaussianBernoulliRBM,
    ProbabilisticPCA,
    SparseCoder,
    make_generative_pipeline,
)
from skgen.exceptions import MeasureWarning

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
NET = {"n_components": 2, **SMALL}
MACHINE = {"hidden_layer_sizes": (3, 2), "max_iter": 2, "random_state": 0}


def bits(n=60, d=4):
    return (np.random.default_rng(0).random((n, d)) > 0.4).astype(float)


@pytest.mark.parametrize(
    ("model", "of_bits", "of_numbers"),
    [
        (BernoulliRBM(2, max_iter=2), "counting", None),
        (DeepBoltzmannMachine(**MACHINE), "counting", None),
        (BoltzmannMachine(), "counting", None),
        (DeepBeliefNetwork(**MACHINE), "counting", "lebesgue"),
        (VAE(**NET), "counting", "lebesgue"),
        (GaussianBernoulliRBM(2, max_iter=2), "lebesgue", "lebesgue"),
        (ProbabilisticPCA(1), "lebesgue", "lebesgue"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_models_declare_the_measure_of_their_scores(model, of_bits, of_numbers):
    X = bits()
    assert clone(model).fit(X).measure_ == of_bits
    if of_numbers is not None:
        assert clone(model).fit(X + np.random.default_rng(1).random(X.shape)).measure_ == of_numbers
    pipeline = make_generative_pipeline(MinMaxScaler(), clone(model)).fit(3 * X)
    assert pipeline.measure_ == of_bits


@pytest.mark.parametrize(
    "model", [GAN(**NET), Autoencoder(**NET), SparseCoder(2)], ids=lambda m: type(m).__name__
)
def test_models_without_a_density_have_no_measure(model):
    assert model.fit(bits()).measure_ is None


def test_models_of_others_are_densities_unless_they_are_known_to_be_none():
    X = bits()
    measure = {
        name: make_generative_pipeline(MinMaxScaler(), model).fit(X).measure_
        for name, model in {"mixture": GaussianMixture(), "machine": SklearnRBM(2)}.items()
    }
    assert measure == {"mixture": "lebesgue", "machine": "counting"}


@pytest.mark.parametrize(
    "model",
    [
        BernoulliRBM(4, max_iter=20, random_state=0),
        VAE(2, hidden_layer_sizes=(4,), max_iter=20, likelihood="bernoulli", random_state=0),
    ],
    ids=["rbm", "vae"],
)
def test_probabilities_of_states_in_other_units_sum_to_one(model):
    X = (load_digits().data[:, [20, 28, 36, 44]] > 7) * 16.0
    states = np.array(list(product((0, 16.0), repeat=4)))
    pipeline = make_generative_pipeline(MinMaxScaler(), model).fit(X)
    assert np.exp(pipeline.score_samples(states)).sum() == pytest.approx(1, abs=0.03)
    raw = clone(model).fit(X / 16)
    assert_allclose(pipeline.score_samples(states), raw.score_samples(states / 16), atol=1e-5)


def test_states_that_a_clipping_step_cannot_tell_apart_have_none():
    X = bits() * 2
    pipeline = make_generative_pipeline(MinMaxScaler(clip=True), BernoulliRBM(2, max_iter=2)).fit(X)
    assert np.isfinite(pipeline.score(X))
    assert np.isneginf(pipeline.score_samples(X[:1] + 5))[0]


def search(steps, n_jobs=None):
    model = VAE(**NET)
    return GridSearchCV(
        steps(StandardScaler(), model),
        {"standardscaler": [StandardScaler(), MinMaxScaler()]},
        cv=2,
        n_jobs=n_jobs,
    )


@pytest.mark.parametrize("steps", [make_generative_pipeline, make_pipeline])
def test_a_search_over_two_measures_warns_once(steps):
    with pytest.warns(MeasureWarning, match="'counting', while another .* did in 'lebesgue'") as w:
        search(steps).fit(3 * bits())
    assert len([one for one in w if one.category is MeasureWarning]) == 1


def test_a_search_within_one_measure_is_silent():
    X = 3 * bits()
    with warnings.catch_warnings():
        warnings.simplefilter("error", MeasureWarning)
        search(make_generative_pipeline).set_params(estimator__vae__likelihood="gaussian").fit(X)
        for likelihood in ("gaussian", "bernoulli"):
            cross_val_score(VAE(likelihood=likelihood, **NET), bits(), cv=2)


def test_clones_remember_their_siblings_through_a_pickle_and_leave_the_original_alone():
    original = VAE(**NET)
    before = pickle.dumps(original)
    first, second = (pickle.loads(pickle.dumps(clone(original))) for _ in range(2))
    assert pickle.dumps(original) == before
    first.fit(bits()).score(bits())
    rows = bits() + np.random.default_rng(1).random((60, 4))
    with pytest.warns(MeasureWarning):
        second.fit(rows).score(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error", MeasureWarning)
        clone(VAE(**NET)).fit(rows).score(rows)
