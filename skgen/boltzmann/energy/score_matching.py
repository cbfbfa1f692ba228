"""Learning of energies from data alone: their slope is fitted, no chain has to mix."""

import torch

from skgen.boltzmann.energy.learning import leave_gradients
from skgen.nets.energy.hamiltonian import adapted, transition
from skgen.nets.energy.score_matching import (
    MOST_AXES,
    axes,
    denoising_loss,
    rademacher,
    score_matching_loss,
)
from skgen.workers import workers

# Standard deviation of the noise of held-out rows, and draws of it for each.
WATCHED_SCALE, N_NOISES = 0.2, 8


class ScoreMatching:
    """``loss(net, v, generator)``: score matching on all axes, or on random directions."""

    def __init__(self, n_directions):
        self.n_directions = n_directions

    def __call__(self, net, v, generator):
        """Mean over rows v, without the constant that the data alone decide."""
        n_directions = self.n_directions
        if n_directions is None:
            n_directions = v.shape[1] if v.shape[1] <= MOST_AXES else 1
        all_axes = n_directions >= v.shape[1]
        directions = axes(v) if all_axes else rademacher(n_directions, v, generator)
        return score_matching_loss(net, v, directions)


class DenoisingScoreMatching:
    """``loss(net, v, generator)``: the slope at rows with noise points back to the rows."""

    def __init__(self, noise_scale):
        self.noise_scale = noise_scale

    def __call__(self, net, v, generator):
        """Mean over rows v."""
        noise = torch.randn(v.shape, generator=generator, device=v.device, dtype=v.dtype)
        return denoising_loss(net, v, noise, self.noise_scale)


class ScoreGradient:
    """``gradient(v, generator)`` of a training phase by one of the losses above.

    The rows then make one move along the slope, by which the step of later chains is adapted, and
    become the rows from which these start.
    """

    def __init__(self, state, loss):
        self.state, self.loss = state, loss

    def __call__(self, v, generator):
        """Leave gradients of the loss of rows v; return the loss."""
        state = self.state
        v = state.blurred(v, generator)
        with torch.enable_grad():
            loss = leave_gradients(self.loss(state.net, v, generator), state.net)
        with torch.no_grad():
            moved, accepted = transition(state.net.slope, v, state.step, 1, generator)
            state.step.copy_(adapted(state.step, workers().mean_of(accepted, len(v))))
            state.chains.copy_(torch.cat([moved, state.chains])[: len(state.chains)])
        return loss


class HeldOutScore:
    """``monitor(v, generator)`` of any training: the denoising loss of rows by averaged weights.

    Of a likelihood each look would take annealing, whose errors favor energies learned by heart.
    """

    def __init__(self, state, noise_scale=WATCHED_SCALE):
        self.state, self.loss = state, DenoisingScoreMatching(noise_scale)

    def __call__(self, v, generator):
        """Mean over rows v, each with several noises."""
        v = self.state.blurred(v.repeat(N_NOISES, 1), generator)
        with torch.enable_grad():
            return self.loss(self.state.averaged_net, v, generator).detach()
