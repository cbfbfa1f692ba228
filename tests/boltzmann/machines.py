"""Small machines with known truth, for the tests of this folder."""

import torch

from skgen.kernels.boltzmann.boltzmann_enumeration import bits
from skgen.nets.boltzmann.rbm import RBM


def states(k):
    """Every state of k bits, state i being the bits of the number i."""
    return bits(k)


def random_rbm(n_visible, n_hidden, scale=1.0, seed=0):
    """A machine with weights and biases from N(0, scale^2)."""
    generator = torch.Generator().manual_seed(seed)
    net = RBM(n_visible, n_hidden).requires_grad_(False)
    for parameter in net.parameters():
        parameter.normal_(0, scale, generator=generator)
    return net.requires_grad_(True)


def joint_table(net):
    """-E(v, h) of all states, shape (2^d, 2^k) float64."""
    W, b, c = (p.detach().double().numpy() for p in net.parameters())
    V, H = states(W.shape[1]), states(W.shape[0])
    return V @ W.T @ H.T + (V @ b)[:, None] + (H @ c)[None]
