"""Rejection by a known density ratio, and noise of a known size."""

import numpy as np
import pytest

from skgen.adversarial.rejection import acceptance_rate, log_ratio_cap, rejection_sample
from skgen.kernels.two_sample.distances import length_scales
from skgen.kernels.two_sample.matched_noise import matched_noise


def test_rejection_turns_one_gaussian_into_another():
    # Proposal N(0, 1), target N(0, 1/4): log p/q = log 2 - 1.5 x^2, at most log 2.
    rng = np.random.RandomState(0)

    def propose(n):
        x = rng.standard_normal((n, 1))
        return x, np.log(2) - 1.5 * x[:, 0] ** 2

    pilot = propose(20_000)[1]
    assert acceptance_rate(pilot, np.log(2)) == pytest.approx(0.5, abs=0.01)
    draws = rejection_sample(propose, 20_000, np.log(2), 0.5, rng)
    assert draws.shape == (20_000, 1)
    assert draws.mean() == pytest.approx(0, abs=0.02)
    assert draws.std() == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize(("scale", "share"), [(1.0, 0.001), (2.0, 0.01)])
def test_the_cap_lets_a_share_of_the_draws_pass_for_certain(rng, scale, share):
    # With sd 1 a cap at the 99.9th percentile keeps exp(1/2 - 3.09) = 7 % of the draws, with
    # sd 2 it would keep 1 %.
    log_ratios = scale * rng.standard_normal(10_000)
    cap = log_ratio_cap(log_ratios)
    assert np.mean(log_ratios >= cap) == pytest.approx(share, rel=0.1)
    assert acceptance_rate(log_ratios, cap) > 0.05


def test_a_mode_that_is_nearly_lost_comes_back():
    # A twentieth of the target lies where the proposal has one draw in two hundred.
    rng = np.random.RandomState(0)
    ratios = np.log([0.95 / 0.995, 0.05 / 0.005])

    def propose(n):
        rare = (rng.uniform(size=n) < 0.005).astype(int)
        return rare, ratios[rare]

    pilot = propose(20_000)[1]
    cap = log_ratio_cap(pilot)
    draws = rejection_sample(propose, 20_000, cap, acceptance_rate(pilot, cap), rng)
    assert cap == pytest.approx(ratios[1])
    assert draws.mean() == pytest.approx(0.05, abs=0.005)


def test_a_perfect_model_rejects_nothing():
    rng = np.random.RandomState(0)
    constant = np.zeros(100)
    assert acceptance_rate(constant, log_ratio_cap(constant)) == 1
    draws = rejection_sample(lambda n: (np.ones((n, 2)), np.zeros(n)), 50, 0.0, 1.0, rng)
    assert draws.shape == (50, 2)


def test_matched_noise_is_what_was_taken_away(rng):
    # A cluster of sd .3 + noise of sd .4 has the local spread of one of sd .5.
    data = 0.5 * rng.standard_normal((1500, 2))
    draws, noise = 0.3 * rng.standard_normal((1500, 2)), rng.standard_normal((1500, 2))
    fine = length_scales(data)[0]
    size = matched_noise(draws, noise, fine)
    assert size == pytest.approx(0.4, rel=0.1)
    assert length_scales(draws + size * noise)[0] == pytest.approx(fine, rel=1e-3)
    assert matched_noise(data * 2, noise, fine) == 0
