"""Tempered chains on a machine of two modes, between which plain Gibbs sampling cannot cross."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from skgen import BernoulliRBM
from tests.boltzmann.machines import joint_table, random_rbm, states

D, K = 6, 4
N_CHAINS, N_SWEEPS = 1000, 150
# Of a mean over the chains: five standard errors of a bit.
TOLERANCE = 5 * np.sqrt(0.25 / N_CHAINS)


def two_modes():
    """A machine whose rows are mostly on, with two thirds of the mass, or mostly off."""
    net = random_rbm(D, K, scale=0.3, seed=4)
    with torch.no_grad():
        net.weight += 3.0
        # Measured from the middle of both layers, the weights favor neither mode.
        net.visible_bias.add_(0.1 - net.weight.sum(0) / 2)
        net.hidden_bias.add_(-net.weight.sum(1) / 2)
    return net


def exact_moments(net):
    """E[v v'] by the sum over all states; its diagonal is E[v]."""
    table = logsumexp(joint_table(net), axis=1)
    p = np.exp(table - logsumexp(table))
    return (states(D) * p[:, None]).T @ states(D)


def drawn_moments(net, **parameters):
    """E[v v'] of rows from chains that all start in the lighter mode."""
    rows = (np.arange(2 * D).reshape(2, D) % 2).astype(np.float32)
    model = BernoulliRBM(
        K,
        n_chains=N_CHAINS,
        n_burn_in=1,
        max_iter=1,
        # The weights stand still.
        learning_rate=1e-30,
        weight_decay=0.0,
        random_state=0,
        **parameters,
    ).fit(rows)
    given = dict(net.named_parameters())
    for name, parameter in model.module_.named_parameters():
        parameter.data.copy_(given[name.rpartition(".")[2]])
    model.module_.chains.zero_()
    model.set_params(n_gibbs_steps=N_SWEEPS).partial_fit(rows)
    drawn = model.sample(N_CHAINS).astype(float)
    return drawn.T @ drawn / N_CHAINS


def test_plain_chains_miss_a_mode():
    net = two_modes()
    exact = exact_moments(net)
    assert 0.6 < exact.diagonal().min() < exact.diagonal().max() < 0.75
    assert np.abs(drawn_moments(net, negative_phase="pcd")).max() < 0.05


@pytest.mark.parametrize("n_temperatures", [9, 10])
def test_tempered_chains_have_the_moments_of_both_modes(n_temperatures):
    net = two_modes()
    drawn = drawn_moments(net, negative_phase="pt", n_temperatures=n_temperatures)
    np.testing.assert_allclose(drawn, exact_moments(net), atol=TOLERANCE)
