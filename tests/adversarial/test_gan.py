"""The GAN's verbs, options, stopping and warnings, and data whose truth is known."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from torch import nn

from skgen import GAN
from skgen.adversarial.judging import mmd_monitor
from skgen.kernels.two_sample.mmd import unbiased_mmd2

SMALL = {"hidden_layer_sizes": (16, 16), "critic_layer_sizes": (16, 16), "random_state": 0}
OPTIONS = [
    {"loss": "minimax"},
    {"loss": "least_squares", "label_smoothing": 0.1},
    {"loss": "hinge", "spectral_normalization": True, "gradient_penalty": None},
    {"loss": "wasserstein", "gradient_penalty": "wgan_gp", "n_critic_steps": 3},
    {"gradient_penalty": "r1", "penalty_weight": 0.5},
    {"instance_noise": 0.2},
    {"minibatch_discrimination": 3},
    {"packing": 3},
    {"unroll_steps": 2},
    {"normalization": "batch"},
    {"normalization": "virtual_batch"},
    {"normalization": "reference_batch", "packing": 2},
    {"learning_rate": 1e-3, "critic_learning_rate": 4e-3},
    {"n_frequencies": 4, "n_components": 3},
]


def two_clusters(n=400):
    rng = np.random.default_rng(0)
    return 0.5 * rng.standard_normal((n, 2)) + rng.choice([-3.0, 3.0], (n, 1))


def quiet_fit(model, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X)


@pytest.fixture(scope="module")
def fitted():
    return quiet_fit(GAN(max_iter=60, **SMALL), two_clusters())


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_trains_and_scores_rows_alone(option):
    X = two_clusters(120)
    model = quiet_fit(GAN(max_iter=2, **{**SMALL, **option}), X)
    rows = model.score_samples(X)
    np.testing.assert_allclose(model.score_samples(X[::-1][:5]), rows[::-1][:5], rtol=1e-5)
    assert np.isfinite(model.sample(5)).all()
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.transform(X), model.transform(X))
    np.testing.assert_array_equal(twin.sample(4), model.sample(4))


def test_one_gaussian_is_recovered_in_moments():
    X = np.random.default_rng(0).normal(3.0, 2.0, (4000, 1))
    model = GAN(max_iter=96, batch_size=128, random_state=0, **TINY).fit(X)
    draws = model.sample(4000, random_state=1)
    assert draws.mean() == pytest.approx(X.mean(), abs=0.2)
    assert draws.std() == pytest.approx(X.std(), rel=0.1)
    assert abs(((draws - draws.mean()) ** 3).mean() / draws.std() ** 3) < 0.3


TINY = {"hidden_layer_sizes": (32, 32), "critic_layer_sizes": (32, 32)}


def test_generate_is_what_sample_draws():
    model = GAN(calibration=0, output_noise=0, max_iter=2, **SMALL)
    fitted = quiet_fit(model, two_clusters())
    draws = fitted.sample(5, random_state=3)
    Z = np.random.RandomState(3).standard_normal((5, 2)).astype(np.float32)
    np.testing.assert_allclose(fitted.generate(Z), draws, rtol=1e-6)
    assert fitted.generate(Z.astype(float)).dtype == np.float64
    with pytest.raises(ValueError, match="Z has 3 columns, but GAN has 2 latent dimensions"):
        fitted.generate(np.zeros((1, 3)))


def test_invert_finds_the_latent_rows_of_draws(fitted):
    X = fitted.generate(np.random.default_rng(0).standard_normal((20, 2)))
    Z = fitted.invert(X)
    assert Z.shape == (20, 2)
    errors = np.abs(fitted.generate(Z) - X).max(axis=1)
    assert np.median(errors) < 0.01
    assert errors.max() < 0.2
    np.testing.assert_allclose(fitted.invert(X[::-1][:3]), Z[::-1][:3], atol=1e-5)


def test_score_is_minus_the_unbiased_mmd(fitted):
    X = two_clusters(100)
    draws = fitted.sample(100, random_state=0)
    inside = [(rows - fitted._center) / fitted._scale for rows in (X, draws)]
    assert fitted.score(X) == pytest.approx(-unbiased_mmd2(*inside, fitted.bandwidths_), abs=1e-6)
    assert fitted.score(X) > fitted.score(X + 3)
    with pytest.raises(ValueError, match="X has 1 sample, but score compares distributions"):
        fitted.score(X[:1])


def test_grid_search_prefers_a_working_loss():
    broken = {"loss": ["wasserstein"], "gradient_penalty": [None]}
    model = GAN(max_iter=40, **SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search = GridSearchCV(model, [broken, {"loss": ["non_saturating"]}], cv=2)
        search.fit(two_clusters())
    assert search.best_params_ == {"loss": "non_saturating"}
    wrong, right = search.cv_results_["mean_test_score"]
    assert right > wrong + 0.1


def test_early_stopping_restores_the_best_generator():
    model = GAN(max_iter=60, early_stopping=True, n_iter_no_change=5, learning_rate=2e-2, **SMALL)
    quiet_fit(model, two_clusters())
    scores = model.validation_scores_
    assert model.n_iter_ == len(scores) + 18
    assert max(scores) == -model.best_loss_
    # The same noise, the same rows: the networks that are kept give the best loss again.
    rng = np.random.RandomState(0)
    noise = torch.Generator().manual_seed(int(rng.randint(2**31 - 1)))
    held_out = two_clusters()[np.sort(rng.permutation(400)[:40])]
    rows = torch.from_numpy(model._standardize(held_out).astype(np.float32))
    monitor = mmd_monitor(model.module_, model.bandwidths_)
    assert float(monitor(rows, noise)) == pytest.approx(model.best_loss_)


def test_collapse_is_said_with_the_measured_coverage():
    X = two_clusters()
    model = GAN(max_iter=3, generator=lambda k, d: Point(k, d), **SMALL)
    with pytest.warns(ConvergenceWarning, match=r"cover \d+% of the training rows, where a"):
        model.fit(X)
    assert model.coverage_ < 0.5


class Point(nn.Module):
    """A generator of one point."""

    def __init__(self, k, d):
        super().__init__()
        self.place = nn.Parameter(torch.zeros(d))

    def forward(self, z):
        return self.place.expand(len(z), -1)


def test_a_good_fit_does_not_warn():
    model = GAN(max_iter=60, **SMALL).fit(two_clusters())
    assert model.coverage_ > 0.7


def test_images_make_both_networks_convolutional():
    X = np.random.default_rng(0).random((40, 64))
    model = quiet_fit(GAN(3, image_shape=(8, 8), max_iter=2, random_state=0), X)
    kinds = {type(m).__name__ for m in model.module_.modules()}
    assert {"Conv2d", "ConvTranspose2d"} <= kinds
    assert model.sample(2).shape == (2, 64)
    with pytest.raises(ValueError, match="has 63 pixels, but X has 64"):
        GAN(image_shape=(7, 9)).fit(X)
    with pytest.raises(ValueError, match="too small for 4 halvings"):
        GAN(image_shape=(8, 8), hidden_layer_sizes=(8, 8, 8, 8)).fit(X)


def test_own_modules():
    model = GAN(
        4,
        generator=lambda k, d: nn.Linear(k, d),
        critic=lambda d: nn.Sequential(nn.Linear(d, 7), nn.Tanh()),
        max_iter=2,
        random_state=0,
    )
    quiet_fit(model, two_clusters())
    assert model.transform(two_clusters(5)).shape == (5, 7)
    with pytest.raises(ValueError, match="generator factory was asked for"):
        GAN(4, generator=lambda k, d: nn.Linear(k, d + 1)).fit(two_clusters())
    with pytest.raises(ValueError, match="critic factory was asked for 2 inputs"):
        GAN(4, critic=lambda d: nn.Flatten(0)).fit(two_clusters())


def test_choices_of_auto():
    model = quiet_fit(GAN(max_iter=1, random_state=0), two_clusters(50))
    assert model.n_components_ == 2
    wide = np.random.default_rng(0).random((50, 40))
    assert quiet_fit(GAN(max_iter=1, random_state=0), wide).n_components_ == 32


def test_fit_length_is_counted_in_updates(monkeypatch):
    monkeypatch.setattr(GAN, "_n_updates", 40)
    model = quiet_fit(GAN(batch_size=50, **SMALL), two_clusters(200))
    assert model.n_iter_ == 10 + 3  # three tenths more for the calibration


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "hinge", "label_smoothing": 0.1}, "needs labels, but loss='hinge' has none"),
        ({"compile": True}, "differentiated twice, which torch.compile cannot do"),
        ({"penalty_weight": (1.0, 0.0)}, "should be a number, or two positive ones"),
        ({"penalty_weight": (1.0,)}, "should be a number, or two positive ones"),
    ],
)
def test_meaningless_combinations_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GAN(**parameters).fit(two_clusters(20))


def test_partial_fit_goes_on():
    X = two_clusters(100)
    model = GAN(**SMALL).partial_fit(X)
    before = model.sample(5)
    assert model.partial_fit(X) is model
    assert model.n_iter_ == 4  # in each call one epoch of the game and one of the calibration
    assert not np.array_equal(before, model.sample(5))


def test_nearly_constant_columns_stay_in_range():
    X = np.random.default_rng(0).random((200, 3))
    X[:, 1] = 0
    X[3, 1] = 1
    X[:, 2] = 7
    model = quiet_fit(GAN(max_iter=2, **SMALL), X)
    assert np.abs(model._standardize(X)).max() <= 8
    assert np.isfinite(model.sample(5)).all()
