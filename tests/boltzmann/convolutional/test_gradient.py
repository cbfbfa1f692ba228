"""The gradient of convolutional machines: against differences of the exact log-likelihood."""

import math

import numpy as np
import pytest
import torch
from torch.func import functional_call

from skgen.boltzmann.convolutional.gradient import ConvolutionalGradient
from skgen.boltzmann.convolutional.layers import ConvolutionalLayers
from skgen.boltzmann.learning.gradient import SparsityTarget
from skgen.boltzmann.learning.negative_phase import PersistentChains
from skgen.nets.boltzmann.convolutional.enumeration import log_partition_over_images
from skgen.nets.boltzmann.convolutional.rbm import NOISE_RATE
from tests.boltzmann.convolutional.machines import images, random_machine

SHAPE = {"image_shape": (1, 3, 3), "n_filters": 2, "filter_shape": (2, 2), "pool_size": 2}
ROOT_OF_PLACES = 2


def gradients(net, v, v_model, *, centered=False):
    """What rows of the data and of the model leave as the gradient of each parameter."""
    gradient = ConvolutionalGradient(net, None, centered=centered, sparsity=None)
    data, model = ((x, net.hidden_mean(net.hidden_input(x))) for x in (v, v_model))
    gradient.put_gradient(data, model)
    net.put_noise_gradient(data, model)
    return {name: parameter.grad.clone() for name, parameter in net.named_parameters()}


def free_energy_gap(net, parameters, v, v_model):
    """Mean free energy of the data less that of the model, by parameters of one's own."""

    class Gap(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self):
            return net.free_energy(v).mean() - net.free_energy(v_model).mean()

    return functional_call(Gap(), {f"net.{k}": p for k, p in parameters.items()}, ())


def numeric_gradient(function, parameter, step=1e-5):
    """Central differences of a function of no arguments by each number of a parameter."""
    flat, found = parameter.view(-1), []
    for place in range(len(flat)):
        flat[place] += step
        above = function()
        flat[place] -= 2 * step
        below = function()
        flat[place] += step
        found.append((above - below) / (2 * step))
    return torch.tensor(found, dtype=torch.float64).view_as(parameter)


