import pickle

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.base import clone
from sklearn.datasets import make_moons
from torch import nn

from skgen import EnergyBasedModel, FactorAnalysis, ProductOfExperts

TRAININGS = "pcd", "score_matching", "denoising_score_matching"
MIX = np.array([[1.0, 1.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 2.0]])


class Quadratic(nn.Module):
    """Half of (v - mean)' L L' (v - mean)."""

    def __init__(self, n_features):
        super().__init__()
        self.factor = nn.Parameter(torch.eye(n_features, dtype=torch.float32))
        self.mean = nn.Parameter(torch.zeros(n_features, dtype=torch.float32))

    def forward(self, v):
        return 0.5 * ((v - self.mean) @ self.factor).square().sum(-1)


class Column(nn.Module):
    """An expert for one column, which a product alone makes normalizable."""

    def __init__(self, column):
        super().__init__()
        self.column = column
        self.log_precision = nn.Parameter(torch.tensor(0.5))

    def forward(self, v):
        return 0.5 * self.log_precision.exp() * v[:, self.column].square()


def smooth(n_features):
    return nn.Sequential(nn.Linear(n_features, 24), nn.SiLU(), nn.Linear(24, 1))


def normal_rows(n=2000, seed=0):
    return 5 + np.random.default_rng(seed).normal(size=(n, 3)) @ MIX * [1, 10, 0.1]


def moons(n=1000, seed=0):
    return make_moons(n, noise=0.15, random_state=seed)[0] * [1, 100] + [0, 7]


@pytest.fixture(scope="module")
def fits():
    how = {"max_iter": 100, "learning_rate": 2e-2, "n_ais_steps": 200, "random_state": 0}
    how["learning_rate_schedule"] = "cosine"
    return {
        **{t: EnergyBasedModel(training=t, **how).fit(moons()) for t in TRAININGS},
        "product": ProductOfExperts(training="score_matching", **how).fit(moons()),
    }


KINDS = [*TRAININGS, "product"]


@pytest.mark.parametrize("training", TRAININGS)
def test_a_normal_energy_has_the_moments_of_the_rows(training):
    X, noise = normal_rows(), 0.7
    how = {"max_iter": 25, "learning_rate": 3e-2, "learning_rate_schedule": "cosine"}
    if training.startswith("denoising"):
        how["noise_scale"] = noise
    model = EnergyBasedModel(Quadratic, training=training, random_state=0, **how).fit(X)
    # The energy sees standardized columns; the wide normal law that confines it has a part, too.
    factor = model.energy_.factor.double()
    whitening = model.module_.whitening.double()
    confined = 1e-3 * whitening @ whitening.T
    found = torch.linalg.inv(factor @ factor.T + confined).numpy()
    expected = np.corrcoef(X.T) * (1 + noise**2 if training.startswith("denoising") else 1)
    np.testing.assert_allclose(found, expected, atol=0.1)
    np.testing.assert_allclose(model.energy_.mean.numpy(), 0, atol=0.08)
    draws = model.sample(4000, random_state=0)
    scale = X.std(axis=0)
    wider = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(draws.std(axis=0) / scale, wider, rtol=0.08)
    if training != "denoising_score_matching":
        log_det = np.linalg.slogdet(np.cov(X.T))[1]
        normal = -0.5 * (3 * np.log(2 * np.pi) + 3 + log_det)
        assert model.score(X) == pytest.approx(normal, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_the_density_integrates_to_one_in_units_of_the_data(fits, kind):
    X = moons()
    axes = [np.linspace(c - 4 * s, c + 4 * s, 400) for c, s in zip(X.mean(0), X.std(0))]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    log_area = sum(np.log(a[1] - a[0]) for a in axes)
    assert logsumexp(fits[kind].score_samples(points)) + log_area == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_moons_are_likelier_than_by_a_normal_law(fits, kind):
    test = moons(2000, seed=1)
    assert fits[kind].score(test) > FactorAnalysis(1).fit(moons()).score(test) + 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_annealing_agrees_with_the_grid(fits, kind):
    model = fits[kind]
    exact = model.estimate_log_partition("exact")
    assert (model.likelihood_kind_, model.log_partition_std_) == ("exact", 0)
    found = model.estimate_log_partition("ais", n_chains=300)
    assert abs(found - exact) < max(3 * model.log_partition_std_, 1e-3)
    forward, reverse = model.log_partition_bracket(n_chains=300)
    assert forward == pytest.approx(exact, abs=0.1)
    assert reverse == pytest.approx(exact, abs=0.1)
    model.estimate_log_partition()


@pytest.mark.parametrize("kind", KINDS)
def test_draws_have_the_moments_of_the_density(fits, kind):
    X, model = moons(), fits[kind]
    axes = [np.linspace(c - 4 * s, c + 4 * s, 300) for c, s in zip(X.mean(0), X.std(0))]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    p = np.exp(model.score_samples(points))
    mean = p @ points / p.sum()
    sd = np.sqrt(p @ (points - mean) ** 2 / p.sum())
    draws = model.sample(3000, random_state=1)
    np.testing.assert_allclose((draws.mean(0) - mean) / sd, 0, atol=0.15)
    np.testing.assert_allclose(draws.std(0) / sd, 1, atol=0.12)


def test_gaps_are_filled_by_conditional_means(fits):
    model, line = fits["score_matching"], np.linspace(-250, 280, 2001)
    gaps = np.array([[-1.0, np.nan], [2.0, np.nan]])
    for row, filled in zip(gaps, clone_of(model, n_burn_in=400).impute(gaps)):
        log_p = model.score_samples(np.column_stack([np.full(2001, row[0]), line]))
        p = np.exp(log_p - log_p.max())
        mean = p @ line / p.sum()
        sd = np.sqrt(p @ (line - mean) ** 2 / p.sum())
        assert filled[0] == row[0]
        assert filled[1] == pytest.approx(mean, abs=0.3 * sd)


def clone_of(model, **changes):
    """The fitted model with other settings of its verbs."""
    return pickle.loads(pickle.dumps(model)).set_params(**changes)


def test_the_module_that_is_given_is_not_changed():
    module, X = smooth(2), moons(300)
    before = [p.detach().clone() for p in module.parameters()]
    model = EnergyBasedModel(module, max_iter=2, random_state=0)
    assert model.get_params()["energy"] is module
    other = clone(model).fit(X)
    model.fit(X)
    assert model.energy is module
    for then, now in zip(before, module.parameters()):
        torch.testing.assert_close(now, then, rtol=0, atol=0)
    np.testing.assert_array_equal(other.score_samples(X), model.score_samples(X))
    assert any(not torch.equal(p, q) for p, q in zip(before, model.energy_.parameters()))


@pytest.mark.parametrize(
    "model",
    [
        EnergyBasedModel(smooth),
        EnergyBasedModel(nn.Sequential(nn.Linear(2, 2), smooth(2))),
        ProductOfExperts([smooth, smooth(2)]),
    ],
)
def test_models_of_ones_own_modules_go_through_a_file_and_on(model):
    X = moons(300)
    model = model.set_params(max_iter=2, random_state=0, warm_start=True).fit(X)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.score_samples(X), model.score_samples(X))
    np.testing.assert_array_equal(again.fit(X).score_samples(X), model.fit(X).score_samples(X))
    model.partial_fit(X)
    with pytest.raises(ValueError, match="confinement=0.5, but the networks of the earlier fit"):
        model.set_params(confinement=0.5).fit(X)


