"""Models of bits refuse what is certainly none, and warn of what hardly is."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_digits

from skgen import (
    RNNRBM,
    VAE,
    Autoencoder,
    BernoulliRBM,
    BoltzmannMachine,
    ConditionalRBM,
    ConvolutionalRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    FineTunedClassifier,
    SigmoidBeliefNetwork,
)
from skgen.exceptions import DataRangeWarning
from skgen.testing import deterministic_verb

NET = {"n_components": 2, "hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}
DEEP = {"hidden_layer_sizes": (4, 3), "max_iter": 2, "n_burn_in": 5, "random_state": 0}
MODELS = [
    Autoencoder(**NET),
    VAE(**NET),
    BernoulliRBM(3, max_iter=2, n_burn_in=5, random_state=0),
    ConvolutionalRBM(3, visible="binary", max_iter=2, n_burn_in=5, random_state=0),
    DeepBeliefNetwork(**DEEP),
    DeepBoltzmannMachine(**DEEP),
    BoltzmannMachine(),
    SigmoidBeliefNetwork((4, 3), max_iter=2, random_state=0),
    ConditionalRBM(3, max_iter=2, n_burn_in=5, random_state=0),
    RNNRBM(3, n_recurrent=3, max_iter=2, n_burn_in=5, random_state=0),
]
STREAMED = [model for model in MODELS if hasattr(model, "partial_fit")]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)


@pytest.fixture
def bits(rng):
    return (rng.random((60, 5)) < 0.4).astype(float)


VERBS = (
    "score",
    "score_samples",
    "score_sequence",
    "transform",
    "free_energy",
    "denoise",
    "posterior",
    "gibbs",
)


@every_model
def test_every_verb_refuses_rows_that_someone_forgot_to_scale(model, bits):
    fitted = clone(model).fit(bits)
    for verb in filter(lambda verb: hasattr(fitted, verb), VERBS):
        with pytest.raises(
            ValueError, match="0 to 16, but the fit took X for .* 0 to 1; .*fit anew"
        ):
            getattr(fitted, verb)(16 * bits)
    if hasattr(fitted, "impute"):
        gaps = np.where(np.eye(60, 5) > 0, np.nan, 16 * bits)
        for verb in (fitted.impute, fitted.sample_conditional):
            with pytest.raises(ValueError, match="0 to 16"):
                verb(gaps)


@every_model
def test_rows_that_stray_count_as_the_nearest_that_the_model_describes(model, bits):
    fitted = clone(model).fit(bits)
    score = getattr(fitted, "score_samples", None) or fitted.score_sequence
    stray = bits.copy()
    stray[:, 0] = np.where(bits[:, 0] > 0, 1.3, -0.2)
    with pytest.warns(DataRangeWarning, match="-0.2 to 1.3.*nearest.*clip=True"):
        scores = score(stray)
    np.testing.assert_array_equal(scores, score(bits))
    # The rounding of a scaler is no stray.
    np.testing.assert_allclose(score(bits * (1 + 1e-15)), scores)


def test_sparse_rows_are_held_in_the_range_too(bits):
    fitted = clone(MODELS[2]).fit(scipy.sparse.csr_array(bits))
    with pytest.warns(DataRangeWarning, match="0 to 1.5"):
        scores = fitted.score_samples(scipy.sparse.csr_array(1.5 * bits))
    np.testing.assert_allclose(scores, fitted.score_samples(bits), rtol=1e-6)


@every_model
def test_fits_refuse_what_is_certainly_neither_bits_nor_probabilities(model, bits):
    explicit = {
        "Autoencoder": {"loss": "cross_entropy"},
        "VAE": {"likelihood": "bernoulli"},
        "DeepBeliefNetwork": {"visible": "binary"},
    }
    model = clone(model).set_params(**explicit.get(type(model).__name__, {}))
    with pytest.raises(
        ValueError, match=r"ranges from 0 to 255; scale X with MinMaxScaler, or use"
    ):
        model.fit(255 * bits)
    assert not hasattr(model, "module_")


@pytest.mark.parametrize("model", STREAMED, ids=lambda m: type(m).__name__)
def test_going_on_refuses_rows_of_another_range(model, bits):
    fitted = clone(model).partial_fit(bits)
    verb = getattr(fitted, deterministic_verb(fitted))
    before = verb(bits)
    with pytest.raises(ValueError, match="0 to 4, but the earlier fit took X for .* fit anew"):
        fitted.partial_fit(4 * bits)
    np.testing.assert_array_equal(verb(bits), before)
    with pytest.warns(DataRangeWarning, match="0 to 1.5"):
        fitted.partial_fit(1.5 * bits)
    # Now it is known: nothing is left to warn of.
    fitted.score(1.4 * bits)


def test_counts_whose_first_rows_are_bits_do_not_become_bits(rng):
    counts = rng.poisson(0.4, (300, 20)).astype(float)
    counts[:60] = np.minimum(counts[:60], 1)
    model = Autoencoder(**NET).partial_fit(counts[:60])
    assert model.loss_ == "cross_entropy"
    with pytest.raises(ValueError, match='fit anew with loss="squared_error"'):
        model.partial_fit(counts[60:])


def test_unscaled_digits_do_not_score_above_scaled_ones():
    X = load_digits().data
    model = VAE(max_iter=3, random_state=0).fit(X[:400] / 16)
    assert model.score(X[400:500] / 16) < 0
    with pytest.raises(ValueError, match="0 to 16"):
        model.score(X[400:500])


def test_a_classifier_knows_the_range_of_its_estimator(bits):
    y = np.arange(60) % 2
    model = FineTunedClassifier(BernoulliRBM(3, max_iter=2), max_iter=2).fit(bits, y)
    with pytest.raises(ValueError, match="0 to 16, but the fit took X for BernoulliRBM"):
        model.predict(16 * bits)


def test_models_of_all_numbers_take_all_numbers(bits):
    model = VAE(likelihood="gaussian", **NET).fit(bits)
    assert model.score(16 * bits) < model.score(bits)
