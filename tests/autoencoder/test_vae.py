import warnings

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from torch import nn

from skgen import VAE
from skgen.autoencoder.vae_start import chosen_importance_samples
from skgen.base.data_range import looks_binary, noise_floors
from skgen.base.torch_estimator import settings_of
from skgen.exceptions import DataRangeWarning
from skgen.training import Stage
from skgen.training.columns import Columns

LINEAR = {
    "hidden_layer_sizes": (),
    "noise_variance": "isotropic",
    "weight_decay": 0.0,
    "learning_rate": 5e-3,
    "random_state": 0,
}


def ppca_log_likelihood(X, k):
    """Maximum of the mean log-likelihood of probabilistic PCA (Tipping & Bishop 1999)."""
    d = X.shape[1]
    values = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]
    noise = values[k:].mean()
    log_det = np.log(values[:k]).sum() + (d - k) * np.log(noise)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + d)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data


@pytest.fixture(scope="module")
def linear(digits):
    return VAE(8, max_iter=250, **LINEAR).fit(digits)


def test_linear_vae_reaches_the_exact_likelihood_of_ppca(digits, linear):
    exact = ppca_log_likelihood(digits, 8)
    linear.n_score_samples = 256
    score = linear.score(digits)
    assert exact - 0.05 < score < exact + 1e-3
    values = np.linalg.eigvalsh(np.cov(digits.T, bias=True))[::-1]
    assert linear.noise_variance_ == pytest.approx(values[8:].mean(), rel=0.01)


def test_bounds_rise_with_the_number_of_samples_towards_the_exact_density(digits, linear):
    W = linear.inverse_transform(np.eye(8)) - linear.inverse_transform(np.zeros((1, 8)))
    mean = linear.inverse_transform(np.zeros((1, 8)))[0]
    covariance = W.T @ W + linear.noise_variance_ * np.eye(64)
    exact = stats.multivariate_normal(mean, covariance).logpdf(digits[:500]).mean()
    bounds = [linear.set_params(n_score_samples=s).score(digits[:500]) for s in (1, 5, 50)]
    assert bounds[0] < bounds[1] < bounds[2] < exact + 0.02
    assert linear.set_params(n_score_samples=2000).score(digits[:500]) == pytest.approx(
        exact, abs=0.01
    )


def test_posterior_is_that_of_bayes_for_the_linear_model(digits, linear):
    W = linear.inverse_transform(np.eye(8)) - linear.inverse_transform(np.zeros((1, 8)))
    b = linear.inverse_transform(np.zeros((1, 8)))[0]
    M = W @ W.T + linear.noise_variance_ * np.eye(8)
    mean, variance = linear.posterior(digits)
    exact = np.linalg.solve(M, W @ (digits - b).T).T
    assert np.square(mean - exact).mean() < 0.01 * np.square(exact).mean()
    np.testing.assert_allclose(
        variance.mean(0), np.diag(linear.noise_variance_ * np.linalg.inv(M)), rtol=0.1
    )
    np.testing.assert_array_equal(linear.transform(digits), mean)


def test_imputation_approaches_the_conditional_mean(digits, linear):
    W = linear.inverse_transform(np.eye(8)) - linear.inverse_transform(np.zeros((1, 8)))
    b = linear.inverse_transform(np.zeros((1, 8)))[0]
    covariance = W.T @ W + linear.noise_variance_ * np.eye(64)
    X = digits[:100].copy()
    X[:, :24] = np.nan
    gain = np.linalg.solve(covariance[24:, 24:], covariance[24:, :24])
    exact = b[:24] + (digits[:100, 24:] - b[24:]) @ gain
    filled = linear.set_params(n_gibbs_steps=400).impute(X)
    np.testing.assert_array_equal(filled[:, 24:], digits[:100, 24:])
    assert (
        np.square(filled[:, :24] - exact).mean()
        < 0.05 * np.square(digits[:100, :24] - exact).mean()
    )
    draws = linear.set_params(n_gibbs_steps=50).sample_conditional(X[:3], 4, random_state=0)
    assert draws.shape == (4, 3, 64)
    assert not np.isnan(draws).any()
    assert (draws[:, :, 24:] == digits[:3, 24:]).all()
    assert draws[:, :, :24].std(0).min() > 0


