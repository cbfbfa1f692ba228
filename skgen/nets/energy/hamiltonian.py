"""Hamiltonian Monte Carlo: chains that slide along the slope of an energy.

A chain gets a random push and follows Newton's law for some steps; the leapfrog steps nearly keep
its total energy, and a Metropolis test corrects for the rest (Neal 2011, MCMC using Hamiltonian
dynamics, Handbook of Markov Chain Monte Carlo). One move so goes as far as many small random ones.
"""

import torch

ACCEPTED = 0.9  # of the moves, towards which the step is adapted
FASTER, LARGEST = 1.02, 2.0  # growth of the step in one move, and its bound
FIRST_STEP = 0.3


def transition(slope, v, step, n_steps, generator, project=None):
    """Rows v (n, d) after one move of each, and the fraction of moves that were accepted.

    ``slope(v)`` gives energies (n,) and their gradients (n, d). ``project(rows)`` removes from
    pushes and gradients (n, d) what leads out of the flat on which chains must stay.
    """
    push = torch.randn(v.shape, generator=generator, device=v.device, dtype=v.dtype)
    energy, gradient = slope(v)
    if project is not None:
        push, gradient = project(push), project(gradient)
    before = energy + 0.5 * push.square().sum(-1)
    moved, push = v, push - 0.5 * step * gradient
    for number in range(n_steps):
        moved = moved + step * push
        energy, gradient = slope(moved)
        if project is not None:
            gradient = project(gradient)
        push = push - (step if number < n_steps - 1 else 0.5 * step) * gradient
    gain = before - energy - 0.5 * push.square().sum(-1)
    like = {"device": v.device, "dtype": v.dtype}
    accepted = torch.rand(len(v), generator=generator, **like).log() < gain
    return torch.where(accepted.unsqueeze(-1), moved, v), accepted.to(v.dtype).mean()


def adapted(step, accepted):
    """The step after a move of which this fraction was accepted, a tensor of one number."""
    return torch.where(accepted > ACCEPTED, step * FASTER, step / FASTER).clamp(max=LARGEST)


def run(slope, v, step, n_moves, n_steps, generator, project=None):
    """Rows after each of ``n_moves`` moves, one after the other; the first half adapts the step."""
    for number in range(n_moves):
        v, accepted = transition(slope, v, step, n_steps, generator, project)
        if number < n_moves // 2:
            step = adapted(step, accepted)
        yield v
