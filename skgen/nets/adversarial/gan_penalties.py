"""Penalties on the critic's gradient with respect to its input rows."""

import torch


def input_gradients(output, x):
    """Gradient of the summed output with respect to the rows x, shape (n, d), differentiable."""
    (gradient,) = torch.autograd.grad(output.sum(), x, create_graph=True)
    return gradient


def squared_norm(output, x):
    """Mean over the outputs of half the squared norm of their gradient (Mescheder et al. 2018)."""
    # With packing an output has several rows, and its gradient all their entries.
    return 0.5 * input_gradients(output, x).square().sum() / len(output)


def zero_centered(real, x_real, fake, x_fake, critic, generator):
    """R1: half the squared gradient norm at the data."""
    return squared_norm(real, x_real)


def zero_centered_both(real, x_real, fake, x_fake, critic, generator):
    """R1 + R2: half the squared gradient norm at the data, and at the generated rows."""
    return squared_norm(real, x_real) + squared_norm(fake, x_fake)


def one_centered(real, x_real, fake, x_fake, critic, generator):
    """Squared distance of the gradient norm from 1 between data and draws (Gulrajani 2017)."""
    fraction = torch.rand(
        len(x_real), 1, generator=generator, device=x_real.device, dtype=x_real.dtype
    )
    x = torch.lerp(x_real.detach(), x_fake.detach(), fraction).requires_grad_()
    output = critic(x)
    gradient = input_gradients(output, x).view(len(output), -1)
    return (gradient.norm(dim=1) - 1).square().mean()


# name -> penalty(real, x_real, fake, x_fake, critic, generator); the rows require gradients
PENALTIES = {"r1": zero_centered, "r1_r2": zero_centered_both, "wgan_gp": one_centered}
