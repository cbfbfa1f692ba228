"""Scores, draws and conditionals of small networks against sums over all of their states."""

import copy
from itertools import product

import numpy as np
import pytest
import torch
from scipy.special import expit, logsumexp
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import SigmoidBeliefNetwork
from skgen.boltzmann.directed.enumeration import EnumeratedNet
from skgen.nets.boltzmann.directed import likelihood_bound, log_weights, shared_noise
from tests.boltzmann.machines import states

D = 6
TRAININGS = "reweighted_wake_sleep", "wake_sleep", "reinforce"


def random_network(sizes=(4, 3), scale=1.0, seed=0, **parameters):
    """A fitted estimator with weights and biases from N(0, scale^2)."""
    X = (np.random.default_rng(seed).random((40, D)) < 0.5).astype(np.float64)
    model = SigmoidBeliefNetwork(sizes, max_iter=1, random_state=0, **parameters).fit(X)
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.module_.net.parameters():
        parameter.normal_(0, scale, generator=generator)
    # Wide enough for importance weights of some draws.
    for parameter in model.module_.net.recognition.parameters():
        parameter.mul_(0.3)
    model._finish(X)
    return model


def brute_force(model):
    """Log p(x) of every row of bits: a product of Bernoullis for each state of every layer."""
    W, b = model.components_, model.intercepts_
    widths = [len(bias) for bias in b]

    def log_bernoulli(v, mean):
        return np.log(np.where(v == 1, mean, 1 - mean)).sum()

    X = states(D)
    terms = [[] for _ in X]
    for hidden in product(*(states(k) for k in widths[1:])):
        prior = log_bernoulli(hidden[-1], expit(b[-1].astype(float)))
        for below, above, weight, bias in zip(hidden, hidden[1:], W[1:], b[1:]):
            prior += log_bernoulli(below, expit(bias.astype(float) + above @ weight.astype(float)))
        mean = expit(b[0].astype(float) + hidden[0] @ W[0].astype(float))
        for row, x in zip(terms, X):
            row.append(prior + log_bernoulli(x, mean))
    return logsumexp(np.array(terms), axis=1)


@pytest.mark.parametrize("sizes", [(5,), (4, 3), (3, 2, 2)])
def test_few_units_are_summed_out(sizes):
    model = random_network(sizes)
    exact = brute_force(model)
    assert model.likelihood_kind_ == "exact"
    assert logsumexp(exact) == pytest.approx(0, abs=1e-10)
    np.testing.assert_allclose(model.score_samples(states(D)), exact, rtol=0, atol=1e-10)


def test_sums_go_block_by_block():
    net = copy.deepcopy(random_network((5, 2)).module_.net).double()
    x = torch.tensor(states(D))
    whole, parts = EnumeratedNet(net, 2**20), EnumeratedNet(net, 3 * D)
    assert len(parts.blocks) > 10 > len(whole.blocks)
    torch.testing.assert_close(parts.log_evidence(x), whole.log_evidence(x))
    observed = torch.ones_like(x)
    observed[:, 2:] = 0
    means = parts.conditional_means(x, observed), whole.conditional_means(x, observed)
    torch.testing.assert_close(*means)


@pytest.mark.parametrize("sizes", [(5,), (4, 3)])
def test_the_bound_rises_to_the_likelihood(sizes):
    model = random_network(sizes, 0.7)
    net = copy.deepcopy(model.module_.net).double()
    x, exact = torch.tensor(states(D)), brute_force(model)
    means = []
    for n in (1, 8, 64):
        generator = torch.Generator().manual_seed(n)
        noise = [torch.rand(n, 300 * len(x), k, generator=generator) for k in sizes]
        bounds = torch.logsumexp(log_weights(net, x.repeat(300, 1), noise), 0) - np.log(n)
        means.append(np.exp(exact) @ bounds.view(300, -1).mean(0).numpy())
    p = np.exp(exact)
    assert means[0] < means[1] - 0.05 < means[2] - 0.05 < p @ exact - 0.05 + 0.005
    many = likelihood_bound(net, x, 2**14, 2**10).numpy()
    np.testing.assert_allclose(many, exact, atol=0.1)


def test_scores_of_many_units_are_the_bound():
    model = random_network((10, 6), 0.5, n_score_samples=2**13)
    assert model.likelihood_kind_ == "lower_bound"
    exact = EnumeratedNet(copy.deepcopy(model.module_.net).double(), 2**20)
    exact = exact.log_evidence(torch.tensor(states(D))).numpy()
    np.testing.assert_allclose(model.score_samples(states(D)), exact, atol=0.15)
    few = copy.deepcopy(model).set_params(n_score_samples=1)
    assert few.score(states(D)) < model.score(states(D)) - 0.1
    assert len(shared_noise(model.module_.net, 7)) == 2


@pytest.mark.parametrize("sizes", [(5,), (4, 3), (3, 3, 2)])
def test_samples_have_the_moments_of_the_model(sizes):
    model = random_network(sizes, 1.5, seed=2)
    p, V = np.exp(brute_force(model)), states(D)
    second = V.T @ (p[:, None] * V)
    n = 40_000
    drawn = model.sample(n, random_state=1)
    # Five standard errors of a frequency.
    np.testing.assert_allclose(drawn.T @ drawn / n, second, atol=5 * 0.5 / np.sqrt(n))
    means = model.sample_means(n, random_state=1)
    np.testing.assert_allclose(means.mean(axis=0), p @ V, atol=5 * 0.5 / np.sqrt(n))
    # They belong to the draws.
    assert np.corrcoef(drawn.ravel(), means.ravel())[0, 1] > 0.1
    assert ((drawn - means) ** 2).mean() == pytest.approx((means * (1 - means)).mean(), abs=0.01)


