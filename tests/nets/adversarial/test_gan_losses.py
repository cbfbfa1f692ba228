"""The losses of both players against their formulas and their optimal critics."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from skgen.nets.adversarial.gan_losses import DERIVATIVES, LABELED, LOSSES

P = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
Q = torch.tensor([0.2, 0.2, 0.6], dtype=torch.float64)
# Ten rows each, in the proportions of P and Q.
REAL = torch.tensor([0] * 5 + [1] * 3 + [2] * 2)
FAKE = torch.tensor([0] * 2 + [1] * 2 + [2] * 6)


def optimal_critic(loss, target=1.0):
    """Output for each of the three values that minimizes the critic's loss."""
    outputs = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [outputs],
        max_iter=500,
        tolerance_grad=1e-12,
        tolerance_change=1e-15,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        value = LOSSES[loss][0](outputs[REAL], outputs[FAKE], target)
        value.backward()
        return value

    optimizer.step(closure)
    return outputs.detach()


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
@pytest.mark.parametrize("target", [1.0, 0.9])
def test_optimal_discriminator(loss, target):
    best = torch.sigmoid(optimal_critic(loss, target))
    torch.testing.assert_close(best, target * P / (P + Q), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("target", [1.0, 0.8])
def test_optimal_least_squares_critic(target):
    best = optimal_critic("least_squares", target)
    torch.testing.assert_close(best, target * P / (P + Q), rtol=1e-6, atol=1e-7)


def test_optimal_hinge_critic_is_a_sign():
    # The loss is piecewise linear: compare with every corner.
    critic = LOSSES["hinge"][0]
    corners = torch.cartesian_prod(*3 * [torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)])
    values = [float(critic(c[REAL], c[FAKE])) for c in corners]
    torch.testing.assert_close(corners[int(np.argmin(values))], torch.sign(P - Q))


def test_wasserstein_critic_at_its_bound():
    # With outputs in [0, 1] the best marks where P > Q, and its loss is the total variation.
    critic = LOSSES["wasserstein"][0]
    best = (P > Q).double()
    total_variation = 0.5 * (P - Q).abs().sum()
    torch.testing.assert_close(-critic(best[REAL], best[FAKE]), total_variation)


def test_value_at_the_optimum_is_the_jensen_shannon_divergence():
    outputs = optimal_critic("minimax")
    loss = LOSSES["minimax"][0](outputs[REAL], outputs[FAKE])
    mean = (P + Q) / 2
    divergence = 0.5 * (P * (P / mean).log()).sum() + 0.5 * (Q * (Q / mean).log()).sum()
    torch.testing.assert_close(2 * np.log(2) - loss, 2 * divergence, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("target", [1.0, 0.7])
def test_cross_entropy_is_that_of_the_labels(target):
    real, fake = torch.randn(2, 7, generator=torch.Generator().manual_seed(0))
    labels = torch.full_like(real, target)
    expected = F.binary_cross_entropy_with_logits(
        real, labels
    ) + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    torch.testing.assert_close(LOSSES["non_saturating"][0](real, fake, target), expected)


GENERATORS = {
    "non_saturating": lambda d: -np.log(1 / (1 + np.exp(-d))).mean(),
    "minimax": lambda d: np.log(1 - 1 / (1 + np.exp(-d))).mean(),
    "least_squares": lambda d: 0.5 * ((d - 1) ** 2).mean(),
    "wasserstein": lambda d: -d.mean(),
    "hinge": lambda d: -d.mean(),
}
CRITICS = {
    "least_squares": lambda r, f: 0.5 * ((r - 1) ** 2).mean() + 0.5 * (f**2).mean(),
    "wasserstein": lambda r, f: f.mean() - r.mean(),
    "hinge": lambda r, f: np.maximum(0, 1 - r).mean() + np.maximum(0, 1 + f).mean(),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_formulas(loss, rng):
    real, fake = rng.standard_normal((2, 9))
    critic, generator = LOSSES[loss]
    assert float(generator(torch.tensor(fake))) == pytest.approx(GENERATORS[loss](fake))
    if loss in CRITICS:
        value = float(critic(torch.tensor(real), torch.tensor(fake)))
        assert value == pytest.approx(CRITICS[loss](real, fake))


def test_minimax_generator_opposes_the_critic():
    fake = torch.randn(9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    critic, generator = LOSSES["minimax"]
    real = torch.zeros(9, dtype=torch.float64)
    torch.testing.assert_close(critic(real, fake) + generator(fake), torch.tensor(np.log(2)))


def test_labeled_losses_are_losses():
    assert set(LOSSES) >= LABELED


@pytest.mark.parametrize("loss", LOSSES)
def test_derivatives_of_the_losses(loss):
    critic, generator = LOSSES[loss]
    real = torch.linspace(-2.0, 2.3, 6, dtype=torch.float64, requires_grad=True)
    fake = torch.linspace(-1.7, 2.1, 6, dtype=torch.float64, requires_grad=True)
    expected = torch.autograd.grad(6 * critic(real, fake, 0.9), (real, fake))
    for own, derived in zip(DERIVATIVES[critic](real, fake, 0.9), expected):
        torch.testing.assert_close(own, derived)
    (expected,) = torch.autograd.grad(6 * generator(fake), fake)
    torch.testing.assert_close(DERIVATIVES[generator](fake), expected)
