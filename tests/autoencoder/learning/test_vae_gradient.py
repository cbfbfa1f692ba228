"""Gradients by formulas against automatic differentiation of the bounds."""

import pytest
import torch
from torch import nn

from skgen.autoencoder.learning.vae_gradient import bound_gradient, conditional_bound_gradient
from skgen.nets.autoencoder.conditioned import ConditionalVAENet, negative_conditional_bound
from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood
from skgen.nets.autoencoder.vae import VAENet, negative_bound
from skgen.nets.conditions import ConditionColumns, of_hidden_conditions
from skgen.nets.mlp import mlp

D, K = 37, 3


def gaussian(**how):
    generator = torch.Generator().manual_seed(1)
    scale = torch.randn(D, generator=generator)
    return GaussianLikelihood(scale, torch.tensor(1e-3), start=0.3, **how)


LIKELIHOODS = {
    "bernoulli": BernoulliLikelihood,
    "diagonal": gaussian,
    "isotropic": lambda: gaussian(isotropic=True),
    "fixed": lambda: gaussian(variance=0.7),
}


def network(likelihood, spread=1.0):
    torch.manual_seed(0)
    net = VAENet(mlp((D, 16, 2 * K), "tanh"), mlp((K, 16, D)), LIKELIHOODS[likelihood]())
    with torch.no_grad():
        net.encoder[-2].weight *= spread
    net.kl_weight.fill_(0.6)
    return net, torch.rand(20, D)


def both(net, x, **how):
    """Loss and gradients, by automatic differentiation and by formulas."""
    parameters = [p for p in net.parameters() if p.requires_grad]
    loss = negative_bound(net, K, **how)(x, torch.Generator().manual_seed(2))
    expected = [loss.detach(), *torch.autograd.grad(loss, parameters)]
    found = bound_gradient(net, K, **how)(x, torch.Generator().manual_seed(2))
    return expected, [found, *(p.grad for p in parameters)]


@pytest.mark.parametrize("free_bits", [0.0, 0.5])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_evidence_lower_bound(likelihood, free_bits):
    # Weights so large that some log-variances lie beyond their bounds.
    for spread in (1, 30):
        expected, found = both(*network(likelihood, spread), free_bits=free_bits)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("doubly", [False, True])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_importance_weighted_bound(likelihood, doubly):
    expected, found = both(*network(likelihood), n_importance=5, doubly=doubly)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("final", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "diagonal"])
def test_decoders_that_end_in_an_activation(likelihood, final):
    """Its derivative is taken at the outputs, which the likelihood has to leave as they are."""
    net, x = network(likelihood)
    net.decoder = mlp((K, 16, D), final=final)
    for how in ({}, {"n_importance": 3}):
        expected, found = both(net, x, **how)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_free_nats_have_no_gradient():
    net, x = network("bernoulli")
    (_, *without), (_, *found) = both(net, x, free_bits=100.0)
    torch.testing.assert_close(found, without, rtol=1e-3, atol=1e-5)
    with_kl = both(net, x)[1][1:]
    assert not torch.allclose(with_kl[0], found[0])


def test_other_networks_have_no_formulas():
    net, _ = network("bernoulli")
    net.decoder = nn.Sequential(nn.Linear(K, D))
    assert bound_gradient(net, K) is None


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"free_bits": 0.5},
        {"n_importance": 5},
        {"n_importance": 5, "doubly": True},
    ],
)
@pytest.mark.parametrize("likelihood", ["bernoulli", "diagonal"])
@pytest.mark.parametrize("hidden", [(16,), ()])
def test_bounds_given_a_condition(likelihood, how, hidden):
    torch.manual_seed(0)
    columns = ConditionColumns(D, [4, 2])
    net = ConditionalVAENet(
        mlp((D + 6, *hidden, 2 * K), "tanh"),
        mlp((K + 6, *hidden, D)),
        LIKELIHOODS[likelihood](),
        columns,
    )
    net.kl_weight.fill_(0.6)
    code = torch.tensor([[1.0, 0, 0, 0, 0.3, 0]] * 10 + [[0, 0, 0, 1.0, 0, 1]] * 10)
    rows = torch.cat([torch.rand(20, D), code], 1)
    parameters = [p for p in net.parameters() if p.requires_grad]
    loss, gradient = (
        of_hidden_conditions(columns, make(net, K, **how))
        for make in (negative_conditional_bound, conditional_bound_gradient)
    )
    value = loss(rows, torch.Generator().manual_seed(2))
    expected = [value.detach(), *torch.autograd.grad(value, parameters)]
    found = [gradient(rows, torch.Generator().manual_seed(2)), *(p.grad for p in parameters)]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_other_networks_have_no_formulas_given_a_condition():
    decoder = nn.Sequential(nn.Linear(K + 2, D))
    columns = ConditionColumns(D, [2])
    net = ConditionalVAENet(mlp((D + 2, 2 * K)), decoder, BernoulliLikelihood(), columns)
    assert conditional_bound_gradient(net, K) is None
