import warnings

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning

from skgen import DeepBeliefNetwork, GaussianBernoulliRBM
from skgen.base.torch_estimator import settings_of
from skgen.boltzmann.learning.denoising_start import (
    FirstRows,
    denoising_gradient,
    enough_updates,
    start_by_denoising,
    starting_noise,
)
from skgen.boltzmann.learning.gaussian_gradient import GaussianGradient, jump
from skgen.boltzmann.learning.negative_phase import PersistentChains
from skgen.nets.boltzmann.rbm import GaussianRBM
from skgen.training import Stage
from skgen.training.averaged_sgd import AveragedSGD
from tests.boltzmann.machines import states
from tests.boltzmann.test_gaussian_rbm import mixture, random_net


def ring(n, seed):
    """Eight clusters on a circle, uncorrelated: 1.07 nats a row, one Gaussian has -3.54."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * rng.integers(0, 8, n) / 8
    return 2 * np.c_[np.cos(angle), np.sin(angle)] + 0.05 * rng.standard_normal((n, 2))


def test_uncorrelated_columns_are_learned():
    train, test = ring(1000, 0), ring(2000, 1)
    gaussian = multivariate_normal(train.mean(0), np.cov(train.T)).logpdf(test).mean()
    # Of 16 hidden units log Z is exact. The default has 64, and scores higher.
    model = GaussianBernoulliRBM(16, max_iter=25, random_state=0).fit(train)
    assert model.score(test) > gaussian + 1


def test_a_deep_network_learns_them_too():
    train, test = ring(1000, 0), ring(500, 1)
    gaussian = multivariate_normal(train.mean(0), np.cov(train.T)).logpdf(test).mean()
    model = DeepBeliefNetwork((16, 12), max_iter=60, random_state=0).fit(train)
    assert model.score(test) > gaussian + 0.3


def test_the_gradient_of_denoising_is_that_of_its_loss():
    net = random_net(3, 4)
    x, noisy = torch.randn(2, 20, 3, generator=torch.Generator().manual_seed(0))
    precision = torch.exp(-net.log_variance.detach())
    error = net.visible_mean(torch.sigmoid(net.hidden_input(noisy))) - x
    loss = 0.5 * (error.square() * precision).sum(1).mean()
    parameters = net.weight, net.visible_bias, net.hidden_bias
    truth = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        denoising_gradient(net, x, noisy, precision)
    for parameter, gradient in zip(parameters, truth):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-5)


def test_the_start_is_an_autoencoder_that_removes_noise():
    rows = torch.from_numpy(ring(1000, 0) / np.sqrt(2)).float()
    net = GaussianRBM(2, 16)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        start_by_denoising(net, FirstRows(rows, 1000.0, 1000))
        noise = torch.exp(net.log_variance)
        noisy = rows + noise.sqrt() * torch.randn_like(rows)
    torch.testing.assert_close(noise, torch.full((2,), starting_noise(1000, 2, 16)))
    denoised = net.visible_mean(torch.sigmoid(net.hidden_input(noisy)))
    assert (denoised - rows).square().mean() < 0.5 * (noisy - rows).square().mean()


def test_noise_at_the_start_knows_rows_and_units():
    assert starting_noise(10_000, 4, 64) == pytest.approx(6 / 256)
    assert starting_noise(10_000, 40, 64) == 0.25
    assert starting_noise(100, 4, 64) == pytest.approx(0.1)
    assert starting_noise(1, 4, 64) == 1
    assert enough_updates(100, 6000) == 500
    assert enough_updates(10_000, 6000) == 6000


def test_few_rows_are_visited_less_often(rng):
    X = rng.standard_normal((60, 3))
    network = DeepBeliefNetwork((4, 3), max_iter=1).fit(X)
    assert settings_of(network, "auto").epochs(Stage([]), 60) == 5 * 60
    # With another start it is 2 000 updates, as ever.
    for start, n_epochs in (("auto", 5 * 60), (0.1, 2000)):
        model = GaussianBernoulliRBM(8, init_scale=start, max_iter=1).fit(X)
        assert settings_of(model, "auto").epochs(Stage([]), 60) == n_epochs


def test_the_gradient_is_that_of_the_free_energies_times_the_noise():
    net = random_net(3, 4)
    net.log_variance.data.sub_(4)
    v, chains = torch.randn(20, 3), torch.ones(1, 30, 4)
    rows = torch.randn(30, 3)

    class Rows(PersistentChains):
        tempered = True  # So that nothing jumps.

        def __call__(self, layers, inputs):
            return rows, torch.sigmoid(layers.hidden_input(rows))

    parameters = list(net.parameters())
    truth = torch.autograd.grad(
        net.free_energy(v).mean() - net.free_energy(rows).mean(), parameters
    )
    noise = torch.exp(net.log_variance.detach())
    averages = [p.detach().clone() for p in parameters]
    n_steps = torch.zeros((), dtype=torch.int64)
    optimizer = AveragedSGD([{"params": parameters}], averages, n_steps, 1.0)
    before = net.weight.detach().clone()
    GaussianGradient(net, Rows(chains, 1), optimizer)(v, torch.Generator())
    optimizer.step()
    g_W, g_b, g_c, g_s = truth
    torch.testing.assert_close(before - net.weight, g_W * noise, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(net.visible_bias.grad, g_b * noise, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(net.hidden_bias.grad, g_c, rtol=1e-3, atol=1e-4)
    rate = (10 * noise).clamp(max=1)
    torch.testing.assert_close(net.log_variance.grad, g_s * rate, rtol=1e-3, atol=1e-3)


def test_jumps_leave_the_machine_as_it_is():
    net = random_net(2, 3, seed=3)
    log_weights, _, _ = mixture(net)
    p = np.exp(log_weights - logsumexp(log_weights))
    rng = np.random.default_rng(0)
    h = torch.from_numpy(states(3)[rng.choice(8, 40_000, p=p)]).float()
    x = torch.from_numpy(rng.standard_normal((50, 2))).float()
    with torch.no_grad():
        after = jump(net, h, x, torch.Generator().manual_seed(0)).double().numpy()
    numbers = (after @ [1, 2, 4]).astype(int)
    index = (states(3) @ [1, 2, 4]).astype(int)
    counts = np.bincount(numbers, minlength=8)[index] / len(after)
    np.testing.assert_allclose(counts, p, atol=0.01)


def test_a_machine_that_learned_nothing_warns_with_a_remedy():
    X = ring(500, 0)
    with pytest.warns(ConvergenceWarning, match='learned nothing.*use init_scale="auto"'):
        GaussianBernoulliRBM(4, init_scale=0.01, max_iter=100, random_state=0).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GaussianBernoulliRBM(4, max_iter=100, random_state=0).fit(X)
