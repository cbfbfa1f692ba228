"""Sweeps of every sampler against the matrix products that they cannot do without."""

from functools import partial

import numpy as np
import torch

from benchmarks.core import Case, Contender, Speedup

N_CHAINS, N_UNITS = 100, 500
N_LEAPFROG_STEPS = 20
ENERGIES = {
    "Student's t": lambda nets: nets.StudentTEnergy(N_UNITS, N_UNITS, 0),
    "mean-covariance": lambda nets: nets.MeanCovarianceEnergy(N_UNITS, N_UNITS, N_UNITS, 0),
    "spike and slab": lambda nets: nets.SpikeSlabEnergy(N_UNITS, N_UNITS),
}
# Products of chains by square weights that a slope of each takes: inputs, and what they push.
N_PRODUCTS = {"Student's t": 2, "mean-covariance": 4, "spike and slab": 2}


def load(setup):
    return 2 if setup.quick else 100


@torch.no_grad()
def restricted(n_sweeps, seed):
    """Both layers of a machine in turn."""
    from skgen.boltzmann.learning.layers import bernoulli_layers
    from skgen.nets.boltzmann.rbm import RBM

    net, generator = RBM(N_UNITS, N_UNITS), torch.Generator().manual_seed(seed)
    net.weight.normal_(0, 0.05, generator=generator)
    layers = bernoulli_layers(net, generator)
    h = torch.zeros(N_CHAINS, N_UNITS)
    for _ in range(n_sweeps):
        h = layers.draw_hidden(layers.hidden_input(layers.draw_visible(h)))
    return h


@torch.no_grad()
def of_steps(n_sweeps, seed):
    """Machines of time steps, a chain each."""
    from skgen.nets.boltzmann.steps import StepRBMs

    generator = torch.Generator().manual_seed(seed)
    W = 0.05 * torch.randn(N_UNITS, N_UNITS, generator=generator)
    machines = StepRBMs(W, torch.zeros(N_CHAINS, N_UNITS), torch.zeros(N_CHAINS, N_UNITS))
    h = torch.zeros(N_CHAINS, N_UNITS)
    for _ in range(n_sweeps):
        v = machines.draw_visible(h, generator)
        h = machines.draw_hidden(machines.hidden_input(v), generator)
    return h


def general(n_sweeps, seed):
    """Units all of which see each other, one after the other."""
    from skgen.boltzmann.general.chains import Chains

    rng = np.random.RandomState(seed)
    W = rng.normal(0, 0.05, (N_UNITS, N_UNITS))
    W = W + W.T - np.diag(2 * np.diag(W))
    chains = Chains(np.zeros(N_UNITS), W, np.zeros((N_UNITS, N_CHAINS)), rng)
    return chains.sweep(n_sweeps)


def _images(seed):
    """A machine of 24 filters of 9 x 9 on images of 28 x 28, and hidden units of its chains."""
    from skgen.nets.boltzmann.convolutional.rbm import ConvolutionalRBM

    generator = torch.Generator().manual_seed(seed)
    net = ConvolutionalRBM((1, 28, 28), 24, (9, 9), 2)
    net.requires_grad_(False).weight.normal_(0, 0.05, generator=generator)
    return net, torch.zeros(N_CHAINS, np.prod(net.hidden_shape)), generator


@torch.no_grad()
def convolutional(n_sweeps, seed):
    """Blocks of hidden units, of which one may be on, and the pixels below them."""
    from skgen.boltzmann.convolutional.layers import convolutional_layers

    net, h, generator = _images(seed)
    layers = convolutional_layers(net, generator)
    for _ in range(n_sweeps):
        h = layers.draw_hidden(layers.hidden_input(layers.draw_visible(h)))
    return h


@torch.no_grad()
def convolutions(n_sweeps, seed):
    """What a convolutional machine's sweep multiplies."""
    net, h, _ = _images(seed)
    for _ in range(n_sweeps):
        h = net.up(net.down(h))
    return h


@torch.no_grad()
def hamiltonian(name, n_sweeps, seed):
    """Moves of 20 leapfrog steps; a tenth as many as the sweeps of the others."""
    from skgen.nets.energy import experts, hamiltonian

    torch.manual_seed(seed)
    net, generator = ENERGIES[name](experts), torch.Generator().manual_seed(seed)
    v = torch.randn(N_CHAINS, N_UNITS, generator=generator)
    step, slope = torch.tensor(0.01), net.chain_slope()
    for _ in range(_n_moves(n_sweeps)):
        v, _ = hamiltonian.transition(slope, v, step, N_LEAPFROG_STEPS, generator)
    return v


def _n_moves(n_sweeps):
    return max(1, n_sweeps // 10)


@torch.no_grad()
def products(n_products, n_sweeps, seed):
    """Products of chains by square weights, ``n_products`` a sweep."""
    W = torch.zeros(N_UNITS, N_UNITS)
    x = torch.zeros(N_CHAINS, N_UNITS)
    out = torch.empty_like(x)
    for _ in range(n_products * n_sweeps):
        torch.mm(x, W, out=out)
    return out


def products_of_moves(name, n_sweeps, seed):
    """Products of the slopes at all places of a move, of which the first is known."""
    n_slopes = (N_LEAPFROG_STEPS + 1) * _n_moves(n_sweeps)
    return products(N_PRODUCTS[name] * n_slopes, 1, seed)


def pair(name, sweep, product):
    """A sampler, and its products."""
    return [Contender(name, sweep), Contender(f"{name}: products", product)]


SAMPLERS = {
    "restricted": (restricted, partial(products, 2)),
    "of time steps": (of_steps, partial(products, 2)),
    "general": (general, partial(products, 1)),
    "convolutional": (convolutional, convolutions),
    **{
        f"{name}, Hamiltonian": (partial(hamiltonian, name), partial(products_of_moves, name))
        for name in ENERGIES
    },
}

CASE = Case(
    title="100 sweeps of each sampler, 100 chains of 500 units",
    family="Boltzmann machines",
    description="Gibbs sweeps of 500 visible and 500 hidden units; of 500 units that all see each "
    "other, one after the other; of 24 filters of 9 x 9 on 28 x 28 pixels; ten Hamiltonian moves "
    "of 20 leapfrog steps. Beside each stand the matrix products or convolutions that it takes.",
    load=load,
    evaluate=lambda found, n_sweeps: {"mean": float(np.mean(np.asarray(found)))},
    contenders=[one for name, both in SAMPLERS.items() for one in pair(name, *both)],
    objective="mean",
    repeats=5,
    assertions=[Speedup(name, over=f"{name}: products", at_least=0.5) for name in SAMPLERS],
)
