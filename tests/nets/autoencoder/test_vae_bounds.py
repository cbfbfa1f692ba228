import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from skgen.nets.autoencoder.likelihoods import GaussianLikelihood
from skgen.nets.autoencoder.vae import VAENet, doubly_reparametrized, elbo, importance_bound
from skgen.nets.gaussian import kl_to_standard, log_normal, log_standard, reparametrize

D, K = 4, 2


@pytest.fixture
def linear():
    """Linear-Gaussian decoder with a rough encoder, and the exact log-density of rows."""
    rng = np.random.default_rng(0)
    W, b = rng.standard_normal((D, K)), rng.standard_normal(D)
    likelihood = GaussianLikelihood(
        torch.zeros(D, dtype=torch.float64), variance=0.5, isotropic=True
    )
    net = VAENet(nn.Linear(D, 2 * K), nn.Linear(K, D), likelihood).double()
    with torch.no_grad():
        net.decoder.weight.copy_(torch.tensor(W))
        net.decoder.bias.copy_(torch.tensor(b))
        posterior = np.linalg.solve(W.T @ W + 0.5 * np.eye(K), W.T)
        net.encoder.weight.zero_()
        net.encoder.weight[:K] = torch.tensor(posterior) * 0.9
        net.encoder.bias[:K] = torch.tensor(-0.9 * posterior @ b)
        net.encoder.bias[K:] = -1.0
    law = stats.multivariate_normal(b, W @ W.T + 0.5 * np.eye(D))
    x = law.rvs(300, random_state=1)
    return net, torch.tensor(x), law.logpdf(x)


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def test_kl_equals_its_monte_carlo_estimate():
    mean, log_variance = normal(K, seed=1), normal(K, seed=2)
    z = reparametrize(mean, log_variance, normal(400_000, K))
    ratio = log_normal(z, mean, log_variance) - log_standard(z)
    error = float(ratio.std()) / len(z) ** 0.5
    assert float(kl_to_standard(mean, log_variance).sum()) == pytest.approx(
        float(ratio.mean()), abs=4 * error
    )


@torch.no_grad()
def test_bounds_are_ordered_and_reach_the_exact_density(linear):
    net, x, exact = linear
    single = np.mean([float(elbo(net, x, normal(len(x), K, seed=s))) for s in range(40)])
    weighted = [float(importance_bound(net, x, normal(s, len(x), K)).mean()) for s in (5, 50)]
    assert single < weighted[0] < weighted[1] < exact.mean()
    many = importance_bound(net, x, normal(20_000, 1, K))
    np.testing.assert_allclose(many, exact, atol=0.05)


def test_free_bits_and_kl_weight_enter_the_bound(linear):
    net, x, _ = linear
    noise = normal(len(x), K)
    with torch.no_grad():
        plain = elbo(net, x, noise)
        kl = kl_to_standard(*net.posterior(x)).mean(0)
        net.kl_weight.fill_(0.25)
        assert float(elbo(net, x, noise) - plain) == pytest.approx(float(0.75 * kl.sum()))
        net.kl_weight.fill_(1.0)
        free = elbo(net, x, noise, free_bits=100.0)
    assert float(plain - free) == pytest.approx(float(200.0 - kl.sum()))


def gradients(net, bound):
    net.zero_grad()
    bound.backward()
    parts = (net.encoder, net.decoder)
    return [torch.cat([p.grad.flatten() for p in part.parameters()]) for part in parts]


def test_doubly_reparametrized_gradient_is_unbiased_with_less_noise(linear):
    net, x, _ = linear
    x = x[:5]
    plain, doubly = [], []
    for seed in range(1500):
        noise = normal(8, len(x), K, seed=seed)
        plain.append(gradients(net, importance_bound(net, x, noise).mean()))
        doubly.append(gradients(net, doubly_reparametrized(net, x, noise).mean()))
    # The decoder's gradient and the value are the same, draw by draw.
    torch.testing.assert_close(plain[0][1], doubly[0][1])
    plain, doubly = (torch.stack([g[0] for g in gs]) for gs in (plain, doubly))
    error = torch.hypot(plain.std(0), doubly.std(0)) / len(plain) ** 0.5
    assert ((plain.mean(0) - doubly.mean(0)).abs() < 4.5 * error + 1e-12).all()
    assert float(doubly.var(0).sum()) < 0.7 * float(plain.var(0).sum())


def test_doubly_reparametrized_value_is_the_bound(linear):
    net, x, _ = linear
    noise = normal(8, len(x), K)
    with torch.no_grad():
        expected = importance_bound(net, x, noise)
        torch.testing.assert_close(doubly_reparametrized(net, x, noise), expected)
