"""Missing values through the estimators: marginals, imputation, draws, and real data."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.datasets import load_digits

from skgen import FactorAnalysis, ProbabilisticPCA

MODELS = [ProbabilisticPCA(2), FactorAnalysis(2, rotation="oblimin")]


@pytest.fixture
def X(rng):
    X = 2 * rng.standard_normal((400, 2)) @ rng.standard_normal((2, 6)) + 10
    return X + rng.standard_normal(X.shape)


def with_gaps(X, rng, fraction=0.3):
    return np.where(rng.random(X.shape) < fraction, np.nan, X)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_blocks_of_rows_are_imputed_like_all_at_once(model, X, rng, monkeypatch):
    gaps = with_gaps(X, rng)
    expected = model.fit(X).impute(gaps)
    monkeypatch.setattr("skgen.kernels.moments.BLOCK_BYTES", 48 * 70)
    np.testing.assert_allclose(model.impute(gaps), expected, rtol=1e-12)
    assert not np.isnan(expected).any()


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_verbs_agree_with_dense_conditioning(model, X, rng):
    gaps = with_gaps(X, rng)
    model.fit(gaps)
    C, mean = model.get_covariance(), model.mean_
    filled, scores = model.impute(gaps[:20]), model.score_samples(gaps[:20])
    Z = model.transform(gaps[:20])
    posterior = model.posterior(gaps[:20])[0]
    np.testing.assert_allclose(Z, posterior)
    for row, whole, score in zip(gaps[:20], filled, scores):
        o = ~np.isnan(row)
        expected = multivariate_normal(mean[o], C[np.ix_(o, o)]).logpdf(row[o])
        assert score == pytest.approx(expected)
        gain = C[:, o] @ np.linalg.inv(C[np.ix_(o, o)])
        np.testing.assert_allclose(whole[~o], (mean + gain @ (row[o] - mean[o]))[~o])
        np.testing.assert_array_equal(whole[o], row[o])


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_sample_conditional(model, X, rng):
    gaps = with_gaps(X, rng)[:30]
    model.fit(X)
    draws = model.sample_conditional(gaps, 4000, random_state=0)
    assert draws.shape == (4000, 30, 6)
    np.testing.assert_array_equal(
        draws[:, ~np.isnan(gaps)],
        np.broadcast_to(gaps[~np.isnan(gaps)], (4000, (~np.isnan(gaps)).sum())),
    )
    spread = np.sqrt(np.diag(model.get_covariance())).max()
    np.testing.assert_allclose(draws.mean(0), model.impute(gaps), atol=5 * spread / np.sqrt(4000))
    again = model.sample_conditional(gaps, 4000, random_state=0)
    np.testing.assert_array_equal(draws, again)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_a_single_gap_hardly_moves_the_fit(model, X):
    """EM on almost complete rows lands on the closed form of the complete ones."""
    complete = model.set_params(tol=1e-10).fit(X).get_covariance()
    gaps = X.copy()
    gaps[0, 0] = np.nan
    near = model.fit(gaps).get_covariance()
    np.testing.assert_allclose(near, complete, rtol=0.02, atol=0.05)
    assert np.diff(model.loglike_).min() >= -1e-6


@pytest.mark.parametrize("n_components", ["auto", "mle", 0.8, None])
def test_dimension_is_chosen_from_pairs(X, rng, n_components):
    model = ProbabilisticPCA(n_components).fit(with_gaps(X, rng, 0.2))
    assert 1 <= model.n_components_ <= 6
    if n_components == "auto":
        assert model.n_components_ == 2


def test_rows_without_any_value(X):
    gaps = X.copy()
    gaps[:3] = np.nan
    model = ProbabilisticPCA(2).fit(gaps)
    np.testing.assert_allclose(model.impute(gaps[:1])[0], model.mean_)
    assert model.score_samples(gaps[:1])[0] == 0
    np.testing.assert_allclose(model.mean_, X[3:].mean(0), atol=1e-6)


@pytest.mark.parametrize("estimator", [ProbabilisticPCA, FactorAnalysis])
def test_a_column_with_nothing_is_named(estimator, X):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcdef"))
    frame["c"] = np.nan
    with pytest.raises(ValueError, match="no observed value in column 'c'; drop"):
        estimator(2).fit(frame)
    with pytest.raises(ValueError, match="no observed value in column 2"):
        estimator(2).fit(frame.to_numpy())


def test_float32_with_gaps(X, rng):
    gaps = with_gaps(X, rng).astype(np.float32)
    model = FactorAnalysis(2).fit(gaps)
    filled = model.impute(gaps)
    assert filled.dtype == np.float32
    assert not np.isnan(filled).any()


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_digits_are_imputed_better_than_by_the_mean(rng):
    X = load_digits().data
    gaps = with_gaps(X, rng)
    missing = np.isnan(gaps)
    # The maximum is many times as far, and lowers the error by 0.03 only.
    model = FactorAnalysis(28, noise_floor=0.01, tol=100.0).fit(gaps)

    def rmse(filled):
        return np.sqrt(np.mean((filled - X)[missing] ** 2))

    assert rmse(model.impute(gaps)) < 0.65 * rmse(np.where(missing, np.nanmean(gaps, 0), X))
    # IterativeImputer, with its defaults, reaches 2.75 on such gaps.
    assert rmse(model.impute(gaps)) < 2.75


def test_bfi_items(data_file):
    pd = pytest.importorskip("pandas")
    frame = pd.read_csv(data_file("bfi.csv"))
    items = frame[[c for c in frame.columns if c[0] in "ACENO" and c[1:].isdigit()]]
    assert items.shape == (2800, 25)
    assert items.isna().to_numpy().sum() > 400
    model = FactorAnalysis(5, rotation="oblimin").fit(items)
    loadings = pd.DataFrame(model.components_.T, index=items.columns)
    # Each trait's five items load highest on one factor, and each trait has a factor of its own.
    best = loadings.abs().idxmax(axis=1).groupby(lambda name: name[0]).agg(lambda s: s.mode()[0])
    assert sorted(best) == [0, 1, 2, 3, 4]
    assert model.score(items) > FactorAnalysis(1).fit(items).score(items)
