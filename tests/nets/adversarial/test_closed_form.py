"""Gradients in closed form against those of automatic differentiation."""

import pytest
import torch
from torch import nn

from skgen.nets.adversarial.closed_form import (
    DerivedGenerator,
    WrittenGenerator,
    teachable,
    written_critic,
)
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan import Critic
from skgen.nets.adversarial.gan_losses import LOSSES
from skgen.nets.adversarial.gan_mlp import (
    dense_critic,
    dense_generator,
    output_layer,
    spectrally_normalized,
)
from skgen.nets.adversarial.gan_penalties import squared_norm


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def critic_of(widths=(7, 6, 5), *, waves=False, activation="leaky_relu", **how):
    embedding, n_inputs = nn.Identity(), 3
    if waves:
        embedding = FourierFeatures(3, 4, 2, fine=0.3, coarse=2.0)
        embedding.show_fine(True)
        n_inputs = embedding.n_outputs
    body = dense_critic(n_inputs, widths, activation, None)
    critic = Critic(body, output_layer(widths[-1], 1), embedding=embedding, **how)
    return critic.double()


@pytest.mark.parametrize("waves", [False, True])
@pytest.mark.parametrize("widths", [(6,), (7, 6, 5)])
@pytest.mark.parametrize("weights", [None, (0.7, 0.0), (0.7, 0.4)])
@pytest.mark.parametrize("loss", ["non_saturating", "least_squares", "hinge"])
def test_gradients_of_the_critic(waves, widths, weights, loss):
    critic = critic_of(widths, waves=waves)
    x_real = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
    x_fake = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
    real, fake = critic.judge(x_real, x_fake)
    value = LOSSES[loss][0](real, fake)
    if weights is not None:
        w_real, w_fake = weights
        value = value + w_real * squared_norm(real, x_real) + w_fake * squared_norm(fake, x_fake)
    expected = torch.autograd.grad(value, list(critic.parameters()))
    tensors = None if weights is None else [torch.tensor(w) for w in weights]
    own = written_critic(critic).critic_loss(
        x_real.detach(), x_fake.detach(), LOSSES[loss][0], 1.0, tensors
    )
    torch.testing.assert_close(own, value.detach())
    for parameter, gradient in zip(critic.parameters(), expected):
        torch.testing.assert_close(parameter.grad, gradient)


@pytest.mark.parametrize("waves", [False, True])
def test_gradient_at_the_draws(waves):
    critic = critic_of(waves=waves)
    x = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
    objective = LOSSES["non_saturating"][1]
    value = objective(critic(x))
    (expected,) = torch.autograd.grad(value, x)
    own, gradient = written_critic(critic).generator_loss(x.detach(), objective)
    torch.testing.assert_close(own, value.detach())
    torch.testing.assert_close(gradient, expected)


def test_other_critics_have_no_written_critic():
    assert written_critic(critic_of()) is not None
    assert written_critic(critic_of(activation="tanh")) is None
    assert written_critic(critic_of(mixes_rows=True)) is None
    assert written_critic(spectrally_normalized(critic_of())) is None


@pytest.mark.parametrize("widths", [(), (6,), (7, 6, 5)])
def test_gradients_of_the_generator(widths):
    generator = dense_generator(2, 3, widths, "leaky_relu", None).double()
    z, gradient = torch.randn(5, 2, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    parameters = list(generator.parameters())
    expected = torch.autograd.grad(generator(z), parameters, gradient)
    written = teachable(generator)
    assert isinstance(written, WrittenGenerator)
    for way in (written, DerivedGenerator(generator)):
        torch.testing.assert_close(way.draw(z), generator(z).detach())
        way.write(gradient.clone())
        for parameter, value in zip(parameters, expected):
            torch.testing.assert_close(parameter.grad, value)


def test_other_generators_are_derived():
    assert isinstance(teachable(dense_generator(2, 3, (6,), "tanh", None)), DerivedGenerator)
    assert isinstance(
        teachable(dense_generator(2, 3, (6,), "relu", nn.BatchNorm1d)), DerivedGenerator
    )
