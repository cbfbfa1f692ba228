import copy

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.datasets import load_digits

from skgen import (
    FactorAnalysis,
    GaussianBernoulliRBM,
    MeanCovarianceRBM,
    ProductOfStudentT,
    SpikeSlabRBM,
)
from skgen.boltzmann.energy.base import whitening
from skgen.boltzmann.energy.learning import EnergyState, PersistentGradient
from skgen.boltzmann.energy.quadrature import log_partition
from tests.boltzmann.energy.test_energies import NETS, random_net, rows

KINDS = {
    "student": lambda **p: ProductOfStudentT(6, n_mean_units=2, random_state=0, **p),
    "covariance": lambda **p: MeanCovarianceRBM(6, n_mean_units=2, random_state=0, **p),
    "spike": lambda **p: SpikeSlabRBM(6, random_state=0, **p),
}
MIX = np.array([[1.0, 1.0], [0.0, 0.5]])


def heavy(n=1500, seed=0):
    """Mixed heavy-tailed sources in two columns of other units and places."""
    return 3 + np.random.default_rng(seed).laplace(size=(n, 2)) @ MIX * [10, 0.1]


@pytest.fixture(scope="module")
def fits():
    return {
        kind: make(max_iter=60, learning_rate=0.02, n_ais_steps=100).fit(heavy())
        for kind, make in KINDS.items()
    }


def grid(n=301, far=14.0):
    """Points over all of the data's plane, and the logarithm of the area that each stands for."""
    X = heavy()
    axes = [np.linspace(c - far * s, c + far * s, n) for c, s in zip(X.mean(0), X.std(0))]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    return points, sum(np.log(a[1] - a[0]) for a in axes)