def test_samples_follow_the_fitted_linear_model(digits, linear):
    draws = linear.sample(20_000, random_state=0)
    assert draws.dtype == digits.dtype
    np.testing.assert_allclose(draws.mean(0), digits.mean(0), atol=0.35)
    np.testing.assert_allclose(np.cov(draws.T).trace(), np.cov(digits.T).trace(), rtol=0.03)


def test_densities_change_by_the_jacobian_of_a_change_of_units(rng):
    X = rng.standard_normal((100, 3)) @ rng.standard_normal((3, 3))
    unit = np.array([1e-3, 10.0, 1e4])
    one = VAE(2, hidden_layer_sizes=(8,), max_iter=5, random_state=0).fit(X)
    other = VAE(2, hidden_layer_sizes=(8,), max_iter=5, random_state=0).fit(X * unit)
    np.testing.assert_allclose(
        other.score_samples(X * unit), one.score_samples(X) - np.log(unit).sum(), rtol=1e-4
    )


@pytest.mark.parametrize("n_importance_samples", [1, 5])
def test_fixed_noise_variance_is_kept(rng, n_importance_samples):
    model = VAE(2, noise_variance=0.3, n_importance_samples=n_importance_samples, max_iter=2).fit(
        rng.standard_normal((50, 3))
    )
    assert model.noise_variance_ == pytest.approx(0.3)


def test_importance_weighted_training_raises_the_score(digits):
    X = (digits > 8).astype(float)
    common = {"hidden_layer_sizes": (32,), "max_iter": 30, "random_state": 0}
    plain = VAE(4, **common).fit(X)
    weighted = VAE(4, n_importance_samples=10, **common).fit(X)
    doubly = VAE(4, n_importance_samples=10, doubly_reparametrized=True, **common).fit(X)
    assert plain.likelihood_ == "bernoulli"
    assert weighted.score(X) > plain.score(X)
    assert doubly.score(X) > plain.score(X)


def test_beta_and_free_bits_trade_fit_for_kl(digits):
    common = {"hidden_layer_sizes": (32,), "max_iter": 20, "random_state": 0}

    def kl(model):
        mean, variance = model.fit(digits).posterior(digits)
        return 0.5 * (mean**2 + variance - 1 - np.log(variance)).sum(1).mean()

    strict, plain = kl(VAE(8, beta=20.0, **common)), kl(VAE(8, **common))
    free = kl(VAE(8, beta=20.0, free_bits=1.0, **common))
    assert strict < 0.8 * plain
    assert free > strict


@pytest.mark.parametrize("option", [{"beta": 2.0}, {"free_bits": 1.0}, {"kl_warm_up": 0.5}])
def test_weights_of_the_kl_term_need_the_single_sample_bound(rng, option):
    with pytest.raises(ValueError, match="n_importance_samples=5"):
        VAE(2, n_importance_samples=5, max_iter=1, **option).fit(rng.standard_normal((9, 3)))


