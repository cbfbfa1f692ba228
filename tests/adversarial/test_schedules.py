"""What changes in the course of a GAN's training: the penalty relaxes, the noise fades."""

import copy
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning

from skgen import GAN

SMALL = {"hidden_layer_sizes": (6,), "critic_layer_sizes": (7, 6), "random_state": 0}
X = np.random.default_rng(0).standard_normal((40, 2))


class Watched(GAN):
    """A GAN that writes down what the schedule has set behind each update of the game."""

    def _stages(self, module):
        game, *rest = super()._stages(module)
        self.seen = []

        def watch():
            self.seen.append((float(module.penalty_weight), float(module.noise_level)))

        first, *others = game.phases
        return [replace(game, phases=[replace(first, after=watch), *others]), *rest]


def fitted(**parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Watched(2, **{**SMALL, "batch_size": 10, **parameters}).fit(X)


@pytest.mark.parametrize("learning_rate_schedule", ["constant", "cosine"])
@pytest.mark.parametrize(("start", "end"), [(8.0, 0.5), (0.1, 3.0), (2.0, 2.0)])
def test_the_course_of_a_fit(start, end, learning_rate_schedule):
    model = fitted(
        penalty_weight=(start, end),
        instance_noise=0.4,
        learning_rate_schedule=learning_rate_schedule,
        max_iter=5,
    )
    progress = np.arange(20) / 20
    weights, noise = np.transpose(model.seen)
    law = np.interp(progress, [0, 1], np.log([start, end]))
    np.testing.assert_allclose(np.log(weights), law, atol=1e-6)
    np.testing.assert_allclose(noise, 0.4 * (1 - progress), rtol=1e-6)


def test_a_single_weight_stays():
    weights, noise = np.transpose(fitted(penalty_weight=0.7, max_iter=2).seen)
    np.testing.assert_allclose(weights, 0.7, rtol=1e-6)
    np.testing.assert_array_equal(noise, 0)
    weights = np.transpose(fitted(penalty_weight=0.0, max_iter=2).seen)[0]
    np.testing.assert_array_equal(weights, 0)


def test_the_automatic_weight_relaxes():
    weights = np.transpose(fitted(max_iter=5).seen)[0]
    assert 0 < weights[-1] < 0.5 * weights[0]
    steps = np.diff(np.log(weights))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-3)


def game_of(model, **parameters):
    """The game between the networks of a fitted GAN, its parameters changed."""
    twin = copy.deepcopy(model).set_params(**parameters)
    return twin._stages(twin.module_.requires_grad_(True))[0]


def losses_at(game, progress, seed=0):
    """Loss of each phase when the training has come so far; the weights stand still."""
    game.schedule(progress)
    rows, generator = torch.tensor(X, dtype=torch.float32), torch.Generator().manual_seed(seed)
    return np.array(
        [float(phase.differentiate(rows, generator, "float32").detach()) for phase in game.phases]
    )


@pytest.mark.parametrize("critic_activation", ["leaky_relu", "tanh"])
def test_the_critic_pays_the_present_penalty(critic_activation):
    # One activation has gradients in closed form, the other has not.
    model = fitted(penalty_weight=(8.0, 0.5), critic_activation=critic_activation, max_iter=1)
    free, paying = game_of(model, gradient_penalty=None), game_of(model)
    shares = [(losses_at(paying, at) - losses_at(free, at))[0] for at in (0.0, 0.25, 0.5, 1.0)]
    assert shares[0] > 0.01
    np.testing.assert_allclose(np.divide(shares, shares[0]), [1, 1 / 2, 1 / 4, 1 / 16], rtol=1e-2)


def test_both_players_see_the_present_noise():
    # The noise moves the loss of a linear critic by a normal variable of known variance.
    linear = {"critic_activation": "identity", "n_frequencies": 0, "gradient_penalty": None}
    model = fitted(loss="wasserstein", instance_noise=0.4, max_iter=1, **linear)
    game, row = game_of(model), torch.zeros(1, 2, requires_grad=True)
    (slope,) = torch.autograd.grad(model.module_.critic.score(row).sum(), row)
    shifts = np.array(
        [
            [losses_at(game, progress, seed) - losses_at(game, 1.0, seed) for seed in range(200)]
            for progress in (0.0, 0.75)
        ]
    )
    np.testing.assert_allclose(shifts[1], shifts[0] / 4, atol=1e-5)
    # The critic has noise on data and draws, the generator on the draws.
    expected = 0.4 * float(slope.norm()) * np.sqrt([2 / len(X), 1 / len(X)])
    np.testing.assert_allclose(shifts[0].std(axis=0), expected, rtol=0.2)


def test_a_stream_has_no_progress():
    model = fitted(penalty_weight=(8.0, 0.5), instance_noise=0.4, max_iter=2)
    model.partial_fit(X)
    np.testing.assert_allclose(model.seen, [(8.0, 0.4)] * 4, rtol=1e-6)
