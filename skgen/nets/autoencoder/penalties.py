"""Penalties on the codes of an autoencoder."""

import torch


def bernoulli_kl(target, mean):
    """KL(Bernoulli(target) || Bernoulli(mean)) of each entry of mean, nats."""
    mean = mean.clamp(1e-6, 1 - 1e-6)
    return target * torch.log(target / mean) + (1 - target) * torch.log((1 - target) / (1 - mean))


# h' in terms of h = activation(a).
DERIVATIVES = {
    "identity": torch.ones_like,
    "sigmoid": lambda h: h * (1 - h),
    "tanh": lambda h: 1 - h.square(),
}


def layer_jacobian_norm(weight, codes, activation):
    """Squared Frobenius norm of dh/dx of h = activation(W x + b), shape (n,).

    Exact and O(k d) once a batch (Rifai et al. 2011, eq. 7).
    """
    # weight: (k, d); codes: (n, k); ||J||^2 = sum_j h'_j^2 ||w_j||^2
    return DERIVATIVES[activation](codes).square() @ weight.square().sum(1)


def probed_jacobian_norm(x, codes, noise):
    """Unbiased estimate of the squared Frobenius norm of dcodes/dx, shape (n,).

    E ||J' v||^2 over v ~ N(0, I) (Hutchinson 1990); ``noise`` is (n_probes, n, k). The rows
    x must require gradients.
    """
    total = torch.zeros_like(codes[:, 0])
    for probe in noise:
        (product,) = torch.autograd.grad(codes, x, probe, create_graph=True)
        total = total + product.square().flatten(1).sum(1)
    return total / len(noise)
