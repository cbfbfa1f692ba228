"""The games of translators: their losses as the papers write them."""

import pytest
import torch
from torch.nn.functional import softplus

from skgen import TranslationGAN
from skgen.adversarial.translation.games import CycleGame, PairedGame
from skgen.nets.adversarial.translation.net import build_translation

BUILT = {
    "widths": (4,),
    "critic_widths": (5,),
    "activation": "tanh",
    "critic_activation": "tanh",
    "image_shape": None,
}


def net_of(paired, seed=0):
    torch.manual_seed(seed)
    net = build_translation(3, 2, paired=paired, **BUILT)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    net.penalty_weight.fill_(0.5)
    return net


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def penalty(critic, rows):
    """Half the mean squared norm of the critic's gradient."""
    rows = rows.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(rows).sum(), rows)
    return 0.5 * gradient.square().sum(1).mean()


def told_apart(critic, real, fake):
    return softplus(-critic(real)).mean() + softplus(critic(fake)).mean()


def test_losses_with_pairs(generator):
    net, batch = net_of(paired=True), torch.randn(6, 5)
    x, y = batch[:, :3], batch[:, 3:]
    game = PairedGame(net, TranslationGAN(), 0.3, 3)
    fake = torch.cat([x, net.generator(x)], 1)
    expected = told_apart(net.critic, batch, fake) + 0.5 * penalty(net.critic, batch)
    torch.testing.assert_close(game.critic_loss(batch, generator), expected)
    error = (net.generator(x) - y).abs().mean()
    expected = error + 0.3 * softplus(-net.critic(fake)).mean()
    torch.testing.assert_close(game.generator_loss(batch, generator), expected)
    torch.testing.assert_close(game.error_alone(batch, generator), error)


def test_losses_without_pairs():
    net, x, others = net_of(paired=False), torch.randn(6, 3), torch.randn(4, 2)
    game = CycleGame(net, TranslationGAN(False), 0.3, others)
    index = torch.randint(4, (6,), generator=torch.Generator().manual_seed(5))
    y = others[index]
    G, F = net.generator, net.inverse_generator
    expected = (
        told_apart(net.critic, y, G(x))
        + told_apart(net.inverse_critic, x, F(y))
        + 0.5 * (penalty(net.critic, y) + penalty(net.inverse_critic, x))
    )
    got = game.critic_loss(x, torch.Generator().manual_seed(5))
    torch.testing.assert_close(got, expected)
    expected = (F(G(x)) - x).abs().mean() + (G(F(y)) - y).abs().mean()
    expected = expected + 0.3 * softplus(-net.critic(G(x))).mean()
    expected = expected + 0.3 * softplus(-net.inverse_critic(F(y))).mean()
    torch.testing.assert_close(game.generator_loss(x, None), expected)


@pytest.mark.parametrize("paired", [True, False])
def test_each_player_moves_its_own_weights_alone(paired, generator):
    net, x = net_of(paired), torch.randn(6, 5 if paired else 3)
    rows = 3 if paired else torch.randn(4, 2)
    game = (PairedGame if paired else CycleGame)(net, TranslationGAN(paired), 1.0, rows)
    game.critic_loss(x, generator).backward()
    assert all(p.grad is None for p in net.generators().parameters())
    assert all(p.grad is not None for p in net.critics().parameters())
    net.zero_grad()
    game.generator_loss(x, generator).backward()
    assert all(p.grad is None for p in net.critics().parameters())
    assert all(p.grad is not None for p in net.generators().parameters())
