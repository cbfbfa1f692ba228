"""Latent rows whose images come nearest to given rows, or that obey constraints on them."""

import torch

N_CANDIDATES = 2048
N_STARTS = 4
N_UPDATES = 200
LEARNING_RATE = 0.05


def invert(generate, x, weights, candidates, *, y=None, guess=None, near=None):
    """Latent rows z (n, k) that minimize the weighted ||G(z) - x||^2, and what they reach (n,).

    Minimized by Adam from several starts; the best end of each row is kept. No row depends on
    another.

    Parameters
    ----------
    generate : callable
        ``generate(z, y)`` gives rows of latent rows and of conditions.
    x, weights : tensor of shape (n, d)
        Rows, and a factor of each squared difference.
    candidates : tensor of shape (m, k)
        Latent rows, of which those that do best are starts.
    y : tensor of shape (n, c), optional
        Coded conditions of the rows.
    guess : tensor of shape (n, k), optional
        A further start of each row.
    near : tensor of shape (n, k), optional
        Latent rows to stay near to: ||z - near||^2 joins what is minimized.
    """
    starts = _nearest(generate, x, weights, candidates, y, near)
    further = [rows.unsqueeze(1) for rows in (guess, near) if rows is not None]
    starts = torch.cat([starts, *further], 1)
    n_starts = starts.shape[1]
    x, weights, y, near = (_repeated(rows, n_starts) for rows in (x, weights, y, near))

    def errors(z):
        missed = (weights * (generate(z, y) - x).square()).sum(1)
        return missed if near is None else missed + (z - near).square().sum(1)

    z, ends = _minimize(errors, starts.flatten(0, 1))
    best = ends.view(-1, n_starts).argmin(1)
    index = torch.arange(len(best), device=x.device) * n_starts + best
    return z[index], ends[index]


def _repeated(rows, n):
    return None if rows is None else rows.repeat_interleave(n, dim=0)


@torch.no_grad()
def _nearest(generate, x, weights, candidates, y, near):
    """The candidates (m, k) that do best for each row, (n, ``N_STARTS``, k)."""
    errors = x.new_empty(len(x), len(candidates))
    # Rows under the same conditions share the images of the candidates.
    groups = (
        torch.zeros_like(x[:, 0]) if y is None else torch.unique(y, dim=0, return_inverse=True)[1]
    )
    for group in groups.unique():
        own = groups == group
        shared = None if y is None else y[own][:1].expand(len(candidates), -1)
        images = generate(candidates, shared)
        # What depends on the row alone changes no order.
        products = weights[own] @ images.square().T - 2 * (weights[own] * x[own]) @ images.T
        errors[own] = products
    if near is not None:
        errors = errors + torch.cdist(near, candidates).square()
    return candidates[errors.topk(min(N_STARTS, len(candidates)), largest=False).indices]


def _minimize(errors, start):
    """Best latent row on the path of Adam from each start, and its ``errors(z)`` (n,)."""
    z = start.clone().requires_grad_()
    best, least = start.clone(), torch.full_like(start[:, 0], torch.inf)
    optimizer = torch.optim.Adam([z], lr=LEARNING_RATE)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, N_UPDATES)
    for _ in range(N_UPDATES + 1):
        with torch.enable_grad():
            now = errors(z)
            (z.grad,) = torch.autograd.grad(now.sum(), z)
        now = now.detach()
        better = now < least
        least = torch.where(better, now, least)
        best = torch.where(better[:, None], z.detach(), best)
        optimizer.step()
        scheduler.step()
    return best, least