def test_fixed_parameters_stay_through_every_fit():
    module = smooth(2)
    module[0].requires_grad_(False)
    model = EnergyBasedModel(module, max_iter=2, warm_start=True, random_state=0)
    for _ in range(2):
        model.fit(moons(300))
        torch.testing.assert_close(model.energy_[0].weight, module[0].weight, rtol=0, atol=0)
        assert not torch.equal(model.energy_[2].weight, module[2].weight)


def test_energies_see_columns_or_decorrelated_rows():
    X = normal_rows(500)
    for whiten, expected in ((True, np.eye(3)), (False, np.corrcoef(X.T))):
        seen = []

        class Spy(Quadratic):
            def forward(self, v, seen=seen):
                if len(v) == 500:
                    seen.append(v.detach().numpy())
                return super().forward(v)

        model = EnergyBasedModel(Spy, whiten=whiten, max_iter=1, n_ais_steps=2, random_state=0)
        model.fit(X).score_samples(X)
        # What is all but flat has noise beside it, and so less variance than 1.
        np.testing.assert_allclose(np.cov(seen[-1].T), expected, atol=0.2 if whiten else 0.01)


def test_experts_for_single_columns_make_a_product():
    X = np.random.default_rng(0).normal(size=(3000, 2)) * [3.0, 0.1]
    how = {"training": "score_matching", "max_iter": 40, "learning_rate": 1e-2}
    model = ProductOfExperts([Column(0), Column(1)], random_state=0, **how).fit(X)
    energies = model.transform(X)
    assert energies.shape == (3000, 2)
    expected = 0.5 * ((X - X.mean(0)) / X.std(0)) ** 2
    np.testing.assert_allclose(energies, expected, rtol=0.1, atol=0.01)
    # Log-densities add: scores are minus the sum of energies, but for a constant.
    rest = model.score_samples(X) + energies.sum(1)
    assert rest.std() < 0.02


def test_early_stopping_watches_the_score():
    model = EnergyBasedModel(
        smooth, training="score_matching", early_stopping=True, max_iter=20, random_state=0
    ).fit(moons(600))
    assert model.validation_scores_[-1] > model.validation_scores_[0]


def test_few_rows_are_not_learned_by_heart():
    X = np.random.default_rng(0).normal(size=(140, 4))
    normal = -0.5 * (np.log(2 * np.pi) + 1) * 4
    model = EnergyBasedModel(training="score_matching", random_state=0).fit(X[:60])
    assert model.score(X[60:]) > normal - 0.4


def test_wrong_energies_are_named():
    X = moons(50)
    with pytest.raises(ValueError, match=r"energy maps 4 rows to \(4, 2\)"):
        EnergyBasedModel(nn.Linear(2, 2)).fit(X)
    with pytest.raises(ValueError, match=r"experts\[1\] fails on rows of shape \(4, 2\)"):
        ProductOfExperts([smooth, nn.Linear(3, 1)]).fit(X)
    with pytest.raises(ValueError, match="experts is empty"):
        ProductOfExperts([]).fit(X)
    relu = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with pytest.raises(ValueError, match="piecewise linear"):
        EnergyBasedModel(relu, training="score_matching").fit(X)
    with pytest.raises(ValueError, match="noise_scale=0.5 does nothing with training='pcd'"):
        EnergyBasedModel(noise_scale=0.5).fit(X)


def test_going_on_with_other_experts_is_refused():
    X = np.random.default_rng(0).standard_normal((50, 2))
    model = ProductOfExperts(max_iter=1, warm_start=True, random_state=0).fit(X)
    for experts in ([Quadratic], [Quadratic] * 2):
        with pytest.raises(ValueError, match="experts=.*but the networks of the earlier fit"):
            model.set_params(experts=experts).fit(X)
    assert model.set_params(experts=None).fit(X).n_iter_ == 2
