"""Energies, conditionals and sums over states of convolutional machines, against enumeration."""

import math

import numpy as np
import pytest
import torch

from skgen.kernels.boltzmann.boltzmann_enumeration import log_partition
from skgen.nets.boltzmann.ais import forward_log_partition
from skgen.nets.boltzmann.annealing import BernoulliPath, GaussianPath
from skgen.nets.boltzmann.convolutional import blocks
from skgen.nets.boltzmann.convolutional.encoder import PooledLayer
from skgen.nets.boltzmann.convolutional.enumeration import (
    log_partition_over_hidden,
    log_partition_over_images,
    n_hidden_bits,
)
from skgen.nets.boltzmann.rbm import RBM, gibbs
from tests.boltzmann.convolutional.machines import (
    dense_weights,
    hidden_states,
    images,
    joint_table,
    random_machine,
)

EXACT = {"rtol": 0, "atol": 1e-10}
# Whole blocks, blocks cut at the border, channels and one row of pixels.
SHAPES = [
    {},
    {"image_shape": (3, 4), "filter_shape": (2, 2)},
    {"image_shape": (2, 2, 3), "n_filters": 3, "filter_shape": (2, 1)},
    {"image_shape": (1, 6), "filter_shape": (1, 3), "pool_size": 3},
    {"image_shape": (3, 3), "filter_shape": (2, 2), "pool_size": 1},
]
every_shape = pytest.mark.parametrize("shape", SHAPES)


@every_shape
def test_free_energies_and_log_z_are_sums_over_the_joint_table(shape):
    net = random_machine(**shape)
    table = joint_table(net)
    log_z = float(torch.logsumexp(table.flatten(), 0))
    V = images(len(net.visible_bias))
    torch.testing.assert_close(-net.free_energy(V), torch.logsumexp(table, 1), **EXACT)
    assert log_partition_over_images(net) == pytest.approx(log_z, abs=1e-10)
    assert log_partition_over_hidden(net) == pytest.approx(log_z, abs=1e-10)
    assert n_hidden_bits(net) == pytest.approx(math.log2(table.shape[1]))


@every_shape
def test_conditionals_are_those_of_the_joint_table(shape):
    net = random_machine(**shape)
    V, H, table = images(len(net.visible_bias)), hidden_states(net), joint_table(net)
    given_v, given_h = torch.softmax(table, 1), torch.softmax(table, 0)
    inputs = net.hidden_input(V)
    torch.testing.assert_close(net.hidden_mean(inputs), given_v @ H, **EXACT)
    torch.testing.assert_close(net.visible_mean(H), given_h.T @ V, **EXACT)
    pooled = torch.nn.functional.max_pool2d(
        H.view(-1, *net.hidden_shape), net.pool_size, ceil_mode=True
    )
    torch.testing.assert_close(net.pooled_mean(V), given_v @ pooled.flatten(1), **EXACT)
    torch.testing.assert_close(PooledLayer(net)(V), net.pooled_mean(V), **EXACT)