@pytest.mark.parametrize("kind", KINDS)
def test_the_density_integrates_to_one_in_units_of_the_data(fits, kind):
    points, log_area = grid()
    log_p = fits[kind].score_samples(points)
    assert logsumexp(log_p) + log_area == pytest.approx(0, abs=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_better_than_a_normal_law_on_heavy_tails(fits, kind):
    test = heavy(3000, seed=1)
    normal = FactorAnalysis(1).fit(heavy())
    assert fits[kind].score(test) > normal.score(test) + 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_draws_have_the_moments_of_the_density(fits, kind):
    points, _ = grid()
    p = np.exp(fits[kind].score_samples(points))
    p /= p.sum()
    mean = p @ points
    variance = p @ (points - mean) ** 2
    X = fits[kind].sample(5000, random_state=1)
    np.testing.assert_allclose(X.mean(0), mean, atol=0.1 * np.sqrt(variance.max()), rtol=0.01)
    np.testing.assert_allclose(X.var(0), variance, rtol=0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_gaps_are_filled_by_conditional_means(fits, kind):
    model = fits[kind]
    known = np.array([-20.0, 3.0, 25.0])
    line = np.linspace(1, 5, 4001)
    gaps = np.column_stack([known, np.full(3, np.nan)])
    for row, filled in zip(gaps, model.set_params(n_burn_in=2000).impute(gaps)):
        p = np.exp(model.score_samples(np.column_stack([np.full(4001, row[0]), line])))
        mean = p @ line / p.sum()
        sd = np.sqrt(p @ (line - mean) ** 2 / p.sum())
        assert filled[0] == row[0]
        assert filled[1] == pytest.approx(mean, abs=0.2 * sd)
    draws = model.set_params(n_burn_in=60).sample_conditional(gaps[1:2].repeat(2000, 0), 1)[0]
    p = np.exp(model.score_samples(np.column_stack([np.full(4001, 3.0), line])))
    mean = p @ line / p.sum()
    sd = np.sqrt(p @ (line - mean) ** 2 / p.sum())
    assert draws[:, 1].mean() == pytest.approx(mean, abs=0.12 * sd)
    assert draws[:, 1].std() == pytest.approx(sd, rel=0.12)


@pytest.mark.parametrize("kind", KINDS)
def test_annealing_agrees_with_the_grid(fits, kind):
    model = fits[kind]
    exact = model.estimate_log_partition("exact")
    assert model.log_partition_std_ == 0
    found = model.estimate_log_partition("ais", n_chains=500)
    assert abs(found - exact) < max(3.5 * model.log_partition_std_, 1e-3)
    forward, reverse = model.log_partition_bracket(n_chains=500)
    assert forward == pytest.approx(exact, abs=0.05)
    assert reverse == pytest.approx(exact, abs=0.05)


def test_an_exact_partition_needs_few_features():
    model = ProductOfStudentT(3, max_iter=2, n_ais_steps=10).fit(load_digits().data[:50])
    assert model.likelihood_kind_ == "ais"
    with pytest.raises(ValueError, match='at most 2 features, but X had 64; use method="ais"'):
        model.estimate_log_partition("exact")


@pytest.mark.parametrize("kind", NETS)
def test_the_gradient_is_that_of_the_exact_likelihood(kind):
    # Many chains that have long run stand for the model's half.
    if kind == "gaussian":
        pytest.skip("has no estimator of its own")
    net = random_net(kind, d=2, scale=0.4)
    net.log_precision.clamp_(min=-0.5)
    state = EnergyState(net.float(), np.eye(2), np.zeros(2), 20000)
    generator = torch.Generator().manual_seed(0)
    gradient, x = PersistentGradient(state, 5), rows(2, 40).float()
    net.requires_grad_()
    for _ in range(40):
        gradient(x, generator)
    total, n_looks = [0.0] * len(list(net.parameters())), 20
    for _ in range(n_looks):
        gradient(x, generator)
        total = [a + p.grad / n_looks for a, p in zip(total, net.parameters())]
    exact = net.double()
    x = x.double()

    def minus_likelihood():
        with torch.no_grad():
            return float(exact(x).mean()) + log_partition(copy.deepcopy(exact), 2)

    for (name, parameter), found in zip(exact.named_parameters(), total):
        flat = parameter.data.view(-1)
        for i in range(min(3, len(flat))):
            value, h = float(flat[i]), 1e-4
            flat[i] = value + h
            above = minus_likelihood()
            flat[i] = value - h
            slope = (above - minus_likelihood()) / (2 * h)
            flat[i] = value
            assert float(found.view(-1)[i]) == pytest.approx(slope, abs=0.02), name


def test_rows_are_whitened():
    X = np.random.default_rng(0).normal(size=(5000, 2)) @ MIX
    X = (X - X.mean(0)) / X.std(0)
    np.testing.assert_allclose(np.cov((X @ whitening(X, np.zeros(2))).T), np.eye(2), atol=0.02)
    # Copies of a column, and no more rows than one, leave no flat direction.
    assert np.isfinite(whitening(np.ones((2, 3)), np.full(3, 0.1))).all()
    assert np.isfinite(whitening(np.ones((1, 3)), np.full(3, 0.1))).all()


def test_units_of_columns_do_not_change_the_model():
    X = heavy(400)
    one = ProductOfStudentT(4, max_iter=20, random_state=0).fit(X)
    other = ProductOfStudentT(4, max_iter=20, random_state=0).fit(X * [1e-3, 1e4])
    np.testing.assert_allclose(
        one.score_samples(X),
        other.score_samples(X * [1e-3, 1e4]) + np.log(1e-3) + np.log(1e4),
        atol=1e-3,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_filters_and_patterns_are_in_units_of_the_data(fits, kind):
    model, X = fits[kind], heavy()
    net, rows_ = model.module_.averaged_net, model._standardize(X)
    seen = rows_ @ model.module_.whitening.numpy() @ net.weight.numpy().T
    np.testing.assert_allclose((X - X.mean(0)) @ model.components_.T, seen, atol=1e-4)
    # A pattern is the covariance times the filter.
    expected = model.components_ @ np.cov(X.T)
    np.testing.assert_allclose(
        model.patterns_, expected, rtol=0.05, atol=0.05 * np.abs(expected).max()
    )


@pytest.mark.slow
def test_digits_are_likelier_than_by_factors_and_by_diagonal_gaussians():
    X = load_digits().data
    train, test = X[:1400], X[1400:]
    model = MeanCovarianceRBM(random_state=0).fit(train)
    assert model.score(test) > FactorAnalysis(20).fit(train).score(test)
    assert model.score(test) > GaussianBernoulliRBM(random_state=0).fit(train).score(test)


def test_few_rows_are_not_learned_by_heart():
    # Each row has noise, the more the fewer there are.
    X = np.random.default_rng(0).normal(size=(160, 6))
    normal = -0.5 * (np.log(2 * np.pi) + 1) * 6
    model = MeanCovarianceRBM(32, max_iter=500, random_state=0).fit(X[:60])
    assert model.score(X[60:]) > normal - 0.4
    model.module_.noise.zero_()
    bare = model.set_params(warm_start=True, max_iter=2000).fit(X[:60])
    assert bare.score(X[60:]) < normal - 0.6


def test_machines_stop_before_they_learn_few_rows_by_heart():
    """Bits have no noise to hide in: by 5000 updates other rows score lower than this."""
    X = (np.random.default_rng(0).random((160, 30)) < 0.25).astype(float)
    normal = -0.5 * (np.log(2 * np.pi * X.var(axis=0)) + 1).sum()
    model = SpikeSlabRBM(random_state=0).fit(X[:80])
    assert model.n_iter_ < 500
    assert model.score(X[80:]) > normal - 1