ROW = np.array([[1.0, 0, 1, np.nan, np.nan, 0]])


def conditional(log_p):
    """E[x | the observed part of ``ROW``] and the covariance of its two gaps."""
    p, V = np.exp(log_p), states(D)
    seen = ~np.isnan(ROW[0])
    agrees = (V[:, seen] == ROW[0, seen]).all(axis=1)
    weights, rows = p[agrees] / p[agrees].sum(), V[agrees]
    mean = weights @ rows
    return mean, weights @ (rows[:, 3] * rows[:, 4]) - mean[3] * mean[4]


def test_gaps_have_exact_conditionals():
    model = random_network((4, 3), 1.5, seed=2)
    mean, covariance = conditional(brute_force(model))
    assert abs(covariance) > 0.02
    np.testing.assert_allclose(model.impute(ROW)[0], mean, atol=1e-10)
    n = 20_000
    draws = model.sample_conditional(ROW, n_draws=n)[:, 0]
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=5 * 0.5 / np.sqrt(n))
    assert np.cov(draws.T)[3, 4] == pytest.approx(covariance, abs=5 * 0.5 / np.sqrt(n))
    # Rows without a gap, and without a value.
    full = states(D)[:3]
    np.testing.assert_array_equal(model.impute(full), full)
    empty = np.full((1, D), np.nan)
    np.testing.assert_allclose(model.impute(empty)[0], np.exp(brute_force(model)) @ states(D))


def test_chains_leave_the_conditional():
    model = random_network((10, 6), 0.5, seed=3, n_gibbs_steps=100)
    net = copy.deepcopy(model.module_.net).double()
    log_p = EnumeratedNet(net, 2**20).log_evidence(torch.tensor(states(D))).numpy()
    mean, _ = conditional(log_p)
    rows = np.repeat(ROW, 40, axis=0)
    draws = model.sample_conditional(rows, n_draws=50)
    assert draws.shape == (50, 40, D)
    np.testing.assert_allclose(draws.mean(axis=(0, 1)), mean, atol=0.05)
    # Means of 40 chains whose steps repeat each other.
    mean_of_chains = model.set_params(n_gibbs_steps=200).impute(rows).mean(axis=0)
    np.testing.assert_allclose(mean_of_chains, mean, atol=0.05)


@pytest.mark.parametrize("training", TRAININGS)
def test_every_training_finds_the_prototypes(training):
    rng = np.random.default_rng(0)
    prototypes = rng.random((4, 12)) < 0.5
    X = (prototypes[rng.integers(4, size=2400)] ^ (rng.random((2400, 12)) < 0.1)).astype(float)
    distances = (X[2000:, None] != prototypes).sum(axis=2)
    truth = np.log(np.exp((12 - distances) * np.log(0.9) + distances * np.log(0.1)).mean(axis=1))
    independent = np.log(np.where(X[2000:] == 1, X[:2000].mean(0), 1 - X[:2000].mean(0))).sum(1)
    model = SigmoidBeliefNetwork((6, 3), training=training, max_iter=40, random_state=0)
    score = model.fit(X[:2000]).score(X[2000:])
    assert model.likelihood_kind_ == "exact"
    assert independent.mean() + 0.7 < score < truth.mean()


def test_layers_up_and_down():
    model = random_network((5, 4, 3))
    X, net = states(D), model.module_.net
    up = X
    for number, layer in enumerate(net.recognition):
        up = expit(up @ layer.weight.numpy().T + layer.hidden_bias.numpy())
        Z = model.set_params(layer=number).transform(X)
        np.testing.assert_allclose(Z, up, atol=1e-6)
        down = Z
        for k in reversed(range(number + 1)):
            down = expit(down @ model.components_[k] + model.intercepts_[k])
        np.testing.assert_allclose(model.inverse_transform(Z), down, atol=1e-6)
    assert model.set_params(layer="all").transform(X).shape == (len(X), 12)


def test_few_rows_are_not_learned_by_heart():
    rng = np.random.default_rng(0)
    kinds = rng.random((4, 60)) < 0.5
    X = (kinds[rng.integers(4, size=400)] ^ (rng.random((400, 60)) < 0.2)).astype(float)
    train, test = X[:80], X[80:]
    model = SigmoidBeliefNetwork((32,), random_state=0).fit(train)
    long = clone(model).set_params(max_iter=300).fit(train)
    assert model.n_iter_ < 300
    assert model.score(test) > long.score(test) + 0.3
    p = (train.mean(axis=0) * 80 + 1) / 82
    assert model.score(test) > np.log(np.where(test == 1, p, 1 - p)).sum(axis=1).mean() + 1
    stopped = SigmoidBeliefNetwork((32,), early_stopping=True, random_state=0).fit(train)
    assert stopped.validation_scores_


def test_defaults_on_digits():
    X = (load_digits().data >= 8).astype(np.float32)
    train, test = train_test_split(X, test_size=360, random_state=0)
    model = SigmoidBeliefNetwork(random_state=0).fit(train)
    assert model.score(test) > -19


def test_no_hidden_layer_is_refused():
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(\) has no hidden layer"):
        SigmoidBeliefNetwork(()).fit(states(D))


def test_another_training_does_not_go_on():
    model = SigmoidBeliefNetwork((3,), max_iter=1, warm_start=True).fit(states(D))
    with pytest.raises(ValueError, match="training"):
        model.set_params(training="reinforce").fit(states(D))
