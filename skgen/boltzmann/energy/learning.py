"""Learning of energies: data against Hamiltonian chains that persist."""

import copy

import torch
from torch import nn

from skgen.nets.energy.hamiltonian import FIRST_STEP, adapted, transition
from skgen.workers import workers

# Of the running mean: updates that it looks back at, more or less.
WINDOW = 500


class EnergyState(nn.Module):
    """An energy twice, its chains, and what decorrelates rows.

    ``net`` follows the gradient; ``averaged_net`` is its running mean, and what a fitted estimator
    uses. Rows x of standard columns are v = x ``whitening``, and x = v ``coloring``. ``noise`` is
    the least variance that each column is known to have.
    """

    def __init__(self, net, whitening, noise, n_chains):
        super().__init__()
        self.net, self.averaged_net = net, copy.deepcopy(net).requires_grad_(False)
        self.register_buffer("whitening", torch.from_numpy(whitening).float())
        inverse = torch.linalg.inv(torch.from_numpy(whitening))
        self.register_buffer("coloring", inverse.float())
        deviations = torch.from_numpy(noise).sqrt()[:, None]
        self.register_buffer("noise", (deviations * torch.from_numpy(whitening)).float())
        self.register_buffer("chains", torch.randn(n_chains, len(whitening), dtype=torch.float32))
        self.register_buffer("step", torch.full((), FIRST_STEP, dtype=torch.float32))
        self.register_buffer("n_steps", torch.zeros((), dtype=torch.int64))

    def decorrelated(self, x):
        """Rows as the energy sees them."""
        return x @ self.whitening.to(x.dtype)

    def correlated(self, v):
        """Rows of standard columns."""
        return v @ self.coloring.to(v.dtype)

    def blurred(self, v, generator):
        """Rows with noise: where rows repeat values the density would be a needle."""
        noise = torch.randn(v.shape, generator=generator, device=v.device, dtype=v.dtype)
        return v + noise @ self.noise

    def resize_chains(self, n_chains):
        """Take as many chains as are wanted now, copies of what there are."""
        if n_chains != len(self.chains):
            self.chains = self.chains.repeat(-(-n_chains // len(self.chains)), 1)[:n_chains]

    @torch.no_grad()
    def finish_update(self):
        """Keep parameters where they may be, and bring their running mean up to date."""
        self.net.project()
        self.n_steps.add_(1)
        fraction = (1 / self.n_steps.float()).clamp(min=1 / WINDOW)
        for mean, parameter in zip(self.averaged_net.parameters(), self.net.parameters()):
            mean.lerp_(parameter, fraction)


def leave_gradients(loss, net):
    """Set the gradients of a loss in the parameters of a net that learn; return its value."""
    learned = list(net.learned().values())
    gradients = torch.autograd.grad(loss, learned, materialize_grads=True)
    for parameter, gradient in zip(learned, gradients):
        parameter.grad = gradient
    return loss.detach()


class PersistentGradient:
    """``gradient(v, generator)`` of a training phase; reports how far data lie below the chains.

    The gradient of minus the mean log-likelihood is that of the energy of the data, less that of
    the energy of rows of the model (Tieleman 2008; Ranzato & Hinton 2010).
    """

    def __init__(self, state, n_leapfrog_steps):
        self.state, self.n_leapfrog_steps = state, n_leapfrog_steps
        self.chains = workers().split(state.chains, axis=0)

    def __call__(self, v, generator):
        """Leave gradients of minus the log-likelihood of rows v; return the gap of energies."""
        state, net = self.state, self.state.net
        with torch.no_grad():
            how = state.step, self.n_leapfrog_steps, generator
            chains, accepted = transition(net.chain_slope(), self.chains, *how)
            self.chains.copy_(chains)
            accepted = workers().mean_of(accepted, len(chains))
            state.step.copy_(adapted(state.step, accepted))
        v = state.blurred(v, generator)
        with torch.enable_grad():
            of_chains = workers().relative_weight(len(chains), len(v))
            gap = net(v).mean() - of_chains * net(chains).mean()
        return leave_gradients(gap, net)


def energy_gap(state, v, generator):
    """How far rows v lie below the chains in energy, by the averaged weights."""
    return state.averaged_net(v).mean() - state.averaged_net(state.chains).mean()
