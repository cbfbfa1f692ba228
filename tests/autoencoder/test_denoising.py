import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from skgen import DenoisingAE

NOISE = 0.5


@pytest.fixture(scope="module")
def gaussian():
    """Linear-Gaussian rows of unit mean variance, and their covariance."""
    rng = np.random.default_rng(0)
    A = rng.standard_normal((6, 6)) * np.array([2.0, 1.5, 1.0, 0.5, 0.2, 0.1])
    covariance = A @ A.T
    covariance /= np.trace(covariance) / 6
    X = rng.multivariate_normal(np.arange(6.0), covariance, 4000)
    return X, covariance


@pytest.fixture(scope="module")
def linear(gaussian):
    return DenoisingAE(
        6,
        hidden_layer_sizes=(),
        corruption="gaussian",
        corruption_level=NOISE,
        scale_columns=False,
        learning_rate=1e-2,
        max_iter=150,
        random_state=0,
    ).fit(gaussian[0])


def test_linear_gaussian_rows_are_denoised_as_by_the_wiener_filter(gaussian, linear):
    X, covariance = gaussian
    level = NOISE * np.sqrt(X.var(0).mean())
    rng = np.random.default_rng(1)
    clean = rng.multivariate_normal(np.arange(6.0), covariance, 3000)
    noisy = clean + level * rng.standard_normal(clean.shape)
    gain = np.linalg.solve(covariance + level**2 * np.eye(6), covariance)
    wiener = np.arange(6.0) + (noisy - np.arange(6.0)) @ gain
    rebuilt = linear.denoise(noisy)
    assert (
        np.square(rebuilt - wiener).sum(1).mean() < 0.01 * np.square(clean - wiener).sum(1).mean()
    )


def test_the_chain_has_the_moments_of_the_data(gaussian, linear):
    _, covariance = gaussian
    draws = linear.sample(10_000, random_state=0)
    assert draws.dtype == gaussian[0].dtype
    np.testing.assert_allclose(draws.mean(0), np.arange(6.0), atol=0.15)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.25)


@pytest.mark.parametrize("corruption", ["masking", "gaussian", "salt_and_pepper"])
def test_corrupted_rows_come_back_closer_to_the_truth(gaussian, corruption):
    X = gaussian[0]
    # One size of noise in all columns.
    common = {"scale_columns": False, "max_iter": 40, "random_state": 0}
    model = DenoisingAE(6, hidden_layer_sizes=(32,), corruption=corruption, **common)
    model.fit(X[:2000])
    rows, rng = X[2000:], np.random.default_rng(0)
    hit = rng.random(rows.shape) < 0.3
    corrupted = {
        "masking": np.where(hit, X.mean(0), rows),
        "gaussian": rows + 0.3 * rng.standard_normal(rows.shape),
        "salt_and_pepper": np.where(hit, X.max(0), rows),
    }[corruption]
    before = np.square(corrupted - rows).mean()
    assert np.square(model.denoise(corrupted) - rows).mean() < 0.8 * before


def test_binary_chain_follows_the_joint_distribution():
    # Two columns agree, one is independent: the chain must keep both facts, the first as
    # far as bits drawn apart allow.
    rng = np.random.default_rng(0)
    X = (rng.random((3000, 2)) < [0.3, 0.6]).astype(float)[:, [0, 0, 1]]
    model = DenoisingAE(
        8, hidden_layer_sizes=(16,), corruption_level=0.6, max_iter=30, random_state=0
    ).fit(X)
    draws = model.sample(4000, random_state=0)
    assert set(np.unique(draws)) == {0.0, 1.0}
    np.testing.assert_allclose(draws.mean(0), [0.3, 0.3, 0.6], atol=0.06)
    assert np.mean(draws[:, 0] == draws[:, 1]) > 0.75
    assert abs(np.corrcoef(draws[:, 0], draws[:, 2])[0, 1]) < 0.1


def test_walkback_pulls_strays_back(gaussian):
    X = gaussian[0]
    common = {"hidden_layer_sizes": (32,), "max_iter": 10, "random_state": 0}
    plain = DenoisingAE(6, **common).fit(X)
    walked = DenoisingAE(6, n_walkback_steps=2, **common).fit(X)
    assert np.isfinite(walked.sample(50)).all()
    assert not np.array_equal(plain.transform(X[:5]), walked.transform(X[:5]))


@pytest.mark.parametrize("n_chain_steps", [100, 1000])
def test_the_chain_stays_where_the_data_are(n_chain_steps):
    X = load_breast_cancer().data
    model = DenoisingAE(random_state=0, max_iter=30, n_chain_steps=n_chain_steps).fit(X)
    draws = model.sample(200, random_state=0)
    slack = 1e-5 * np.ptp(X, axis=0)
    assert (draws >= X.min(0) - slack).all()
    assert (draws <= X.max(0) + slack).all()
    assert 0.5 < np.median(draws.std(0) / X.std(0)) < 1.5


def test_columns_of_very_different_units_draw_finite_rows(rng):
    X = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 12)) * np.logspace(-8, 8, 12)
    draws = DenoisingAE(random_state=0, max_iter=20).fit(X).sample(200, random_state=0)
    ratios = draws.std(0) / X.std(0)
    assert (ratios > 0.3).all()
    assert (ratios < 2).all()
