"""Layers of a machine on any device: what they draw and watch, checked on the CPU."""

import numpy as np
import pytest
import torch

from skgen import BernoulliRBM, DeepBoltzmannMachine
from skgen.boltzmann.learning import gradient
from skgen.boltzmann.learning.deep import mean_field_gradient
from skgen.boltzmann.learning.layers import BernoulliLayersOnDevice
from skgen.kernels.boltzmann.pseudo_likelihood import log_pseudo_likelihood
from tests.boltzmann.machines import random_rbm


@torch.no_grad()
def test_the_loss_to_watch_is_the_pseudo_likelihood_on_average(rng):
    net = random_rbm(7, 5, scale=0.8).double()
    v = torch.tensor(rng.integers(0, 2, (4, 7)), dtype=torch.float64)
    layers = BernoulliLayersOnDevice(net, torch.Generator().manual_seed(0))
    inputs = layers.hidden_input(v)
    losses = torch.stack([layers.loss_to_watch(v, inputs) for _ in range(4000)])
    arrays = v, inputs, net.weight.T.contiguous(), net.visible_bias
    exact = -log_pseudo_likelihood(*(a.numpy() for a in arrays)).mean()
    assert float(losses.mean()) == pytest.approx(exact, abs=4 * float(losses.std()) / 4000**0.5)


@torch.no_grad()
def test_draws_have_the_means_of_their_units():
    net = random_rbm(7, 5, scale=0.8)
    layers = BernoulliLayersOnDevice(net, torch.Generator().manual_seed(0))
    h = torch.ones(20_000, 5)
    v = layers.draw_visible(h)
    torch.testing.assert_close(v.mean(0), net.visible_mean(h[0]), rtol=0, atol=0.02)
    inputs = layers.hidden_input(v[:1].expand(20_000, -1))
    means = layers.draw_hidden(inputs).mean(0)
    torch.testing.assert_close(means, layers.hidden_mean(inputs)[0], rtol=0, atol=0.02)


@pytest.mark.parametrize(
    "model",
    [
        BernoulliRBM(8, negative_phase="pt", n_chains=20, n_temperatures=3),
        DeepBoltzmannMachine((8, 6)),
    ],
    ids=["rbm", "dbm"],
)
def test_machines_learn_as_much_by_them_as_by_the_kernel(model, monkeypatch, rng):
    codes = rng.integers(0, 2, (500, 3))
    X = np.repeat(codes, 4, axis=1) ^ (rng.random((500, 12)) < 0.05)
    model.set_params(max_iter=40, random_state=0)
    by_kernel = model.fit(X).score(X)
    used = []

    def layers_on_device(net, generator):
        used.append(net)
        return BernoulliLayersOnDevice(net, generator)

    defaults = gradient.LikelihoodGradient.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "make_layers", layers_on_device)
    monkeypatch.setattr(mean_field_gradient, "bernoulli_layers", layers_on_device)
    assert model.fit(X).score(X) == pytest.approx(by_kernel, abs=0.25)
    assert used