def test_its_mean_over_the_model_is_the_gradient_of_the_exact_likelihood():
    net = random_machine(**SHAPE)
    v = torch.rand(6, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    V = images(9)
    p = torch.softmax(-net.free_energy(V), 0)
    mean = {name: torch.zeros_like(parameter) for name, parameter in net.named_parameters()}
    for row, weight in zip(V, p):
        for name, part in gradients(net, v, row[None]).items():
            mean[name] += weight * part

    def loss():
        return float(net.free_energy(v).mean()) + log_partition_over_images(net)

    for name, parameter in net.named_parameters():
        # Filters and their biases have a sum over places, by its root.
        expected = numeric_gradient(loss, parameter) / (1 if "visible" in name else ROOT_OF_PLACES)
        torch.testing.assert_close(mean[name], expected, rtol=0, atol=1e-8)


def test_centered_gradients_are_those_of_centered_units():
    net = random_machine((2, 4, 3), 3, (2, 2), 2)
    generator = torch.Generator().manual_seed(1)
    v, v_model = (torch.rand(n, 24, generator=generator).double() for n in (5, 7))
    found = gradients(net, v, v_model, centered=True)
    plain = gradients(net, v, v_model)
    mu = 0.5 * (v.mean(0) + v_model.mean(0)).view(2, -1).mean(1)
    h, h_model = (net.hidden_mean(net.hidden_input(x)) for x in (v, v_model))
    offset = 0.5 * (h.mean(0) + h_model.mean(0)).view(3, -1).mean(1)

    def moved(W, b, c, sign):
        """Parameters of E = -(v - mu) b - (h - offset)(c + W (v - mu)) as plain ones, or back."""
        maps = offset.view(1, 3, 1, 1).expand(1, 3, *net.map_shape)
        b = b - sign * torch.nn.functional.conv_transpose2d(maps, W).flatten()
        return {"weight": W, "visible_bias": b, "hidden_bias": c - sign * (W.sum((2, 3)) @ mu)}

    own = [part.clone().requires_grad_(True) for part in moved(*net.parameters(), -1).values()]
    free_energy_gap(net, moved(*own, 1), v, v_model).backward()
    root = math.sqrt(math.prod(net.map_shape))
    step = moved(own[0].grad / root, own[1].grad, own[2].grad / root, 1)
    for name, expected in step.items():
        torch.testing.assert_close(found[name], expected, rtol=0, atol=1e-12)
    assert not torch.allclose(found["weight"], plain["weight"])


def test_gradients_of_gaussian_units_are_scaled_by_their_variances():
    net = random_machine((2, 4, 3), 3, (2, 2), 2, gaussian=True)
    generator = torch.Generator().manual_seed(1)
    v, v_model = (torch.randn(n, 24, generator=generator).double() for n in (5, 7))
    found = gradients(net, v, v_model)
    own = {name: p.clone().requires_grad_(True) for name, p in net.named_parameters()}
    free_energy_gap(net, own, v, v_model).backward()
    root, s = math.sqrt(math.prod(net.map_shape)), net.log_noise.exp()
    scales = {
        "weight": s.view(-1, 1, 1) / root,
        "visible_bias": net.log_variance.exp(),
        "hidden_bias": 1 / root,
        "log_noise": (NOISE_RATE * s).clamp(max=1.0) / 12,
    }
    for name, scale in scales.items():
        torch.testing.assert_close(found[name], own[name].grad * scale, rtol=0, atol=1e-12)


@pytest.mark.parametrize("gaussian", [False, True])
def test_layers_of_the_chains_are_those_of_the_net(gaussian):
    net = random_machine((5, 4), 3, (2, 2), 2, gaussian=gaussian, double=False)
    layers = ConvolutionalLayers(net, torch.Generator().manual_seed(0))
    v = torch.rand(1, 20, generator=torch.Generator().manual_seed(1))
    inputs, n = layers.hidden_input(v), 20_000
    p = net.hidden_mean(net.hidden_input(v))
    torch.testing.assert_close(layers.hidden_mean(inputs), p, rtol=0, atol=1e-6)
    draws = layers.draw_hidden(inputs.repeat(n, 1))
    error = (p * (1 - p) / n).sqrt()
    assert float(((draws.mean(0) - p) / error).abs().max()) < 4.5
    blocks = draws.view(n, *net.hidden_shape)
    on = torch.nn.functional.avg_pool2d(blocks, 2, ceil_mode=True, divisor_override=1)
    assert float(on.max()) == 1


def test_persistent_chains_follow_the_exact_moments():
    net = random_machine(**SHAPE, double=False)
    V = images(9)
    p = torch.softmax(-net.free_energy(V.float()), 0).double()
    layers = ConvolutionalLayers(net, torch.Generator().manual_seed(0))
    phase = PersistentChains(torch.zeros(1, 20_000, 8), 30)
    rows, h = phase(layers, None)
    mean = (p @ V).numpy()
    error = np.sqrt(mean * (1 - mean) / 20_000)
    assert np.abs((rows.mean(0).numpy() - mean) / error).max() < 4.5
    exact = p @ net.hidden_mean(net.hidden_input(V.float())).double()
    torch.testing.assert_close(h.mean(0).double(), exact, rtol=0, atol=0.01)


def test_the_sparsity_target_moves_biases_toward_it():
    net = random_machine(**SHAPE, double=False)
    v = torch.rand(6, 9, generator=torch.Generator().manual_seed(1))
    left = []
    for sparsity in (None, SparsityTarget(0.1, 0.5)):
        phase = PersistentChains(torch.zeros(1, 4, 8), 1)
        gradient = ConvolutionalGradient(net, phase, centered=True, sparsity=sparsity)
        gradient(v, torch.Generator().manual_seed(0))
        left.append([parameter.grad.clone() for parameter in net.parameters()])
    means = net.hidden_mean(net.hidden_input(v)).view(6, 2, 4).mean((0, 2))
    torch.testing.assert_close(left[1][2] - left[0][2], ROOT_OF_PLACES * 0.5 * (means - 0.1))
    torch.testing.assert_close(left[1][:2], left[0][:2])
