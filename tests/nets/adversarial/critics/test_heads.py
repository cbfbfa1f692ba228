"""Heads of critics: codes, conditions, projections, against distributions that are known."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from skgen.nets.adversarial.critics.critic import Critic
from skgen.nets.adversarial.critics.recognition import (
    ENTROPY,
    CodeRecognition,
    ConditionRecognition,
    code_loss,
)


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.set_default_dtype(torch.float64)
        yield
        torch.set_default_dtype(torch.float32)


def minimize(parameters, loss):
    """Minimize a smooth loss to its optimum."""
    optimizer = torch.optim.LBFGS(
        list(parameters), max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)
    return loss().detach()


def test_the_projection_critic_reaches_its_optimum():
    """At the optimum the output is log p(x, y) / q(x, y) (Miyato & Koyama 2018)."""
    p, q = torch.rand(3, 4).flatten().softmax(0), torch.randn(12).softmax(0)
    y, x = torch.eye(3).repeat_interleave(4, 0), torch.eye(4).repeat(3, 1)
    critic = Critic(
        nn.Identity(), nn.Linear(4, 1), embedding=nn.Identity(), projection=nn.Linear(3, 4)
    )

    def loss():
        output = critic(x, y)
        return (p * F.softplus(-output)).sum() + (q * F.softplus(output)).sum()

    minimize(critic.parameters(), loss)
    torch.testing.assert_close(critic(x, y).detach(), (p / q).log(), rtol=1e-4, atol=1e-4)


def test_the_bound_on_the_information_is_tight_for_gaussians():
    noise = 0.5
    # Moments in place of draws: features c + e with exactly these variances.
    n = 4000
    raw = torch.randn(n, 2)
    raw = raw - raw.mean(0)
    basis = torch.linalg.qr(raw)[0] * math.sqrt(n)
    codes, features = basis[:, :1], basis[:, :1] + noise * basis[:, 1:]
    head = CodeRecognition(1, 1)
    minimize(head.parameters(), lambda: -head.log_density(features, codes).mean())
    bound = ENTROPY + head.log_density(features, codes).mean().detach()
    assert float(bound) == pytest.approx(0.5 * math.log(1 + 1 / noise**2), abs=1e-6)
    torch.testing.assert_close(head.mean.weight.item(), 1 / (1 + noise**2), rtol=1e-4, atol=0)


def test_the_classifier_of_conditions_learns_what_is_known():
    # y is a class of two and a number; the second row knows no class, the third no number.
    code = torch.tensor([[1.0, 0, 0, 0.5, 0], [0, 0, 1, -1.5, 0], [0, 1, 0, 0, 1]])
    head = ConditionRecognition(3, [3, 2], [True, False])
    features = torch.eye(3)
    classes, numbers = head(features).split([2, 1], 1)
    by_hand = (
        F.cross_entropy(classes[[0, 2]], torch.tensor([0, 1]), reduction="sum")
        + 0.5 * (numbers[:2, 0] - torch.tensor([0.5, -1.5])).square().sum()
    ) / 3
    torch.testing.assert_close(head.loss(features, code), by_hand)


def test_codes_count_with_their_weight():
    heads = nn.ModuleDict({"codes": CodeRecognition(2, 1)})
    features, latent = torch.randn(5, 2), torch.randn(5, 3)
    assert float(code_loss(nn.ModuleDict(), features, latent, None, 1.0)) == 0
    expected = -2 * heads["codes"].log_density(features, latent[:, :1]).mean()
    torch.testing.assert_close(code_loss(heads, features, latent, None, 2.0), expected)
