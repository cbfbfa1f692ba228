"""Passes by formulas against automatic differentiation."""

import pytest
import torch
from torch import nn

from skgen.nets.dense_pass import dense_passes
from skgen.nets.mlp import ACTIVATIONS, TiedDecoder, mlp


def problem(network, n_in):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(7, n_in, generator=generator, requires_grad=True)
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    out = network(x)
    return x, out, torch.randn(out.shape, generator=generator)


@pytest.mark.parametrize("final", ["identity", "sigmoid"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_and_gradients(activation, final):
    network = mlp((5, 6, 4, 3), activation, final=final)
    x, out, by_out = problem(network, 5)
    expected = torch.autograd.grad(out, [x, *network.parameters()], by_out)
    (passes,) = dense_passes(network)
    torch.testing.assert_close(passes.forward(x.detach()), out)
    by_x = passes.backward(by_out)
    found = [by_x, *(p.grad for p in network.parameters())]
    torch.testing.assert_close(found, list(expected), rtol=1e-4, atol=1e-5)


def test_gradients_add_up_where_asked():
    network = mlp((5, 6, 3))
    x, _, by_out = problem(network, 5)
    (passes,), once = dense_passes(network), []
    for add in (False, True):
        passes.forward(x.detach())
        passes.backward(by_out, to_input=False, add=add)
        once = once or [p.grad.clone() for p in network.parameters()]
    torch.testing.assert_close([p.grad for p in network.parameters()], [2 * g for g in once])


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Linear(3, 2)),
        nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU()),
        nn.Sequential(nn.Linear(3, 2), nn.Softplus()),
        nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.BatchNorm1d(2), nn.Identity()),
        TiedDecoder(mlp((3, 2))),
        nn.Sequential(),
    ],
    ids=["bare", "no bias", "softplus", "batch normalization", "tied", "empty"],
)
def test_other_networks_have_no_pass(network):
    assert dense_passes(network) is None


def test_networks_that_share_weights_or_are_watched_have_no_pass():
    one, other = mlp((3, 3)), mlp((3, 3))
    assert len(dense_passes(one, other)) == 2
    assert dense_passes(one, one) is None
    other[0].weight.requires_grad_(False)
    assert dense_passes(one, other) is None
    other[0].weight.requires_grad_(True)
    other[0].register_forward_hook(lambda *args: None)
    assert dense_passes(one, other) is None
