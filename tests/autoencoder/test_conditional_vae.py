"""The conditional autoencoder against closed forms, and by quadrature."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax
from scipy.stats import norm
from torch import nn

from skgen import VAE
from skgen.nets import conditions

LINEAR = {
    "hidden_layer_sizes": (),
    "noise_variance": "isotropic",
    "likelihood": "gaussian",
    "weight_decay": 0.0,
    "learning_rate_schedule": "cosine",
    "learning_rate": 0.01,
    "random_state": 0,
}


def regression_likelihood(X, Y, k):
    """Maximum of the mean log p(x | y): least squares, and probabilistic PCA of what it leaves."""
    design = np.c_[Y, np.ones(len(Y))]
    rest = X - design @ np.linalg.lstsq(design, X, rcond=None)[0]
    d = X.shape[1]
    values = np.linalg.eigvalsh(rest.T @ rest / len(X))[::-1]
    noise = values[k:].mean()
    log_det = np.log(values[:k]).sum() + (d - k) * np.log(noise)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + d)


def test_the_linear_model_reaches_the_likelihood_of_regression_and_ppca(monkeypatch):
    # A linear decoder has one covariance for rows with and without a condition.
    monkeypatch.setattr(conditions, "HIDDEN", 0.0)
    rng = np.random.default_rng(0)
    Y = rng.standard_normal((1000, 2))
    X = Y @ rng.standard_normal((2, 6)) + rng.standard_normal((1000, 2)) @ rng.standard_normal(
        (2, 6)
    )
    X += 0.5 * rng.standard_normal(X.shape)
    model = VAE(2, conditional=True, max_iter=150, n_score_samples=256, **LINEAR).fit(X, Y)
    exact = regression_likelihood(X, Y, 2)
    assert exact - 0.05 < model.score(X, Y) < exact + 0.01
    # Means follow the plane of least squares.
    slopes = np.linalg.lstsq(np.c_[Y, np.ones(len(Y))], X, rcond=None)[0][:2]
    zeros = np.zeros((3, 2))
    at = model.inverse_transform(zeros, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(at[1:] - at[0], slopes, atol=0.05)


@pytest.fixture(scope="module")
def rings():
    """Rows on two curves, by class, and a model with one latent dimension."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    angle = rng.standard_normal(400)
    X = np.c_[np.cos(angle) + 0.7 * y, np.sin(angle) - 0.5 * y] + 0.1 * rng.standard_normal(
        (400, 2)
    )
    how = {"hidden_layer_sizes": (16,), "max_iter": 60, "random_state": 0}
    return X, y, VAE(1, conditional=True, n_score_samples=3000, **how).fit(X, y)


def log_densities_by_quadrature(model, X):
    """Log p(x | c) of each class, (n, n_classes): the latent dimension is summed on a grid."""
    z = np.linspace(-7, 7, 4001)
    log_prior = norm.logpdf(z) + np.log(z[1] - z[0])
    columns = []
    for c in model.classes_:
        mean = model.inverse_transform(z[:, None], np.full(len(z), c))
        log_p = norm.logpdf(X[:, None], mean, np.sqrt(model.noise_variance_)).sum(axis=-1)
        columns.append(logsumexp(log_p + log_prior, axis=1))
    return np.stack(columns, axis=1)


def test_densities_and_classes_are_those_of_quadrature(rings):
    X, y, model = rings
    exact = log_densities_by_quadrature(model, X[:40])
    given = np.stack([model.score_samples(X[:40], np.full(40, c)) for c in (0, 1)], axis=1)
    # Under the wrong class the posterior is no normal, and the bound is looser.
    likely = exact > exact.max(axis=1, keepdims=True) - 5
    np.testing.assert_allclose(given[likely], exact[likely], atol=0.1)
    log_share = np.log([np.mean(y == 0), np.mean(y == 1)])
    np.testing.assert_allclose(
        model.score_samples(X[:40]), logsumexp(exact + log_share, axis=1), atol=0.1
    )
    np.testing.assert_allclose(
        model.predict_proba(X[:40]), softmax(exact + log_share, axis=1), atol=0.05
    )


def test_unknown_is_near_the_marginal(rings):
    X, _, model = rings
    unknown = model.score(X, np.full(len(X), np.nan))
    assert unknown == pytest.approx(model.score(X), abs=0.35)


def test_draws_of_a_class_have_its_density(rings):
    X, _, model = rings
    draws = model.sample(400, random_state=1, y=1)
    own = model.score(draws, np.ones(400))
    assert own > model.score(draws, np.zeros(400)) + 1
    # The score of draws is minus the entropy; that of the rows is near where the fit is.
    assert own == pytest.approx(model.score(X[model.predict(X) == 1], None), abs=1.0)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "how",
    [
        {"image_shape": (4, 4)},
        {"likelihood": "bernoulli", "binarize": True},
        {"n_importance_samples": 3, "doubly_reparametrized": True},
        {"kl_warm_up": 0.5, "free_bits": 0.1},
        {"early_stopping": True},
        {
            "encoder": lambda n_in, n_out: nn.Sequential(nn.Linear(n_in, n_out)),
            "decoder": lambda n_in, n_out: nn.Sequential(nn.Linear(n_in, n_out)),
        },
    ],
    ids=lambda how: next(iter(how)),
)
def test_every_verb_works_beside_other_options(how, rng):
    X, y = rng.uniform(size=(40, 16)).round(1), np.arange(40) % 3
    model = VAE(2, conditional=True, max_iter=2, hidden_layer_sizes=(8,), random_state=0, **how)
    model.fit(X, y).partial_fit(X, y)
    assert np.isfinite(model.score_samples(X, y)).all()
    assert model.sample(5, y=2).shape == (5, 16)
    gaps = np.where(rng.uniform(size=X.shape) < 0.3, np.nan, X)
    assert np.isfinite(model.set_params(n_gibbs_steps=3).impute(gaps, y)).all()
    np.testing.assert_allclose(model.transform(X), model.transform(X, np.full(40, -1)), atol=1e-6)


def test_layers_are_seen_and_undone_under_a_condition(rings):
    X, y, model = rings
    hidden = model.set_params(layer=0).transform(X, y)
    assert hidden.shape == (400, 16)
    by_layer = model.inverse_transform(hidden, y)
    codes = model.set_params(layer=-1).transform(X, y)
    np.testing.assert_allclose(by_layer, model.inverse_transform(codes, y), atol=1e-5)
    assert model.set_params(layer="all").transform(X, y).shape == (400, 17)
    model.set_params(layer=-1)


def test_a_class_is_drawn_by_its_name_too(rings):
    _, _, model = rings
    np.testing.assert_array_equal(model.sample_class(1, 5, 0), model.sample(5, 0, y=1))


def test_draws_and_their_means_belong_together(rings):
    _, _, model = rings
    draws, means = model.sample(500, 0, y=1), model.sample_means(500, 0, y=1)
    spread = (draws - means).std(axis=0)
    np.testing.assert_allclose(spread, np.sqrt(model.noise_variance_), rtol=0.15)


def test_no_draw_leaves_a_trace_in_global_generators(rings):
    _, _, model = rings
    before = torch.get_rng_state()
    model.sample(3, 0, y=0)
    assert torch.equal(before, torch.get_rng_state())
