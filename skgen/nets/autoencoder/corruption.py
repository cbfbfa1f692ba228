"""Ways to corrupt rows, and the Markov chain of a network that undoes them."""

import torch


def masking(x, level, generator, low, high):
    """Set a fraction ``level`` of the entries to zero."""
    return x * (_uniform(x, generator) >= level)


def gaussian(x, level, generator, low, high):
    """Add noise of standard deviation ``level``."""
    noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    return torch.add(x, noise, alpha=level)


def salt_and_pepper(x, level, generator, low, high):
    """Set a fraction ``level`` of the entries to the least or greatest value of their column."""
    uniform = _uniform(x, generator)
    x = torch.where(uniform < level, low, x)
    return torch.where(uniform < level / 2, high, x)


def _uniform(x, generator):
    return torch.rand(x.shape, generator=generator, device=x.device, dtype=x.dtype)


CORRUPTIONS = {"masking": masking, "gaussian": gaussian, "salt_and_pepper": salt_and_pepper}


def draw_binary(out, residuals, generator):
    """Bernoulli draw from log-odds."""
    return (_uniform(out, generator) < torch.sigmoid(out)).to(out.dtype)


def draw_residual(out, residuals, generator):
    """Reconstruction plus a residual row drawn from a pool (n_pool, n_features)."""
    index = torch.randint(len(residuals), out.shape[:1], generator=generator, device=out.device)
    return out + residuals[index]


DRAWS = {"squared_error": draw_residual, "cross_entropy": draw_binary}


def run_chain(x, corrupt, reconstruct, draw, n_steps, low, high):
    """Corrupt, reconstruct, draw; ``n_steps`` times (Bengio et al. 2013).

    Each column stays in [low, high]: where there are no data the network has learned no way back.
    """
    for _ in range(n_steps):
        x = draw(reconstruct(corrupt(x))).clamp(low, high)
    return x
