"""Gradients by formulas against automatic differentiation of the bounds with labels."""

import pytest
import torch
from torch import nn

from skgen.autoencoder.learning.labeled_gradient import labeled_bound_gradient
from skgen.nets.autoencoder.labeled import LabeledVAENet, negative_labeled_bound
from skgen.nets.mlp import mlp
from tests.autoencoder.learning.test_vae_gradient import LIKELIHOODS, D, K

C, N = 4, 21


def network(likelihood, spread=1.0):
    torch.manual_seed(0)
    coders = mlp((D + C, 16, 2 * K), "tanh"), mlp((K + C, 16, D))
    net = LabeledVAENet(*coders, LIKELIHOODS[likelihood](), mlp((D, 16, C)), C)
    with torch.no_grad():
        net.encoder[-2].weight *= spread
        net.label_logits.copy_(torch.arange(C) / 3)
    net.kl_weight.fill_(0.6)
    return net


def rows(n_labeled):
    x = torch.rand(N, D, generator=torch.Generator().manual_seed(1))
    y = torch.eye(C)[torch.arange(N) % C] * (torch.arange(N) < n_labeled).unsqueeze(1)
    return torch.cat([x, y], 1)


def both(net, batch, **how):
    """Loss and gradients, by automatic differentiation and by formulas."""
    how = {"discriminative_weight": 5.0, **how}
    parameters = [p for p in net.parameters() if p.requires_grad]
    loss = negative_labeled_bound(net, K, **how)(batch, torch.Generator().manual_seed(2))
    expected = [loss.detach(), *torch.autograd.grad(loss, parameters)]
    found = labeled_bound_gradient(net, K, **how)(batch, torch.Generator().manual_seed(2))
    return expected, [found, *(p.grad for p in parameters)]


@pytest.mark.parametrize("n_labeled", [0, 5, N])
@pytest.mark.parametrize("free_bits", [0.0, 0.5])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_evidence_lower_bound(likelihood, free_bits, n_labeled):
    # Weights so large that some log-variances lie beyond their bounds.
    for spread in (1, 30):
        net = network(likelihood, spread)
        expected, found = both(net, rows(n_labeled), free_bits=free_bits)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("n_labeled", [5, N])
@pytest.mark.parametrize("doubly", [False, True])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_importance_weighted_bound(likelihood, doubly, n_labeled):
    net = network(likelihood)
    expected, found = both(net, rows(n_labeled), n_importance=5, doubly=doubly)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("how", [{}, {"n_importance": 3}, {"free_bits": 0.2}], ids=str)
def test_rows_that_all_have_labels(how):
    for likelihood in ("bernoulli", "diagonal"):
        expected, found = both(network(likelihood), rows(N), all_labeled=True, **how)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_networks_of_other_kinds_have_no_formula():
    net = network("bernoulli")
    net.classifier = nn.Sequential(nn.Flatten(), net.classifier)
    assert labeled_bound_gradient(net, K) is None


@pytest.mark.parametrize("encoder", [(), (16,), (12, 9)])
@pytest.mark.parametrize("activation", ["elu", "gelu"])
def test_depths_and_activations(encoder, activation):
    net = network("bernoulli")
    net.encoder = mlp((D + C, *encoder, 2 * K), activation)
    expected, found = both(net, rows(5))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)