def test_without_pooling_it_is_a_machine_with_repeated_weights():
    net = random_machine((2, 4, 3), 2, (2, 2), 1)
    W = dense_weights(net)
    dense = RBM(W.shape[1], W.shape[0]).double().requires_grad_(False)
    dense.weight.copy_(W)
    dense.visible_bias.copy_(net.visible_bias)
    dense.hidden_bias.copy_(net.hidden_bias.repeat_interleave(len(W) // 2))
    v = images(24)[:: 2**24 // 100]
    torch.testing.assert_close(net.free_energy(v), dense.free_energy(v), **EXACT)
    torch.testing.assert_close(net.hidden_input(v), dense.hidden_input(v), **EXACT)
    # By an enumeration of the other kind: of hidden units, by a kernel.
    arrays = (p.detach().numpy() for p in (dense.weight, dense.visible_bias, dense.hidden_bias))
    assert log_partition_over_hidden(net) == pytest.approx(log_partition(*arrays), abs=1e-9)


def test_gaussian_units_are_those_of_their_energy():
    net = random_machine((3, 3), 2, (2, 2), 2, gaussian=True)
    H = hidden_states(net)
    s, b = net.log_variance.exp(), net.visible_bias
    c = net.hidden_bias.repeat_interleave(H.shape[1] // 2)
    v = torch.randn(20, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    square = 0.5 * ((v - b).square() / s).sum(1)
    table = (v / s) @ dense_weights(net).T @ H.T + H @ c - square[:, None]
    torch.testing.assert_close(-net.free_energy(v), torch.logsumexp(table, 1), **EXACT)
    torch.testing.assert_close(net.visible_mean(H), b + H @ dense_weights(net), **EXACT)


def test_gaussian_log_z_is_an_integral():
    net = random_machine((1, 2), 2, (1, 1), 2, gaussian=True)
    axis = torch.linspace(-12, 12, 1201, dtype=torch.float64)
    v = torch.cartesian_prod(axis, axis)
    integral = torch.logsumexp(-net.free_energy(v), 0) + 2 * math.log(axis[1] - axis[0])
    assert log_partition_over_hidden(net) == pytest.approx(float(integral), abs=1e-8)


@pytest.mark.parametrize("gaussian", [False, True])
def test_annealing_estimates_log_z(gaussian):
    net = random_machine((3, 3), 2, (2, 2), 2, gaussian=gaussian)
    path = GaussianPath(net) if gaussian else BernoulliPath(net, net.visible_bias * 0.5)
    generator = torch.Generator().manual_seed(0)
    betas = np.linspace(0, 1, 301).tolist()
    estimate, error = forward_log_partition(path, betas, 400, generator)
    assert 0 < error < 0.1
    assert abs(estimate - log_partition_over_hidden(net)) < 3 * error


def test_gibbs_sweeps_leave_the_distribution_of_images_as_it_is():
    net = random_machine((2, 2), 2, (1, 1), 2, scale=1.0)
    V = images(4)
    p = torch.softmax(-net.free_energy(V), 0)
    n, generator = 40_000, torch.Generator().manual_seed(0)
    start = torch.multinomial(p, n, replacement=True, generator=generator)
    after = gibbs(net, V[start], 1, generator)
    counts = torch.zeros(16, 16, dtype=torch.float64)
    places = (2 ** torch.arange(4)).double()
    counts.index_put_((start, (after @ places).long()), torch.ones(n).double(), accumulate=True)
    # Transitions are as in the exact kernel, of which detailed balance is a property.
    table = joint_table(net)
    kernel = torch.softmax(table, 1) @ torch.softmax(table, 0).T
    expected = n * p[:, None] * kernel
    torch.testing.assert_close(expected, expected.T)
    chi_squared = float(((counts - expected).square() / expected).sum())
    # 255 degrees of freedom: mean 255, standard deviation 22.6.
    assert chi_squared < 255 + 4 * 22.6


@pytest.mark.parametrize("size", [1, 2, 3])
def test_draws_of_blocks_have_the_means_and_never_two_units(size):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(1, 2, 5, 4, generator=generator, dtype=torch.float64)
    draws = blocks.draw_blocks(inputs.expand(20_000, -1, -1, -1), size, generator)
    p = blocks.unit_means(inputs, size)
    error = (p * (1 - p) / 20_000).sqrt()
    assert float(((draws.mean(0) - p[0]).abs() / error).max()) < 4.5
    on = torch.nn.functional.avg_pool2d(draws, size, ceil_mode=True, divisor_override=1)
    assert float(on.max()) == 1


def test_a_pooled_unit_is_shared_by_the_places_of_its_block():
    net = random_machine((4, 3), 2, (2, 1), 2)
    pooled = torch.rand(5, math.prod(net.pooled_shape), dtype=torch.float64)
    maps = net.spread(pooled).view(5, *net.hidden_shape)
    sums = torch.nn.functional.avg_pool2d(maps, 2, ceil_mode=True, divisor_override=1)
    torch.testing.assert_close(sums.flatten(1), pooled)
