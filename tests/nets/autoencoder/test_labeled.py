"""Bounds and chains of a variational autoencoder with labels: against quadrature and mixtures."""

import copy

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import logsumexp
from torch import nn

from skgen.nets.autoencoder.given import GivenLabel, beside
from skgen.nets.autoencoder.labeled import (
    LabeledVAENet,
    labeled_bound,
    negative_labeled_bound,
)
from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood
from skgen.nets.autoencoder.vae import VAENet, elbo, importance_bound, of_drawn_bits

D, C, N = 3, 3, 6
VARIANCE = 0.4


def perceptron(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, 8), nn.Tanh(), nn.Linear(8, n_out), nn.Identity())


def random_net(likelihood, k=1, seed=0):
    """Networks with random weights, and a prior over labels that is not flat."""
    net = LabeledVAENet(
        perceptron(D + C, 2 * k), perceptron(k + C, D), likelihood, perceptron(D, C), C
    ).double()
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.data.normal_(0, 0.7, generator=generator)
    # Posteriors that a grid can hold.
    for parameter in net.encoder.parameters():
        parameter.data.mul_(0.4)
    return net.requires_grad_(False)


def gaussian():
    return GaussianLikelihood(torch.zeros(D).double(), variance=VARIANCE, isotropic=True)


def rows(bits, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N, D))
    return torch.tensor((x > 0) * 1.0 if bits else x)


def one_hot(numbers):
    return torch.eye(C).double()[torch.as_tensor(numbers)]


LIKELIHOODS = {"gaussian": gaussian, "bernoulli": BernoulliLikelihood}
every_likelihood = pytest.mark.parametrize("kind", LIKELIHOODS)
GRID = np.linspace(-12, 12, 4801)


def log_p_given(net, kind, x, number):
    """Log p(x | y, z) over the grid of z, written out; (n, grid)."""
    latent = torch.cat([torch.tensor(GRID)[:, None], one_hot([number] * len(GRID))], 1)
    out = net.decoder(latent).numpy()[None]
    x = x.numpy()[:, None]
    if kind == "gaussian":
        return stats.norm.logpdf(x, out, VARIANCE**0.5).sum(-1)
    return stats.bernoulli.logpmf(x, 1 / (1 + np.exp(-out))).sum(-1)


def log_integral(log_values):
    return logsumexp(log_values, axis=-1) + np.log(GRID[1] - GRID[0])


def exact(net, kind, x):
    """Log p(x, y) of each label by quadrature, (n, C), and the evidence lower bounds of it."""
    prior = net.log_prior().numpy()
    joint, bounds = [], []
    for number in range(C):
        log_p = log_p_given(net, kind, x, number) + stats.norm.logpdf(GRID) + prior[number]
        joint.append(log_integral(log_p))
        mean, log_variance = net.posterior(x, one_hot(number))
        log_q = stats.norm.logpdf(GRID, mean.numpy(), np.exp(0.5 * log_variance.numpy()))
        bounds.append(np.trapezoid(np.exp(log_q) * (log_p - log_q), GRID, axis=-1))
    return np.stack(joint, 1), np.stack(bounds, 1)


