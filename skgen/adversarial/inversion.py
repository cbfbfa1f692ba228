"""Latent rows whose images come nearest to given rows."""

import torch

N_CANDIDATES = 2048
N_STARTS = 4
N_UPDATES = 200
LEARNING_RATE = 0.05


def invert(generator, x, candidates):
    """Latent rows z (n, k) that minimize ||G(z) - x||^2, and the squared errors (n,).

    Minimized by Adam from the ``N_STARTS`` rows of ``candidates`` (m, k) whose images lie nearest;
    the best end of each row is kept. No row depends on another.
    """
    with torch.no_grad():
        distances = torch.cdist(x, generator(candidates))
        nearest = distances.topk(min(N_STARTS, len(candidates)), largest=False).indices
    rows = x.repeat_interleave(nearest.shape[1], dim=0)
    z, errors = _minimize(generator, candidates[nearest.flatten()], rows)
    best = errors.view(nearest.shape).argmin(1)
    index = torch.arange(len(x), device=x.device) * nearest.shape[1] + best
    return z[index], errors[index]


def _minimize(generator, start, x):
    """Best latent row on the path of Adam from each start, and its squared error."""
    z = start.clone().requires_grad_()
    best, least = start.clone(), torch.full_like(x[:, 0], torch.inf)
    optimizer = torch.optim.Adam([z], lr=LEARNING_RATE)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, N_UPDATES)
    for _ in range(N_UPDATES + 1):
        with torch.enable_grad():
            errors = (generator(z) - x).square().sum(1)
            (z.grad,) = torch.autograd.grad(errors.sum(), z)
        better = errors.detach() < least
        least = torch.where(better, errors.detach(), least)
        best = torch.where(better[:, None], z.detach(), best)
        optimizer.step()
        scheduler.step()
    return best, least
