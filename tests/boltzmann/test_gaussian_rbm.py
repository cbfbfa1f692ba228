import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.datasets import load_digits, load_wine
from sklearn.model_selection import train_test_split

from skgen import FactorAnalysis, GaussianBernoulliRBM
from skgen.boltzmann.learning.layers import NetLayers
from skgen.boltzmann.learning.negative_phase import PersistentChains
from skgen.nets.boltzmann.rbm import GaussianRBM
from tests.boltzmann.machines import states


def random_net(n_visible, n_hidden, seed=0):
    generator = torch.Generator().manual_seed(seed)
    net = GaussianRBM(n_visible, n_hidden)
    for parameter in net.parameters():
        parameter.data.normal_(0, 0.7, generator=generator)
    return net


def mixture(net):
    """Log-weights, means and common variances of the mixture that the machine is."""
    W, b, c, log_s = (p.detach().double().numpy() for p in net.parameters())
    H, s = states(len(c)), np.exp(log_s)
    means = b + H @ W
    # int exp(-E) dv over a Gaussian around each mean
    log_weights = H @ c + ((means**2 - b**2) / (2 * s)).sum(1) + 0.5 * np.log(2 * np.pi * s).sum()
    return log_weights, means, s


def as_estimator(net, **parameters):
    k, d = net.weight.shape
    X = np.random.default_rng(0).standard_normal((2000, d))
    X = (X - X.mean(0)) / X.std(0)
    model = GaussianBernoulliRBM(k, max_iter=1, n_chains=500, random_state=0, **parameters).fit(X)
    model.module_.averaged_net.load_state_dict(net.state_dict())
    model._finish(X)
    return model


def test_the_machine_is_a_mixture_of_gaussians():
    net = random_net(3, 4)
    log_weights, means, s = mixture(net)
    model = as_estimator(net)
    X = np.random.default_rng(1).standard_normal((50, 3))
    log_p = [multivariate_normal(m, np.diag(s)).logpdf(X) for m in means]
    truth = logsumexp(np.array(log_p) + (log_weights - logsumexp(log_weights))[:, None], axis=0)
    np.testing.assert_allclose(model.score_samples(X), truth, rtol=1e-4)
    assert model.log_partition_ == pytest.approx(logsumexp(log_weights), abs=1e-5)


def test_ais_agrees_with_enumeration():
    for seed in range(8):
        model = as_estimator(random_net(5, 6, seed))
        exact = model.estimate_log_partition("exact")
        error = model.estimate_log_partition("ais", n_chains=500, n_steps=500) - exact
        assert abs(error) < max(0.1, 3.5 * model.log_partition_std_)


def test_the_expected_gradient_is_that_of_the_likelihood():
    net = random_net(3, 3)
    log_weights, means, s = mixture(net)
    rng = np.random.default_rng(0)
    rows = torch.tensor(rng.standard_normal((40, 3))).float()

    def log_likelihood():
        W, b, c, log_s = net.weight, net.visible_bias, net.hidden_bias, net.log_variance
        H = torch.tensor(states(3)).float()
        shifted = b + H @ W
        terms = H @ c + ((shifted.square() - b.square()) * torch.exp(-log_s) / 2).sum(1)
        log_z = torch.logsumexp(terms, 0) + 0.5 * log_s.sum()
        return -net.free_energy(rows).mean() - log_z

    truth = torch.autograd.grad(log_likelihood(), list(net.parameters()))
    p = np.exp(log_weights - logsumexp(log_weights))
    chains = torch.tensor(states(3)[rng.choice(8, 20_000, p=p)]).float()[None]
    generator = torch.Generator().manual_seed(0)
    phase = PersistentChains(chains, 1)
    total = [torch.zeros_like(t) for t in truth]
    for _ in range(20):
        with torch.no_grad():
            model_rows, _ = phase(NetLayers(net, generator), None)
        gap = net.free_energy(model_rows).mean() - net.free_energy(rows).mean()
        total = [
            t + g / 20 for t, g in zip(total, torch.autograd.grad(gap, list(net.parameters())))
        ]
    for mean, exact in zip(total, truth):
        np.testing.assert_allclose(mean, exact, atol=0.02)


def test_samples_have_the_exact_moments():
    net = random_net(3, 4, seed=1)
    log_weights, means, s = mixture(net)
    p = np.exp(log_weights - logsumexp(log_weights))
    model = as_estimator(net, n_burn_in=50, n_thinning=5)
    draws = model.sample(40_000, random_state=0)
    mean = p @ means
    covariance = (means * p[:, None]).T @ means - np.outer(mean, mean) + np.diag(s)
    np.testing.assert_allclose(draws.mean(0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(draws.T), covariance, rtol=0.05, atol=0.05)


def test_imputation_is_the_conditional_mean():
    net = random_net(3, 4, seed=2)
    log_weights, means, s = mixture(net)
    x = np.array([[0.5, np.nan, -0.3]])
    seen = [0, 2]
    log_r = log_weights - ((x[0, seen] - means[:, seen]) ** 2 / (2 * s[seen])).sum(1)
    truth = np.exp(log_r - logsumexp(log_r)) @ means[:, 1]
    model = as_estimator(net, n_thinning=4000)
    assert model.impute(x)[0, 1] == pytest.approx(truth, abs=0.06)


def test_units_of_the_data_do_not_matter():
    X = load_wine().data
    small = GaussianBernoulliRBM(4, max_iter=20, random_state=0).fit(X)
    large = GaussianBernoulliRBM(4, max_iter=20, random_state=0).fit(1000 * X + 5)
    shift = 13 * np.log(1000)
    assert large.score(1000 * X + 5) == pytest.approx(small.score(X) - shift, abs=1e-3)
    np.testing.assert_allclose(large.noise_variance_, 1e6 * small.noise_variance_, rtol=1e-3)
    np.testing.assert_allclose(large.sample(5), 1000 * small.sample(5) + 5, rtol=1e-2)


def test_wine_is_described_better_than_by_factors():
    train, test = train_test_split(load_wine().data, test_size=0.3, random_state=0)
    model = GaussianBernoulliRBM(16, random_state=0).fit(train)
    assert model.score(test) > FactorAnalysis().fit(train).score(test)


def test_constant_features_do_not_blow_up():
    X = load_digits().data[:500]
    assert (X.std(0) == 0).any()
    model = GaussianBernoulliRBM(10, max_iter=60, random_state=0).fit(X)
    assert np.isfinite(model.score_samples(X)).all()
    assert np.abs(model.sample(20)).max() < 100
