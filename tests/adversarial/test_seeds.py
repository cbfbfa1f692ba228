"""Fits that train as one batch: each is what it would be alone."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from skgen import GAN, VAE, fit_seeds
from skgen.adversarial.calibration import calibration_stage
from skgen.adversarial.objective import adversarial_stage
from skgen.nets.adversarial.gan import GANNet
from skgen.nets.adversarial.gan_build import build_critic, build_generator
from skgen.nets.adversarial.stacking import stacked, unstack
from skgen.training import StackedRows, make_rows, train

SMALL = {"hidden_layer_sizes": (16, 16), "critic_layer_sizes": (16, 16), "max_iter": 3}
N, SEEDS = 50, 3


def two_clusters(seed=0, n=200):
    rng = np.random.default_rng(seed)
    return 0.5 * rng.standard_normal((n, 2)) + rng.choice([-3.0, 3.0], (n, 1))


def quietly(function, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return function(*args)


def net():
    shape = {"normalization": None, "image_shape": None, "factory": None}
    generator = build_generator(2, 2, widths=(6, 5), activation="relu", **shape)
    critic = build_critic(
        2,
        widths=(7, 6),
        activation="leaky_relu",
        packing=1,
        minibatch_discrimination=0,
        spectral_normalization=False,
        frequencies=(2, 4, 0.1, 2.0),
        reference=torch.zeros(4, 2),
        **shape,
    )
    return GANNet(generator, critic, 2).double()


class Replayed:
    """Rows and latent rows in an order that is given."""

    def __init__(self, net, rows, order, z):
        net.latent = self.latent
        rows.order = lambda generator: order
        self.rows, self.z, self.first = rows, z, 0

    def latent(self, n, generator):
        self.first = self.first % N
        self.first += n
        return self.z[..., self.first - n : self.first, :]


def trained(net, rows, order, z, params, scales):
    """The network after a game and a calibration on rows and noise in this order."""
    data = Replayed(net, rows, order, z)
    penalties = tuple(factor * scales[1] ** 2 for factor in (0.1, 0.02))
    game = adversarial_stage(net, params, penalties, None)
    options = {"batch_size": 16, "generator": torch.Generator(), "max_iter": 4}
    histories = [train(net, game, data.rows, **options)]
    calibration = calibration_stage(net, params, 1.0, scales[0], 0)
    return [*histories, train(net, calibration, data.rows, **options)]


@pytest.mark.parametrize("option", [{}, {"loss": "hinge", "gradient_penalty": "r1"}], ids=str)
def test_every_seed_takes_the_steps_that_it_takes_alone(option):
    params = GAN(**option)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        nets = [net() for _ in range(SEEDS)]
        X, z = torch.randn(2, SEEDS, N, 2, dtype=torch.float64)
        order = torch.stack([torch.randperm(N) for _ in range(SEEDS)], 1)
    fine, coarse = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0])
    together, ends = stacked(nets), copy.deepcopy(nets)
    both = trained(together, StackedRows(X), order, z, params, (fine, coarse))
    unstack(together, ends)
    for i, alone in enumerate(nets):
        start = alone.critic.head.weight.clone()
        rows = make_rows(X[i].numpy(), 0.0, 1.0, X.device)
        rows.tensor = X[i]
        histories = trained(alone, rows, order[:, i], z[i], params, (fine[i], coarse[i]))
        for name, value in alone.state_dict().items():
            torch.testing.assert_close(ends[i].state_dict()[name], value, rtol=1e-8, atol=1e-9)
        assert not torch.equal(start, alone.critic.head.weight)
        for history, own in zip(both, histories):
            for name, curve in own.losses.items():
                shared = [means[i] for means in history.losses[name]]
                np.testing.assert_allclose(shared, curve, rtol=1e-4, atol=1e-6)


def test_rows_come_in_an_order_of_their_own():
    X = torch.arange(24.0).reshape(2, 6, 2)
    rows = StackedRows(X)
    order = rows.order(torch.Generator().manual_seed(0))
    assert not torch.equal(order[:, 0], order[:, 1])
    for i in range(2):
        assert sorted(order[:, i].tolist()) == list(range(6))
        torch.testing.assert_close(rows.take(order[:4])[i], X[i][order[:4, i]])


@pytest.fixture(scope="module")
def fits():
    sets = [two_clusters(i) for i in range(SEEDS)]
    return quietly(fit_seeds, GAN(**SMALL), sets, range(SEEDS)), sets


def test_fits_are_ordinary_estimators(fits):
    for seed, (model, X) in enumerate(zip(*fits)):
        assert model.random_state == seed
        assert model.n_features_in_ == 2
        assert model.n_iter_ == len(model.loss_curve_) == 4
        assert all(isinstance(loss, float) for loss in model.loss_curve_)
        assert 0 < model.acceptance_rate_ <= 1
        assert np.isfinite(model.score(X))
        assert model.transform(X).shape == (200, 16)
        twin = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(twin.sample(7), model.sample(7))
        np.testing.assert_array_equal(twin.score_samples(X), model.score_samples(X))
        assert "module_" not in vars(clone(model))
        going_on = quietly(copy.deepcopy(model).partial_fit, X)
        assert going_on.n_iter_ == 6
        np.testing.assert_allclose(model._center, X.mean(0))
    draws = [model.sample(50, random_state=0) for model in fits[0]]
    assert not np.allclose(draws[0], draws[1])


def test_instance_noise_reaches_every_seed():
    gan, X = GAN(instance_noise=0.2, **SMALL), two_clusters()
    noisy, still = (quietly(fit_seeds, model, X, range(SEEDS)) for model in (gan, GAN(**SMALL)))
    for first, second in zip(noisy, still):
        assert np.isfinite(first.score(X))
        assert not np.array_equal(first.sample(5), second.sample(5))


def test_the_first_weights_are_those_of_fit():
    X, still = two_clusters(), {**SMALL, "learning_rate": 1e-30}
    together = quietly(fit_seeds, GAN(**still), X, [4, 7])
    for seed, model in zip([4, 7], together):
        alone = quietly(GAN(random_state=seed, **still).fit, X)
        state = alone.module_.state_dict()
        for name, value in model.module_.state_dict().items():
            torch.testing.assert_close(value, state[name], rtol=1e-6, atol=1e-7)
        assert model.bandwidths_ == pytest.approx(alone.bandwidths_)
        assert model.acceptance_rate_ == pytest.approx(alone.acceptance_rate_, rel=1e-3)


def test_seeds_decide():
    gan, X = GAN(random_state=5, **SMALL), two_clusters()
    once, again = (quietly(fit_seeds, gan, X, [1, 2]) for _ in range(2))
    for a, b in zip(once, again):
        np.testing.assert_array_equal(a.sample(5), b.sample(5))
    assert gan.random_state == 5
    assert "module_" not in vars(gan)


@pytest.mark.parametrize(
    "option",
    [
        {"activation": "tanh"},
        {"packing": 2},
        {"minibatch_discrimination": 2},
        {"spectral_normalization": True},
        {"normalization": "batch"},
        {"unroll_steps": 1},
        {"loss": "wasserstein", "gradient_penalty": "wgan_gp"},
        pytest.param({"generator": lambda k, d: nn.Linear(k, d)}, id="generator"),
        {"precision": "bfloat16"},
    ],
    ids=str,
)
def test_what_has_no_closed_form_is_refused(option):
    with pytest.raises(ValueError, match="fit_seeds needs gradients in closed form"):
        fit_seeds(GAN(**{**SMALL, **option}), two_clusters(), [0, 1])


def test_what_does_not_match_is_refused():
    X = two_clusters()
    with pytest.raises(ValueError, match="would stop every seed at an epoch of its own"):
        fit_seeds(GAN(early_stopping=True), X, [0])
    with pytest.raises(ValueError, match="2 sets of rows of shapes .* for 3 seeds"):
        fit_seeds(GAN(), [X, X], [0, 1, 2])
    with pytest.raises(ValueError, match="2 sets of rows of shapes .* for 2 seeds"):
        fit_seeds(GAN(), [X, X[:-1]], [0, 1])
    with pytest.raises(ValueError, match="seeds is empty"):
        fit_seeds(GAN(), X, [])


@pytest.mark.parametrize("seeds", [3, [None], ["a"]])
def test_what_are_no_seeds_is_refused(seeds):
    with pytest.raises(ValueError, match=r"such as range\(10\)"):
        fit_seeds(GAN(), np.zeros((10, 2)), seeds)


def test_what_is_no_gan_is_refused():
    with pytest.raises(TypeError, match="is no GAN"):
        fit_seeds(VAE(), np.zeros((10, 2)), [0])
