"""What a module must do to be an energy, and errors that say what one does not."""

import copy

import torch
from torch import nn

from skgen.nets.energy.modules import AutogradEnergy

N_ROWS = 4


def own_energy(given, n_features, name):
    """A copy in float32 of a user's module, or of what a factory makes, as an energy.

    ``name`` tells the user which one is meant; a ValueError says what is wrong with it.
    """
    if not callable(given):
        raise ValueError(
            f"{name} is {type(given).__name__}, but an energy is a torch.nn.Module or a factory "
            "that maps n_features to one."
        )
    module = given if isinstance(given, nn.Module) else given(n_features)
    if not isinstance(module, nn.Module):
        raise ValueError(
            f"{name} made {type(module).__name__} of n_features={n_features}, but an energy is a "
            "torch.nn.Module that maps rows to energies; return a module."
        )
    module = copy.deepcopy(module).float()
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ValueError(f"{name} has no parameter that requires a gradient: nothing can learn.")
    mode = module.training
    module.eval()
    for dtype in (torch.float32, torch.float64):
        _check_energies(copy.deepcopy(module).to(dtype), _rows(n_features, dtype), name)
    return AutogradEnergy(module.train(mode))


def _rows(n_features, dtype):
    steps = torch.arange(N_ROWS * n_features, dtype=dtype)
    return torch.sin(1 + steps).reshape(N_ROWS, n_features)


@torch.enable_grad()
def _check_energies(module, v, name):
    """Check shape, finite values, gradients, and that rows do not see each other."""
    v.requires_grad_()
    try:
        energy, alone = module(v), module(v[:1])
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"{name} fails on rows of shape {tuple(v.shape)} and type {v.dtype}: {error}. Give it "
            "one input a feature, and let tensors that it makes have the type of the rows."
        ) from error
    shape = tuple(energy.shape) if isinstance(energy, torch.Tensor) else type(energy).__name__
    if shape not in ((len(v),), (len(v), 1)):
        raise ValueError(
            f"{name} maps {len(v)} rows to {shape}, but an energy is one number a row: "
            f"({len(v)},) or ({len(v)}, 1)."
        )
    if not torch.isfinite(energy).all():
        raise ValueError(
            f"{name} gives {energy.detach().flatten().tolist()} to rows near 0, but energies are "
            "finite; bound what it divides by, or takes logarithms of."
        )
    if not torch.allclose(alone.flatten(), energy.flatten()[:1], rtol=1e-3, atol=1e-4):
        raise ValueError(
            f"{name} gives a row another energy where other rows stand beside it; leave out what "
            "looks across rows."
        )
    slope = None
    if energy.requires_grad:
        (slope,) = torch.autograd.grad(energy.sum(), v, allow_unused=True)
    if slope is None:
        raise ValueError(
            f"{name} has no gradient by the rows; compute it of the rows by torch alone, without "
            "detach or NumPy."
        )
    if not torch.isfinite(slope).all():
        raise ValueError(
            f"{name} has a gradient by the rows that is not finite; use smooth functions alone."
        )


@torch.enable_grad()
def check_curvature(experts, n_features):
    """Refuse energies without a second derivative, which score matching is about."""
    v = _rows(n_features, torch.float32).requires_grad_()
    total = sum(copy.deepcopy(expert).eval()(v).sum() for expert in experts)
    (slope,) = torch.autograd.grad(total, v, create_graph=True)
    if slope.requires_grad:
        (bend,) = torch.autograd.grad(slope.square().sum(), v, allow_unused=True)
        if bend is not None and bend.abs().max() > 0:
            return
    raise ValueError(
        'The energy is piecewise linear, and training="score_matching" sees its curvature alone; '
        'use a smooth activation such as SiLU, or training="denoising_score_matching".'
    )
