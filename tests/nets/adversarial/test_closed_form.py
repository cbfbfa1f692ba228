"""Gradients in closed form against those of automatic differentiation."""

import pytest
import torch
from torch import nn

from skgen.nets.adversarial.closed_form import (
    AutogradGenerator,
    ClosedFormGenerator,
    closed_form_critic,
    differentiable_generator,
)
from skgen.nets.adversarial.critics.critic import Critic
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan_losses import LOSSES
from skgen.nets.adversarial.gan_mlp import (
    mlp_critic,
    mlp_generator,
    output_layer,
    spectrally_normalized,
)
from skgen.nets.adversarial.gan_penalties import squared_norm


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def critic_of(widths=(7, 6, 5), *, fourier=False, activation="leaky_relu", **options):
    embedding, n_inputs = nn.Identity(), 3
    if fourier:
        embedding = FourierFeatures(3, 4, 2, fine=0.3, coarse=2.0)
        embedding.enable_fine(True)
        n_inputs = embedding.n_outputs
    body = mlp_critic(n_inputs, widths, activation, None)
    critic = Critic(body, output_layer(widths[-1], 1), embedding=embedding, **options)
    return critic.double()


@pytest.mark.parametrize("fourier", [False, True])
@pytest.mark.parametrize("widths", [(6,), (7, 6, 5)])
@pytest.mark.parametrize("weights", [None, (0.7, 0.0), (0.7, 0.4)])
@pytest.mark.parametrize("loss", ["non_saturating", "least_squares", "hinge"])
def test_gradients_of_the_critic(fourier, widths, weights, loss):
    critic = critic_of(widths, fourier=fourier)
    x_real = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
    x_fake = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
    real, fake = critic.forward_both(x_real, x_fake)
    value = LOSSES[loss][0](real, fake)
    if weights is not None:
        w_real, w_fake = weights
        value = value + w_real * squared_norm(real, x_real) + w_fake * squared_norm(fake, x_fake)
    expected = torch.autograd.grad(value, list(critic.parameters()))
    tensors = None if weights is None else [torch.tensor(w) for w in weights]
    own = closed_form_critic(critic).critic_loss(
        x_real.detach(), x_fake.detach(), LOSSES[loss][0], 1.0, tensors
    )
    torch.testing.assert_close(own, value.detach())
    for parameter, gradient in zip(critic.parameters(), expected):
        torch.testing.assert_close(parameter.grad, gradient)


@pytest.mark.parametrize("fourier", [False, True])
def test_gradient_at_the_draws(fourier):
    critic = critic_of(fourier=fourier)
    x = torch.randn(5, 3, dtype=torch.float64).requires_grad_()
    objective = LOSSES["non_saturating"][1]
    value = objective(critic(x))
    (expected,) = torch.autograd.grad(value, x)
    own, gradient = closed_form_critic(critic).generator_loss(x.detach(), objective)
    torch.testing.assert_close(own, value.detach())
    torch.testing.assert_close(gradient, expected)


def test_other_critics_have_no_closed_form():
    assert closed_form_critic(critic_of()) is not None
    assert closed_form_critic(critic_of(activation="tanh")) is None
    assert closed_form_critic(critic_of(mixes_rows=True)) is None
    assert closed_form_critic(spectrally_normalized(critic_of())) is None


@pytest.mark.parametrize("widths", [(), (6,), (7, 6, 5)])
def test_gradients_of_the_generator(widths):
    generator = mlp_generator(2, 3, widths, "leaky_relu", None).double()
    z, gradient = torch.randn(5, 2, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    parameters = list(generator.parameters())
    expected = torch.autograd.grad(generator(z), parameters, gradient)
    closed_form = differentiable_generator(generator)
    assert isinstance(closed_form, ClosedFormGenerator)
    for way in (closed_form, AutogradGenerator(generator)):
        torch.testing.assert_close(way.draw(z), generator(z).detach())
        way.backward(gradient.clone())
        for parameter, value in zip(parameters, expected):
            torch.testing.assert_close(parameter.grad, value)


def test_other_generators_go_by_autograd():
    for activation, norm in [("tanh", None), ("relu", nn.BatchNorm1d)]:
        generator = mlp_generator(2, 3, (6,), activation, norm)
        assert isinstance(differentiable_generator(generator), AutogradGenerator)
