"""The estimator: what an image is, what it learns, and what its verbs give."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from skgen import BernoulliRBM, ConvolutionalRBM, FineTunedClassifier
from tests.boltzmann.convolutional.machines import dense_weights, images

X = (load_digits().data >= 8).astype("float32")
QUICK = {"max_iter": 2, "n_burn_in": 5, "n_thinning": 5, "random_state": 0}


@pytest.mark.parametrize(
    ("n_features", "how", "shape", "filters"),
    [
        (64, {}, (1, 8, 8), (4, 4)),
        (10, {}, (1, 1, 10), (1, 4)),
        (1, {}, (1, 1, 1), (1, 1)),
        (12, {"image_shape": (3, 2, 2), "filter_size": 2}, (3, 2, 2), (2, 2)),
        (12, {"image_shape": (3, 4), "filter_size": 3}, (1, 3, 4), (3, 3)),
        (10, {"filter_size": 3}, (1, 1, 10), (1, 3)),
    ],
)
def test_rows_are_the_images_that_are_asked_for(n_features, how, shape, filters):
    rows = np.random.default_rng(0).integers(0, 2, (30, n_features))
    model = ConvolutionalRBM(2, pool_size=2, **how, **QUICK).fit(rows)
    assert model.image_shape_ == shape
    assert model.filters_.shape == (2, shape[0], *filters)
    places = [side - size + 1 for side, size in zip(shape[1:], filters)]
    assert model.pooled_shape_ == (2, *(-(-n // 2) for n in places))
    assert model.transform(rows).shape == (30, np.prod(model.pooled_shape_))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"image_shape": (3, 4)}, r"image_shape=\(3, 4\) has 12 pixels, but X has 64 features"),
        ({"image_shape": (64,)}, "give .height, width. or"),
        ({"filter_size": 9}, 'filter_size=9 is more than .* 8 x 8 .* use at most 8, or "auto"'),
        (
            {"image_shape": (1, 64), "filter_size": 65},
            "filter_size=65 is more than an image of 1 x 64 pixels has; use at most 64",
        ),
    ],
)
def test_what_does_not_fit_is_refused(how, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionalRBM(2, **how, **QUICK).fit(X[:50])


def test_filters_learn_digits():
    machine = {"n_ais_steps": 200, "n_gibbs_steps": 1, "max_iter": 25, "random_state": 0}
    model = ConvolutionalRBM(16, filter_size=4, **machine).fit(X)
    independent = BernoulliRBM(1, init_scale=0.0, learning_rate=1e-9, max_iter=1).fit(X)
    assert model.score(X) > independent.score(X) + 3
    assert model.log_partition_std_ < 0.3
    forward, reverse = model.log_partition_bracket(random_state=0)
    assert abs(forward - reverse) < 1
    error = np.abs(model.sample(500, random_state=0).mean(axis=0) - X.mean(axis=0))
    assert error.mean() < 0.06
    # Pixels are better known from those around them than from the mean digit.
    missing = np.random.default_rng(0).random((200, 64)) < 0.2
    filled = model.impute(np.where(missing, np.nan, X[:200]))
    guesses = filled, np.broadcast_to(X.mean(axis=0), (200, 64))
    own, mean = (np.square(guess - X[:200])[missing].mean() for guess in guesses)
    assert own < 0.85 * mean


def test_scores_of_a_small_machine_are_a_distribution():
    rows = X[:100].reshape(-1, 8, 8)[:, 2:5, 2:5].reshape(100, 9)
    model = ConvolutionalRBM(3, filter_size=2, max_iter=20, random_state=0).fit(rows)
    assert model.likelihood_kind_ == "exact"
    scores = model.score_samples(images(9).numpy())
    assert np.exp(scores).sum() == pytest.approx(1, abs=1e-8)


def test_gaussian_pixels_keep_their_units():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 16)) + 2.0 * rng.integers(0, 2, (400, 1))
    small, large = (
        ConvolutionalRBM(3, visible="gaussian", max_iter=20, random_state=0).fit(scale * rows)
        for scale in (1.0, 1000.0)
    )
    # A density has the units of the data: 16 pixels, each a factor of 1000.
    expected = small.score(rows) - 16 * np.log(1000)
    assert large.score(1000 * rows) == pytest.approx(expected, abs=0.05)
    np.testing.assert_allclose(large.noise_variance_, 1e6 * small.noise_variance_, rtol=0.05)


def test_without_pooling_features_are_those_of_repeated_weights():
    model = ConvolutionalRBM(3, pool_size=1, visible="binary", **QUICK).fit(X)
    W = dense_weights(model.module_.averaged_net).numpy()
    inputs = X @ W.T + np.repeat(model.intercept_hidden_, 25)
    np.testing.assert_allclose(model.transform(X), 1 / (1 + np.exp(-inputs)), atol=1e-5)


def test_its_filters_start_a_classifier():
    y = load_digits().target
    model = FineTunedClassifier(ConvolutionalRBM(8, **QUICK), max_iter=30, random_state=0)
    assert model.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.7


@pytest.mark.parametrize("negative_phase", ["pcd", "cd", "pt"])
def test_every_negative_phase_and_a_stream_learn(negative_phase):
    how = {"negative_phase": negative_phase, "n_chains": 20, "n_temperatures": 3}
    model = ConvolutionalRBM(4, **how, **QUICK)
    for _ in range(3):
        assert model.partial_fit(X) is model
    assert np.abs(model.filters_).max() > 0.3
    assert torch.isfinite(model.module_.chains).all()
