"""Objectives that fit the slope of an energy to that of the data, in which Z has no part."""

import torch

# Features up to which the curvature is a sum over all axes.
MOST_AXES = 8


def rademacher(n_directions, v, generator):
    """Directions (k, n, d) of -1 and 1 for each of the rows v."""
    shape = n_directions, *v.shape
    bits = torch.randint(0, 2, shape, generator=generator, device=v.device)
    return (2 * bits - 1).to(v.dtype)


def axes(v):
    """Directions (d, n, d) along each axis, as long as those of ``rademacher``."""
    n, d = v.shape
    return d**0.5 * torch.eye(d, device=v.device, dtype=v.dtype).unsqueeze(1).expand(d, n, d)


def score_matching_loss(net, v, directions):
    """Mean over rows v (n, d) of |gradient of E|^2 / 2 - Laplacian of E (Hyvarinen 2005).

    It is half the mean squared distance between the gradients of the two log-densities, but for a
    constant. The Laplacian is the mean of u' H u over directions u (k, n, d) with E[u u'] = I: over
    all axes exactly, else an estimate (Song, Garg, Shi & Ermon 2019).
    """
    k, n, d = directions.shape
    u = directions.reshape(k * n, d)
    rows = v.detach().expand(k, n, d).reshape(k * n, d).requires_grad_()
    (slope,) = torch.autograd.grad(net(rows).sum(), rows, create_graph=True)
    (bend,) = torch.autograd.grad((slope * u).sum(), rows, create_graph=True)
    return (0.5 * slope.square() - bend * u).sum(-1).mean()


def denoising_loss(net, v, noise, scale):
    """Half the mean of |scale * gradient of E at v + scale * noise - noise|^2 (Vincent 2011).

    The minimum is where the gradient is that of the density of rows with such noise.
    """
    rows = (v + scale * noise).detach().requires_grad_()
    (slope,) = torch.autograd.grad(net(rows).sum(), rows, create_graph=True)
    return 0.5 * (scale * slope - noise).square().sum(-1).mean()