def test_a_factory_of_the_wrong_width_is_named(rng):
    def narrow(n_features, n_out):
        return nn.Linear(n_features, n_out // 2)

    with pytest.raises(ValueError, match=r"encoder factory was asked for \(3, 4\).*\(2, 2\)"):
        VAE(2, encoder=narrow, max_iter=1).fit(rng.standard_normal((9, 3)))


def test_kl_warm_up_ends_at_beta(rng):
    model = VAE(2, hidden_layer_sizes=(8,), kl_warm_up=0.5, beta=2.0, max_iter=4)
    model.fit(rng.standard_normal((40, 3)))
    assert float(model.module_.kl_weight) == 2.0


def test_binary_models_warn_about_other_data_and_refuse_what_is_far_from_bits(rng):
    model, X = VAE(2, likelihood="bernoulli", max_iter=1), rng.random((20, 3))
    with pytest.warns(DataRangeWarning, match='likelihood="gaussian"'):
        model.fit(1.5 * X)
    with pytest.raises(ValueError, match='0 to 5; .*MinMaxScaler.*likelihood="gaussian"'):
        model.fit(5 * X.round())


def test_rare_values_do_not_earn_a_sharp_density(rng):
    X = rng.standard_normal((1000, 2))
    X[:, 1] = 0.0
    X[0, 1] = 1.0
    floors = noise_floors(Columns(X))
    assert floors[0] == pytest.approx(2 / 1000, rel=0.2)
    assert floors[1] == pytest.approx(0.5, rel=0.01)


def test_what_looks_binary():
    rng = np.random.default_rng(0)
    assert looks_binary(Columns((rng.random((9, 9)) < 0.5).astype(float)))
    assert not looks_binary(Columns(rng.random((9, 9))))
    assert not looks_binary(Columns(np.array([[0.0, 1.0, -0.1]])))


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_defaults_beat_linear_gaussian_models_on_held_out_rows(load):
    X = load().data
    rows = np.random.RandomState(0).permutation(len(X))
    train, test = X[rows[: 3 * len(X) // 4]], X[rows[3 * len(X) // 4 :]]
    scaler = StandardScaler().fit(train)
    jacobian = -np.log(scaler.scale_).sum()
    rivals = [
        model.fit(scaler.transform(train)).score(scaler.transform(test)) + jacobian
        for model in (PCA(5), FactorAnalysis(5))
    ]
    assert VAE(random_state=0).fit(train).score(test) > max(rivals)


def test_the_weight_of_the_divergence_rises_over_the_warm_up(rng):
    model = VAE(2, hidden_layer_sizes=(8,), kl_warm_up=0.5, beta=2.0, max_iter=1)
    module = model.fit(rng.standard_normal((20, 3))).module_.requires_grad_(True)
    (stage,) = model._stages(module)
    weights = []
    for progress in (0.0, 0.25, 0.5, 0.9):
        stage.schedule(progress)
        weights.append(float(module.kl_weight))
    assert weights == [0.0, 1.0, 2.0, 2.0]


def test_bits_are_drawn_anew_at_every_visit(digits):
    gray = (digits / 16).astype(np.float32)
    model = VAE(4, hidden_layer_sizes=(8,), likelihood="bernoulli", binarize=True, max_iter=2)
    model.set_params(random_state=0).fit(gray)
    seen = []
    module = model.module_.requires_grad_(True)
    module.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    (stage,) = model._stages(module)
    generator = torch.Generator().manual_seed(0)
    x = torch.from_numpy(gray[:50])
    for _ in range(200):
        stage.phases[0].loss(x, generator)
    draws = torch.stack(seen)
    assert set(draws.unique().tolist()) == {0.0, 1.0}
    # Means of 200 bits: within five standard errors of the gray values.
    torch.testing.assert_close(draws.mean(0), x, rtol=0, atol=5 * 0.5 / 200**0.5)


def test_bits_need_the_bernoulli_likelihood(rng):
    with pytest.raises(ValueError, match='likelihood="bernoulli"'):
        VAE(2, binarize=True, max_iter=1).fit(rng.standard_normal((50, 3)))


def ring(n, rng):
    """Eight clusters on a circle, uncorrelated: 1.07 nats a row, one Gaussian has -3.54."""
    angle = 2 * np.pi * rng.integers(0, 8, n) / 8
    return 2 * np.c_[np.cos(angle), np.sin(angle)] + 0.05 * rng.standard_normal((n, 2))


def test_uncorrelated_columns_are_learned():
    train, test = ring(1000, np.random.default_rng(0)), ring(2000, np.random.default_rng(1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # The default is three times as many epochs, and .8 nats.
        model = VAE(max_iter=80, random_state=0).fit(train)
    assert model.score(test) > 0.2


def test_the_start_knows_how_many_rows_there_are(rng):
    few, many = rng.standard_normal((100, 2)), rng.standard_normal((1000, 2))
    wide, deep = (VAE(max_iter=1, random_state=0).fit(X) for X in (few, many))
    assert [len(m.module_.encoder) for m in (wide, deep)] == [4, 6]
    linear = VAE(max_iter=1, hidden_layer_sizes=(), random_state=0).fit(few)
    # 12 d / n, or all of it; twenty steps of .03 leave its logarithm near the start.
    for model, X, start in ((wide, few, 0.24), (deep, many, 0.024), (linear, few, 1.0)):
        noise = np.log(model.noise_variance_ / X.var(0))
        np.testing.assert_allclose(noise, np.log(start), atol=0.6)


@pytest.mark.parametrize(("n", "n_epochs"), [(100, 100), (500, 250)])
def test_epochs_by_default(n, n_epochs, rng):
    # 25 rows an update, so that 5 000 updates take 250 epochs.
    model = VAE(2, hidden_layer_sizes=(2,), max_iter=1).fit(rng.standard_normal((n, 2)))
    assert settings_of(model, "auto").epochs(Stage([]), n) == n_epochs


def test_samples_of_the_bound_by_default(rng):
    X = rng.standard_normal((400, 4))

    def n_samples(X, **options):
        model = VAE(2, max_iter=1, hidden_layer_sizes=(2,), **options).fit(X)
        return chosen_importance_samples(model)

    assert n_samples(X) == 16
    assert n_samples(X[:70]) == 1
    assert n_samples(np.tile(X, 5)[:, :20]) == 3
    for option in ("beta", "free_bits", "kl_warm_up"):
        assert n_samples(X, **{option: 0.5}) == 1
    assert n_samples((X > 0).astype(float)) == 1
    assert n_samples(X, n_importance_samples=5) == 5


def test_dead_codes_warn_with_a_remedy(rng):
    X = rng.standard_normal((200, 2))
    common = {"hidden_layer_sizes": (), "max_iter": 50, "learning_rate": 0.01, "random_state": 0}
    with pytest.warns(ConvergenceWarning, match="all of 2 latent dimensions.*kl_warm_up"):
        VAE(2, beta=4.0, **common).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        VAE(2, **common).fit(X @ [[1, 1], [0, 0.1]])


@pytest.mark.parametrize("use_labels", [False, True])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_blocks_of_rows_are_imputed_and_scored_like_all_at_once(use_labels, rng, monkeypatch):
    X = rng.standard_normal((90, 2)) @ rng.standard_normal((2, 5))
    model = VAE(2, max_iter=2, n_gibbs_steps=5, n_score_samples=64, random_state=0)
    model.set_params(use_labels=use_labels).fit(X, np.arange(90) % 3)
    gaps = np.where(rng.random(X.shape) < 0.2, np.nan, X)
    filled, scores = model.impute(gaps), model.score_samples(X)
    for file in ("vae", "completion"):
        monkeypatch.setattr(f"skgen.autoencoder.{file}.N_VALUES", 4 * 5 * 7)
    np.testing.assert_allclose(model.impute(gaps), filled, rtol=1e-12)
    np.testing.assert_allclose(model.score_samples(X), scores, rtol=1e-12)
    np.testing.assert_array_equal(filled[~np.isnan(gaps)], X[~np.isnan(gaps)])


def test_a_fit_that_is_worse_than_independent_columns_warns(rng):
    X = rng.standard_normal((60, 4))
    options = {"max_iter": 20, "learning_rate_schedule": "constant", "random_state": 0}
    options |= {"hidden_layer_sizes": (64, 64)}
    with pytest.warns(ConvergenceWarning, match="Lower learning_rate"):
        VAE(2, learning_rate=3.0, **options).fit((X > 0).astype(float))
    with pytest.warns(ConvergenceWarning, match="Lower learning_rate"):
        VAE(learning_rate=0.1, max_iter=20, random_state=0).fit(load_wine().data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        VAE(2, beta=0.0, **options).fit(X)
        VAE(2, free_bits=2.0, **options).fit(X)
