"""What a stream is known by does not depend on how it begins."""

import pickle

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.base import clone

from skgen import GAN, VAE, Autoencoder, DeepBeliefNetwork, DenoisingAE, GaussianBernoulliRBM
from skgen.exceptions import DataRangeWarning

SMALL = {"hidden_layer_sizes": (8,), "random_state": 0}
MODELS = [
    GaussianBernoulliRBM(8, random_state=0),
    DeepBeliefNetwork((4, 4), visible="gaussian", random_state=0),
    VAE(2, **SMALL),
    Autoencoder(2, **SMALL),
    Autoencoder(2, bounded=True, **SMALL),
    DenoisingAE(2, **SMALL),
    GAN(2, **SMALL),
]
every_model = pytest.mark.parametrize(
    "model", MODELS, ids=lambda m: f"{type(m).__name__}{getattr(m, 'bounded', '')}"
)


@pytest.fixture(scope="module")
def X():
    return 1000 * np.random.default_rng(0).standard_normal((320, 5)) + 50


@every_model
@pytest.mark.parametrize("scale", [1.0, 1e-9])
def test_one_row_does_not_fix_the_scales(model, X, scale):
    streamed = clone(model).partial_fit(scale * X[:1])
    n_first = streamed.n_iter_
    streamed.partial_fit(scale * X[1:65])
    np.testing.assert_allclose(streamed._scale, scale * X[:65].std(0), rtol=0.8)
    assert streamed.n_iter_ == 2 * n_first
    assert np.isfinite(streamed.sample(20, random_state=0)).all()


@pytest.mark.parametrize("model", MODELS[:1] + MODELS[2:3], ids=lambda m: type(m).__name__)
def test_a_stream_that_begins_with_one_row_comes_to_the_density(model, X):
    streamed = clone(model).partial_fit(X[:1])
    for _ in range(15):
        for start in range(0, 320, 64):
            streamed.partial_fit(X[start : start + 64])
    truth = multivariate_normal(X.mean(0), np.cov(X.T)).logpdf(X).mean()
    assert truth - 0.4 < streamed.score(X) < truth + 0.2
    assert np.isfinite(streamed.sample(20, random_state=0)).all()


@every_model
def test_rows_far_from_the_earlier_ones_start_anew_with_a_warning(model, X):
    streamed = clone(model).partial_fit(X[:64])
    n_first = streamed.n_iter_
    with pytest.warns(DataRangeWarning, match=r"standard deviations away .* column 3"):
        streamed.partial_fit(X[64:128] * [1, 1, 1, 500, 1])
    assert streamed._scale[3] > 50_000
    assert streamed.n_iter_ == 2 * n_first


@every_model
def test_rows_like_the_earlier_ones_go_on_in_their_scales(model, X):
    streamed = clone(model).partial_fit(X[:64])
    scale = streamed._scale.copy()
    streamed.partial_fit(2 * X[64:128])
    np.testing.assert_array_equal(streamed._scale, scale)


def test_noise_floors_fall_with_the_rows_of_a_stream(X):
    for model in (MODELS[0], MODELS[2]):
        streamed, whole = clone(model).partial_fit(X[:10]), clone(model).partial_fit(X)
        for start in range(10, 320, 31):
            streamed.partial_fit(X[start : start + 31])
        np.testing.assert_allclose(streamed._noise_floor, whole._noise_floor, rtol=1e-6)
    state = streamed.module_.likelihood
    floor = np.exp(state.floor.numpy()) / np.square(streamed._scale)
    np.testing.assert_allclose(floor, whole._noise_floor, rtol=1e-4)
    machine = clone(MODELS[0]).partial_fit(X[:10]).partial_fit(X[10:]).module_
    for net in (machine.net, machine.averaged_net):
        floor = net.log_noise_floor.exp().numpy()
        np.testing.assert_allclose(floor, whole._noise_floor, rtol=1e-4)


def test_rows_that_come_again_vouch_for_nothing_new(X):
    model = clone(MODELS[2])
    for _ in range(3):
        model.partial_fit(X[:40])
        model.partial_fit(X[40:60][::-1])
    floor = clone(MODELS[2]).partial_fit(X[:60])._noise_floor
    np.testing.assert_allclose(model._noise_floor, floor, rtol=1e-6)
    twin = pickle.loads(pickle.dumps(model)).partial_fit(X[:60])
    np.testing.assert_allclose(twin._noise_floor, floor, rtol=1e-6)


def test_the_range_of_the_chain_is_that_of_the_stream(X):
    model = DenoisingAE(2, **SMALL).partial_fit(X[:64]).partial_fit(X[64:])
    low, high = (bound * model._scale + model._center for bound in model._range)
    np.testing.assert_allclose([low, high], [X.min(0), X.max(0)])


def test_moments_that_overflow_are_an_error():
    with pytest.raises(ValueError, match="too large; scale X"), np.errstate(over="ignore"):
        VAE(2, **SMALL).fit(np.random.default_rng(0).standard_normal((20, 3)) * 1e300)
