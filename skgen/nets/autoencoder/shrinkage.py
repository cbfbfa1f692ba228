"""Soft thresholds, and lasso codes by accelerated proximal steps, in torch."""

import math

import torch


def shrink(u, threshold, positive=False):
    """Entries of u nearer to zero by ``threshold``; those that would pass it become zero.

    With ``positive`` negative entries become zero, too.
    """
    if positive:
        return torch.relu(u - threshold)
    return u - torch.maximum(torch.minimum(u, threshold), -threshold)


@torch.no_grad()
def predicted_codes(x, prediction, D, alpha, weight, lipschitz, n_steps):
    """Codes (n, K) near a prediction, by ``n_steps`` accelerated proximal steps from there.

    They minimize ``|x - z D|^2 / 2 + alpha |z|_1 + weight |z - prediction|^2 / 2``, which is
    strongly convex: the momentum is constant (Nesterov 2004, scheme 2.2.22).

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Rows.
    prediction : Tensor of shape (n, K)
        Where codes should be.
    D : Tensor of shape (K, d)
        Dictionary; atoms are rows.
    alpha : Tensor of shape ()
        Weight of the l1 norm.
    weight : float
        Weight of the distance to the prediction, above zero.
    lipschitz : Tensor of shape ()
        The largest eigenvalue of D D', or a little more.
    n_steps : int
        Proximal steps.
    """
    step = 1 / (lipschitz + weight)
    root = torch.sqrt(weight * step)
    momentum = (1 - root) / (1 + root)
    threshold = step * alpha
    # Both quadratic terms as one: their gradient at y is y A - b.
    A = D @ D.T
    A.diagonal().add_(weight)
    b = torch.addmm(prediction, x, D.T, beta=weight)
    z = y = prediction
    for _ in range(n_steps):
        before, z = z, shrink(y + step * (b - y @ A), threshold)
        y = z + momentum * (z - before)
    return z


def start_of_powers(D):
    """A unit vector (K,) with a part along every eigenvector of D D', as good as surely."""
    return torch.cos(torch.arange(len(D), dtype=D.dtype, device=D.device)) * math.sqrt(2 / len(D))


@torch.no_grad()
def improve_eigenvector(vector, D, n_steps):
    """Turn a vector (K,) in place to the leading eigenvector of D D'; return its eigenvalue."""
    for _ in range(n_steps):
        image = (vector @ D) @ D.T
        length = torch.linalg.vector_norm(image)
        vector.copy_(image / length.clamp_min(torch.finfo(D.dtype).tiny))
    return length