def expected_bound(net, x, y, **how):
    """Mean of ``labeled_bound`` over the noise, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    lead = (1, C, len(x), 1) if (y.sum(1) == 0).any() else (1, len(x), 1)
    bounds = [
        float(labeled_bound(net, x, y, torch.full(lead, node).double(), **how)) for node in nodes
    ]
    return np.dot(weights, bounds) / weights.sum()


@every_likelihood
def test_bounds_are_their_defining_integrals_and_lie_below_the_density(kind):
    net, x = random_net(LIKELIHOODS[kind]()), rows(kind == "bernoulli")
    joint, bounds = exact(net, kind, x)
    assert (bounds < joint).all()
    numbers = np.arange(N) % C
    q = torch.softmax(net.classifier(x), -1).numpy()
    of_labeled = bounds[np.arange(N), numbers]
    of_others = (q * (bounds - np.log(q))).sum(1)
    assert (of_others < logsumexp(joint, axis=1)).all()
    none = torch.zeros(N, C).double()
    assert expected_bound(net, x, one_hot(numbers)) == pytest.approx(of_labeled.mean(), abs=1e-6)
    assert expected_bound(net, x, none) == pytest.approx(of_others.mean(), abs=1e-6)
    # Some of them with a label, and the classifier's own term beside.
    known = np.arange(N) < 2
    both = np.where(known, of_labeled + 7.0 * np.log(q[np.arange(N), numbers]), of_others)
    some = one_hot(numbers) * torch.tensor(known * 1.0)[:, None]
    assert expected_bound(net, x, some, discriminative_weight=7.0) == pytest.approx(
        both.mean(), abs=1e-6
    )


@every_likelihood
def test_many_importance_samples_reach_the_density_with_labels_summed_out(kind):
    net, x = random_net(LIKELIHOODS[kind]()), rows(kind == "bernoulli")
    joint, bounds = exact(net, kind, x)
    nodes = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)[:, None]
    noise = torch.tensor(nodes)
    found = net.log_evidence(x, noise.split(1500)).numpy()
    np.testing.assert_allclose(found, logsumexp(joint, axis=1), atol=2e-3)
    # Few stay below on average, and one is worth less than sixteen.
    generator = torch.Generator().manual_seed(0)

    def mean_of(n_importance):
        draws = torch.randn(100, n_importance, 1, generator=generator).double()
        return np.mean([net.log_evidence(x, [draw]).numpy() for draw in draws], axis=0)

    one, many = mean_of(1), mean_of(16)
    assert one.mean() < many.mean() < logsumexp(joint, axis=1).mean()


def test_the_bound_without_a_label_is_the_log_sum_of_those_with_each():
    """sum_y q (L - log q) <= log sum_y exp L, with equality where q is as the bounds."""
    net, x = random_net(gaussian()), rows(False)
    noise = torch.randn(1, C, N, 1, generator=torch.Generator().manual_seed(3)).double()
    each = np.array(
        [
            [float(labeled_bound(net, x[[i]], one_hot([j]), noise[:, j, [i]])) for j in range(C)]
            for i in range(N)
        ]
    )
    none = torch.zeros(N, C).double()
    q = torch.softmax(net.classifier(x), -1).numpy()
    found = float(labeled_bound(net, x, none, noise))
    assert found == pytest.approx((q * (each - np.log(q))).sum(1).mean())
    log_sum = logsumexp(each, axis=1).mean()
    assert found < log_sum - 0.01

    class Best(nn.Module):
        def forward(self, x):
            return torch.tensor(each)

    twin = copy.deepcopy(net)
    twin.classifier = Best()
    assert float(labeled_bound(twin, x, none, noise)) == pytest.approx(log_sum)


@pytest.mark.parametrize("how", [{}, {"doubly": True}, {"free_bits": 0.3}], ids=str)
@pytest.mark.parametrize("n_importance", [1, 4])
def test_gradients_against_finite_differences(how, n_importance):
    net, x = random_net(gaussian(), k=2).requires_grad_(True), rows(False)
    net.likelihood.requires_grad_(False)
    y = one_hot(np.arange(N) % C) * (torch.arange(N) < 3).double()[:, None]
    noise = torch.randn(n_importance, C, N, 2, generator=torch.Generator().manual_seed(0)).double()
    net.kl_weight.fill_(0.7)
    labeled_bound(net, x, y, noise, discriminative_weight=3.0, **how).backward()
    names = ["decoder", "classifier", "label_logits"]
    # By the doubly reparametrized gradient the encoder has another noise.
    names += [] if "doubly" in how else ["encoder"]
    found = {n: p for n, p in net.named_parameters() if n.startswith(tuple(names))}
    for name, parameter in found.items():
        gradient, values = parameter.grad.flatten(), parameter.data.view(-1)
        for number in range(0, len(values), 7):
            before, step, ends = float(values[number]), 1e-5, []
            for sign in (1, -1):
                values[number] = before + sign * step
                with torch.no_grad():
                    bound = labeled_bound(net, x, y, noise, discriminative_weight=3.0, **how)
                ends.append(float(bound))
            values[number] = before
            slope = (ends[0] - ends[1]) / (2 * step)
            assert float(gradient[number]) == pytest.approx(slope, abs=1e-7), name


def test_beside_one_label_it_is_the_bound_of_a_plain_autoencoder():
    """With the label's columns as further inputs that are constant."""
    net, x = random_net(gaussian(), k=2), rows(False)
    net.label_logits.fill_(0.0)
    y = one_hot([1]).expand(N, C)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(5, N, 2, generator=generator).double()

    class OfLabel(nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, rows):
            return self.network(torch.cat([rows, one_hot([1]).expand(len(rows), C)], 1))

    plain = VAENet(OfLabel(net.encoder), OfLabel(net.decoder), net.likelihood)
    plain.kl_weight.fill_(0.5)
    net.kl_weight.fill_(0.5)
    log_c = np.log(C)
    for free_bits in (0.0, 0.4):
        found = labeled_bound(net, x, y, noise[:1], free_bits=free_bits)
        expected = elbo(plain.double(), x, noise[0], free_bits=free_bits)
        assert float(found) == pytest.approx(float(expected) - log_c)
    expected = importance_bound(plain, x, noise).mean()
    for doubly in (False, True):
        found = labeled_bound(net, x, y, noise, doubly=doubly)
        assert float(found) == pytest.approx(float(expected) - log_c)


