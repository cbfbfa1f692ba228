"""The pass outwards from a held layer, from which mean field starts in a deep machine."""

import numpy as np
import pytest
import torch

from skgen import DeepBoltzmannMachine
from skgen.nets.boltzmann.dbm import DBM
from tests.boltzmann.machines import states

DEPTHS = [2, 3, 4, 5]


def balanced(n_layers, noise=0.0):
    """A machine, and a state of its layers in which both neighbors tell a layer the same.

    With neighbors alike two by two, and biases to suit, the state is a fixed point of mean field.
    ``noise`` on the weights upsets the balance a little.
    """
    generator = torch.Generator().manual_seed(0)
    net = DBM([(6, 4)[number % 2] for number in range(n_layers)]).requires_grad_(False).double()
    A = 0.5 * torch.randn(4, 6, generator=generator, dtype=torch.float64)
    kinds = [torch.rand(size, generator=generator, dtype=torch.float64) for size in (6, 4)]
    layers = [kinds[number % 2] for number in range(n_layers)]
    for number in range(1, n_layers):
        W = A if number % 2 else A.T
        W = W * (1 + noise * torch.randn(W.shape, generator=generator, dtype=torch.float64))
        net.weight[net.block(number)] = W if number % 2 else W.T
    for number, layer in enumerate(layers):
        heard = (A if number % 2 else A.T) @ kinds[1 - number % 2]
        n_neighbors = 2 if 0 < number < n_layers - 1 else 1
        net.bias(number).copy_(torch.logit(layer) - n_neighbors * heard)
    return net, layers


def side_by_side(layers):
    """Even and odd layers as a machine holds them."""
    return torch.cat(layers[::2]), torch.cat(layers[1::2])


def undoubled(net, x):
    """The pass upwards in which every layer hears its neighbor below once."""
    layers = [x]
    for number in range(1, len(net.sizes)):
        inputs = net.layer_weight(number) @ layers[-1] + net.bias(number)
        layers.append(torch.sigmoid(inputs))
    return side_by_side(layers)


@pytest.mark.parametrize("n_layers", DEPTHS)
def test_in_balance_the_first_pass_is_the_fixed_point(n_layers):
    net, layers = balanced(n_layers)
    for number, values in enumerate(layers):
        start = net.first_pass(number, values)
        for got, expected in zip(start, side_by_side(layers)):
            torch.testing.assert_close(got, expected, rtol=0, atol=1e-12)
        for got, expected in zip(net.mean_field_step(number, values, start[0]), start):
            torch.testing.assert_close(got, expected, rtol=0, atol=1e-12)


def distance(one, other):
    return sum(float((a - b).abs().sum()) for a, b in zip(one, other))


def n_steps(net, x, start, fixed):
    """Steps of mean field until the layers are as they will be."""
    for number in range(1000):
        if distance(start, fixed) < 1e-6:
            return number
        start = net.mean_field_step(0, x, start[0])
    raise AssertionError("mean field has not settled")


@pytest.mark.parametrize("n_layers", DEPTHS[1:])
def test_near_balance_doubling_saves_steps(n_layers):
    net, layers = balanced(n_layers, noise=0.02)
    x = layers[0]
    *fixed, change = net.converged_mean_field(0, x[None], 10_000, 1e-12)
    assert float(change.max()) < 1e-12
    fixed = [part[0] for part in fixed]
    first, plain = net.first_pass(0, x), undoubled(net, x)
    assert distance(first, fixed) < 0.5 * distance(plain, fixed)
    assert n_steps(net, x, first, fixed) < n_steps(net, x, plain, fixed)


@pytest.mark.parametrize("sizes", [(4,), (4, 3), (4, 3, 2)])
def test_a_network_of_the_machine_is_its_first_pass(sizes):
    X = states(5).astype(np.float32)
    model = DeepBoltzmannMachine(sizes, init_scale=1.0, max_iter=1, random_state=0).fit(X)
    below = DBM((5, *sizes)).requires_grad_(False)
    for number in range(len(below.sizes)):
        below.bias(number).copy_(torch.tensor(model.intercepts_[number]))
        if number:
            W = torch.tensor(model.components_[number - 1])
            below.weight[below.block(number)] = W if number % 2 else W.T
    layers = below.first_pass(0, torch.tensor(X))
    expected = layers[len(sizes) % 2][:, below.slices[-1]]
    got = model._encoder_module(model.module_)(torch.tensor(X))
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)
