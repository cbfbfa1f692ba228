"""The critic of boundary equilibrium GANs, and the balance of its losses."""

import pytest
import torch
from torch import nn

from skgen.nets.adversarial.critics.autoencoder_critic import (
    GAIN,
    AutoencoderCritic,
    BoundaryEquilibrium,
)


def test_output_is_minus_the_error_of_the_rebuilt_row():
    encoder, decoder = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)), nn.Linear(2, 4)
    critic = AutoencoderCritic(encoder, decoder, embedding=nn.Identity())
    x = torch.randn(5, 4)
    error = (decoder(encoder(x)) - x).abs().mean(1)
    torch.testing.assert_close(critic(x), -error)
    torch.testing.assert_close(critic.score(x[:2]), -error[:2])
    torch.testing.assert_close(critic.layers(x)[-1], encoder(x))
    assert critic.n_units == 2


def test_the_balance_follows_the_ratio_of_the_errors():
    balance = torch.tensor(0.3)
    objective = BoundaryEquilibrium(balance, 0.5)
    real, fake = torch.tensor([-1.0, -2.0]), torch.tensor([-0.4, -0.2])
    loss = objective(real, fake)
    assert float(loss) == pytest.approx(1.5 - 0.3 * 0.3)
    # Draws are rebuilt better than half as badly as data: more weight to them.
    assert float(balance) == pytest.approx(0.3 + GAIN * (0.5 - 0.3 / 1.5))
    for _ in range(3000):
        objective(real, 20 * fake)
    assert float(balance) == 0
    for _ in range(3000):
        objective(20 * real, fake)
    assert float(balance) == 1


def test_at_equilibrium_the_balance_rests():
    balance = torch.tensor(0.3)
    BoundaryEquilibrium(balance, 0.5)(torch.tensor([-1.0]), torch.tensor([-0.5]))
    assert float(balance) == pytest.approx(0.3, abs=1e-7)