def test_rows_that_all_have_labels_need_no_others():
    net, x = random_net(gaussian()), rows(False)
    y = one_hot(np.arange(N) % C)
    noise = torch.randn(1, C, N, 1, generator=torch.Generator().manual_seed(3)).double()
    own = noise[:, np.arange(N) % C, np.arange(N)]
    tried = labeled_bound(net, x, y, noise, discriminative_weight=2.0)
    alone = labeled_bound(net, x, y, own, discriminative_weight=2.0)
    torch.testing.assert_close(tried, alone)
    losses = [
        negative_labeled_bound(net, 1, all_labeled=all_labeled, discriminative_weight=2.0)(
            torch.cat([x, y], 1), torch.Generator().manual_seed(0)
        )
        for all_labeled in (True, False)
    ]
    assert abs(float(losses[0] - losses[1])) < 2


def test_bits_are_drawn_and_labels_are_not():
    x = torch.full((N, D), 0.5).double()
    y = one_hot(np.arange(N) % C)
    seen = []

    def spy(rows, generator):
        seen.append(rows)

    of_drawn_bits(spy, x.shape[1])(torch.cat([x, y], 1), torch.Generator().manual_seed(0))
    assert set(seen[0][:, :D].flatten().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(seen[0][:, D:], y)


def test_sums_shared_by_labels_are_those_of_rows_beside_them():
    net, x = random_net(gaussian()), rows(False)
    y = one_hot(range(C))[:, None]
    full = torch.cat([x.expand(C, N, D), y.expand(C, N, C)], -1)
    torch.testing.assert_close(beside(net.encoder, x, y), net.encoder(full))
    wrapped = nn.ModuleList([net.encoder])[0:1]
    own = nn.Sequential(wrapped[0])
    torch.testing.assert_close(beside(own, x, y), net.encoder(full))
    given = GivenLabel(net, y).posterior(x)
    torch.testing.assert_close(given, net.posterior(x, y))


def test_moments_are_those_of_the_mixture_over_labels():
    net, x = random_net(gaussian()), rows(False)
    mean, log_variance = (part.numpy()[:, 0] for part in net.moments(x))
    q = torch.softmax(net.classifier(x), -1).numpy()
    parts = [net.posterior(x, one_hot(j)) for j in range(C)]
    density = sum(
        q[:, [j]] * stats.norm.pdf(GRID, m.numpy(), np.exp(0.5 * v.numpy()))
        for j, (m, v) in enumerate(parts)
    )
    expected = np.trapezoid(density * GRID, GRID)
    np.testing.assert_allclose(mean, expected, atol=1e-8)
    spread = np.trapezoid(density * (GRID - expected[:, None]) ** 2, GRID)
    np.testing.assert_allclose(np.exp(log_variance), spread, rtol=1e-6)


def linear_mixture(skew):
    """Linear networks, with each label a Gaussian; its means, covariance and prior."""
    W = np.array([[1.0], [-1.5], [0.7]])
    B = np.array([[0.0, 2.0, -1.0], [1.0, -1.0, 0.0], [0.5, 0.0, 2.0]])
    net = LabeledVAENet(nn.Linear(D + C, 2), nn.Linear(1 + C, D), gaussian(), nn.Linear(D, C), C)
    net = net.double().requires_grad_(False)
    M = W.T @ W + VARIANCE * np.eye(1)
    gain = np.linalg.solve(M, W.T)
    net.decoder.weight.copy_(torch.tensor(np.hstack([W, B])))
    net.decoder.bias.zero_()
    net.encoder.weight.zero_()
    net.encoder.weight[:1] = torch.tensor(np.hstack([gain, -gain @ B]))
    net.encoder.bias[0] = skew
    net.encoder.bias[1] = np.log(VARIANCE / M[0, 0]) + 0.5
    net.classifier.weight.fill_(0.1)
    net.classifier.bias.copy_(torch.tensor([0.3, 0.0, -0.3]))
    net.label_logits.copy_(torch.tensor([0.0, 1.0, 0.5]))
    return net, B, W @ W.T + VARIANCE * np.eye(D), torch.softmax(net.label_logits, 0).numpy()


def test_the_chain_draws_from_the_conditional_of_the_mixture():
    net, B, covariance, prior = linear_mixture(skew=0.3)
    x_first = 0.8
    weight = prior * stats.norm.pdf(x_first, B[0], covariance[0, 0] ** 0.5)
    weight /= weight.sum()
    gain = covariance[1:, 0] / covariance[0, 0]
    means = B[1:] + gain[:, None] * (x_first - B[0])
    mean = means @ weight
    within = covariance[1:, 1:] - np.outer(gain, covariance[0, 1:])
    expected = within + (weight * (means - mean[:, None])) @ (means - mean[:, None]).T
    x = torch.tensor([[x_first, 0.0, 0.0]], dtype=torch.float64)
    missing = torch.tensor([[False, True, True]])
    generator = torch.Generator().manual_seed(0)
    *_, (draws, centers) = net.completions(x, missing, 150, generator, n_draws=8000)
    draws = draws[:, 0].numpy()
    assert (draws[:, 0] == x_first).all()
    np.testing.assert_allclose(draws[:, 1:].mean(0), mean, atol=0.04)
    np.testing.assert_allclose(np.cov(draws[:, 1:].T), expected, atol=0.08)
    np.testing.assert_allclose(centers[:, 0, 1:].mean(0), mean, atol=0.04)
    # The labels of a mixture show in more than two moments.
    law = sum(w * stats.norm.cdf(1.0, m, within[1, 1] ** 0.5) for w, m in zip(weight, means[1]))
    assert (draws[:, 2] < 1.0).mean() == pytest.approx(law, abs=0.02)


def test_shared_noise_makes_rows_independent_of_their_neighbors():
    net, *_ = linear_mixture(skew=0.0)
    x, missing = rows(False), torch.zeros(N, D, dtype=torch.bool)
    missing[:, 2] = True

    def last(chosen):
        generator = torch.Generator().manual_seed(0)
        how = {"shared": True}
        chain = net.completions(x[chosen], missing[chosen], 10, generator, **how)
        return [mean for _, mean in chain][-1][0]

    torch.testing.assert_close(last(slice(None))[2:4], last(slice(2, 4)))
