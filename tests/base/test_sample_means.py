"""``sample_means``: what ``sample`` scatters about, the same verb in all models that have it."""

import numpy as np
import pytest

from skgen import (
    VAE,
    BernoulliRBM,
    ConvolutionalRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    GaussianBernoulliRBM,
    SigmoidBeliefNetwork,
)

MACHINE = {"max_iter": 30, "n_burn_in": 50, "random_state": 0}
OF_BITS = [
    VAE(2, hidden_layer_sizes=(8,), max_iter=200, likelihood="bernoulli", random_state=0),
    BernoulliRBM(4, **MACHINE),
    ConvolutionalRBM(4, visible="binary", **MACHINE),
    DeepBeliefNetwork((4, 3), visible="binary", **MACHINE),
    DeepBoltzmannMachine((4, 3), **MACHINE),
    SigmoidBeliefNetwork((4, 3), max_iter=30, random_state=0),
]
OF_NUMBERS = [
    VAE(2, hidden_layer_sizes=(8,), max_iter=30, random_state=0),
    GaussianBernoulliRBM(4, **MACHINE),
    ConvolutionalRBM(4, visible="gaussian", **MACHINE),
    DeepBeliefNetwork((4, 3), **MACHINE),
]


def correlated(n=300, d=6):
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, 1)) + 0.5 * rng.standard_normal((n, d)) + np.arange(d) / d


def name(model):
    return type(model).__name__


@pytest.mark.parametrize("model", OF_BITS, ids=name)
def test_means_of_bits_are_probabilities_with_the_mean_of_the_draws(model):
    model.fit((correlated() > 0).astype(np.float32))
    draws = model.sample(4000, random_state=1)
    means = model.sample_means(4000, random_state=1)
    assert set(np.unique(draws)) == {0.0, 1.0}
    assert means.dtype == np.float32
    assert means.shape == draws.shape
    assert ((means > 0) & (means < 1)).all()
    # Five standard errors of 4000 draws.
    np.testing.assert_allclose(means.mean(0), draws.mean(0), atol=5 * 0.5 / 4000**0.5)
    assert (means.var(0) < draws.var(0)).all()
    # Given the hidden units features are independent: means covary as draws do.
    apart = ~np.eye(draws.shape[1], dtype=bool)
    np.testing.assert_allclose(np.cov(means.T)[apart], np.cov(draws.T)[apart], atol=0.03)


def model_noise(model):
    """Noise variance of each feature."""
    if isinstance(model, DeepBeliefNetwork):
        lowest = model.module_.averaged_net.generative[0]
        return lowest.log_variance.exp().numpy() * np.square(model._scale)
    return model.noise_variance_


@pytest.mark.parametrize("model", OF_NUMBERS, ids=name)
def test_means_of_numbers_lack_the_noise(model):
    X = 100 * correlated()
    model.fit(X)
    draws = model.sample(4000, random_state=1)
    means = model.sample_means(4000, random_state=1)
    assert means.dtype == X.dtype
    standard_error = draws.std(0).max() / 4000**0.5
    np.testing.assert_allclose(means.mean(0), draws.mean(0), atol=6 * standard_error)
    np.testing.assert_allclose(means.var(0) + model_noise(model), draws.var(0), rtol=0.15)


def test_same_seed_same_means():
    model = OF_BITS[0].fit((correlated() > 0).astype(float))
    first = model.sample_means(5, random_state=3)
    np.testing.assert_array_equal(first, model.sample_means(5, random_state=3))
    assert not np.array_equal(first, model.sample_means(5, random_state=4))
    assert model.sample_means().shape == (1, 6)
    with pytest.raises(ValueError, match="n_samples"):
        model.sample_means(0)


def test_frames_of_means_are_not_rounded_to_the_types_of_the_data():
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(correlated() > 0, columns=list("abcdef"))
    model = BernoulliRBM(4, **MACHINE).set_output(transform="pandas").fit(X)
    means = model.sample_means(3)
    assert list(means.columns) == list("abcdef")
    assert means.dtypes.map(lambda kind: kind.kind).eq("f").all()
