"""Mixtures of factor analyzers: known models as special cases, planted ones found again."""

from functools import partial

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV

from skgen import FactorAnalysis, MixtureOfFactorAnalyzers, ProbabilisticPCA
from skgen.kernels.mixtures import em
from skgen.linear.mixtures import rows as mixture_rows
from skgen.linear.mixtures import starts

WINE = load_wine().data
IRIS = load_iris().data
D = 6


def planted(n=600, seed=0, distance=4.0):
    """Rows of three clusters of two factors each, their labels, means and covariances."""
    rng = np.random.default_rng(seed)
    means = distance * rng.standard_normal((3, D))
    loadings = rng.standard_normal((3, 2, D))
    labels = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    X = means[labels] + np.einsum("nk,nkd->nd", rng.standard_normal((n, 2)), loadings[labels])
    X += 0.3 * rng.standard_normal((n, D))
    covariances = np.einsum("mkd,mke->mde", loadings, loadings) + 0.09 * np.eye(D)
    return X, labels, means, covariances


def with_holes(X, share=0.2, seed=0):
    return np.where(np.random.default_rng(seed).random(X.shape) < share, np.nan, X)


def mixture(*args, **kwargs):
    return MixtureOfFactorAnalyzers(*args, random_state=0, **kwargs)


def covariances_of(model):
    W = model.components_
    noise = model.noise_variance_[:, :, None] * np.eye(W.shape[2])
    return np.einsum("mkd,mke->mde", W, W) + noise


def test_one_cluster_is_factor_analysis():
    model = mixture(1, 2, tol=1e-11, max_iter=2000).fit(WINE)
    known = FactorAnalysis(2, noise_floor=1e-3, tol=1e-6).fit(WINE)
    assert model.score(WINE) == pytest.approx(known.score(WINE), abs=1e-6)
    np.testing.assert_allclose(
        covariances_of(model)[0], known.get_covariance(), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("holes", [False, True])
def test_one_isotropic_cluster_is_probabilistic_pca(holes):
    X = with_holes(IRIS) if holes else IRIS
    model = mixture(1, 2, covariance="isotropic", tol=1e-11, max_iter=4000).fit(X)
    known = ProbabilisticPCA(2, tol=1e-8).fit(X)
    assert model.score(X) == pytest.approx(known.score(X), abs=1e-6)


def test_one_cluster_with_holes_is_factor_analysis():
    X = with_holes(WINE)
    model = mixture(1, 2, tol=1e-9, max_iter=4000).fit(X)
    known = FactorAnalysis(2, noise_floor=1e-3, tol=1e-6).fit(X)
    assert model.score(X) == pytest.approx(known.score(X), abs=1e-4)


def test_no_factors_are_a_diagonal_mixture_of_gaussians():
    X = (WINE - WINE.mean(axis=0)) / WINE.std(axis=0)
    model = mixture(3, 0, prior_weight=0, noise_floor=1e-9, tol=1e-12, max_iter=2000).fit(X)
    known = GaussianMixture(
        3,
        covariance_type="diag",
        reg_covar=0,
        tol=1e-12,
        max_iter=2000,
        means_init=model.means_,
        weights_init=model.weights_,
        precisions_init=1 / model.noise_variance_,
    ).fit(X)
    np.testing.assert_allclose(model.score_samples(X), known.score_samples(X), atol=1e-4)
    assert model.bic(X) == pytest.approx(known.bic(X), abs=1e-3)
    assert model.aic(X) == pytest.approx(known.aic(X), abs=1e-3)
    assert np.sum(np.abs(model.predict_proba(X) - known.predict_proba(X))) < 1e-3


@pytest.mark.parametrize("holes", [0.0, 0.25])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("covariance", ["factor", "isotropic"])
def test_planted_clusters_are_found(covariance, shared, holes):
    X, labels, means, covariances = planted()
    model = mixture(3, 2, covariance=covariance, shared_noise=shared).fit(with_holes(X, holes))
    assert adjusted_rand_score(labels, model.predict(X)) > 0.98
    order = [np.argmin(np.sum((model.means_ - mean) ** 2, axis=1)) for mean in means]
    assert sorted(order) == [0, 1, 2]
    for found, expected in zip(covariances_of(model)[order], covariances):
        assert np.linalg.norm(found - expected) < 0.35 * np.linalg.norm(expected)


def test_planted_numbers_are_chosen():
    X, labels, *_ = planted(900)
    model = mixture().fit(X)
    assert (model.n_clusters_, model.n_components_) == (3, 2)
    assert adjusted_rand_score(labels, model.predict(X)) > 0.98
    assert mixture(n_clusters=3).fit(X).n_components_ == 2
    assert mixture(n_components=2).fit(X).n_clusters_ == 3


def test_likelihood_never_falls_without_a_prior():
    for X in (WINE, with_holes(WINE)):
        model = mixture(3, 2, prior_weight=0, tol=1e-5, max_iter=2000).fit(X)
        assert len(model.loglike_) == model.n_iter_ > 3
        assert np.diff(model.loglike_).min() > -1e-6
        assert model.loglike_[-1] == pytest.approx(model.score_samples(X).sum(), rel=1e-9)


def brute_joint(X, model):
    joint = np.empty((len(X), model.n_clusters_))
    for i, x in enumerate(X):
        seen = ~np.isnan(x)
        for c, C in enumerate(covariances_of(model)):
            normal = multivariate_normal(model.means_[c][seen], C[np.ix_(seen, seen)])
            joint[i, c] = np.log(model.weights_[c]) + normal.logpdf(x[seen])
    return joint


def brute_mean(x, mean, C):
    """Mean of a row given what it observes."""
    gap = np.isnan(x)
    slope = np.linalg.solve(C[np.ix_(~gap, ~gap)], C[np.ix_(~gap, gap)])
    out = x.copy()
    out[gap] = mean[gap] + (x - mean)[~gap] @ slope
    return out


def test_verbs_against_brute_force():
    model = mixture(3, 1).fit(IRIS)
    X = with_holes(IRIS[::7], 0.4)
    X = X[~np.isnan(X).all(axis=1)]
    joint = brute_joint(X, model)
    total = logsumexp(joint, axis=1)
    np.testing.assert_allclose(model.score_samples(X), total)
    R = np.exp(joint - total[:, None])
    np.testing.assert_allclose(model.predict_proba(X), R, atol=1e-10)
    np.testing.assert_array_equal(model.predict(X), R.argmax(axis=1))
    means = [
        [brute_mean(x, mean, C) for mean, C in zip(model.means_, covariances_of(model))] for x in X
    ]
    np.testing.assert_allclose(model.impute(X), np.einsum("nm,nmd->nd", R, means))


def test_conditional_draws_have_the_conditional_moments():
    model = mixture(3, 1).fit(IRIS)
    x = np.array([np.nan, 3.0, np.nan, 1.0])
    joint = brute_joint(x[None], model)[0]
    R = np.exp(joint - logsumexp(joint))
    gap, second, mean = np.isnan(x), np.zeros((2, 2)), np.zeros(2)
    for r, center, C in zip(R, model.means_, covariances_of(model)):
        own = brute_mean(x, center, C)[gap]
        slope = np.linalg.solve(C[np.ix_(~gap, ~gap)], C[np.ix_(~gap, gap)])
        spread = C[np.ix_(gap, gap)] - C[np.ix_(gap, ~gap)] @ slope
        mean, second = mean + r * own, second + r * (spread + np.outer(own, own))
    draws = model.sample_conditional(np.tile(x, (4, 1)), 20_000, random_state=0)
    np.testing.assert_array_equal(draws[:, :, ~gap], np.broadcast_to(x[~gap], (20_000, 4, 2)))
    found = draws[:, :, gap].reshape(-1, 2)
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(found.T), second - np.outer(mean, mean), atol=0.02)


def test_samples_have_the_moments_of_the_model():
    model = mixture(3, 1).fit(IRIS)
    X = model.sample(100_000, random_state=1)
    np.testing.assert_allclose(X.mean(axis=0), model.weights_ @ model.means_, atol=0.03)
    second = np.einsum("m,mde->de", model.weights_, covariances_of(model))
    second += np.einsum("m,md,me->de", model.weights_, model.means_, model.means_)
    np.testing.assert_allclose(X.T @ X / len(X), second, rtol=0.02)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_transform_and_back_is_the_mean_over_clusters(k):
    model = mixture(3, k).fit(IRIS)
    X, R = with_holes(IRIS[::10], 0.3), None
    for rows in (IRIS[::10], X):
        Z = model.transform(rows)
        assert Z.shape == (15, 3 * (1 + k))
        R = Z[:, :: 1 + k]
        np.testing.assert_allclose(R, model.predict_proba(rows), atol=1e-12)
        blocks = Z.reshape(15, 3, 1 + k)
        back = np.einsum("nm,md->nd", R, model.means_)
        back += np.einsum("nmk,mkd->nd", blocks[:, :, 1:], model.components_)
        np.testing.assert_allclose(model.inverse_transform(Z), back)
    # What is missing is filled by the same mean.
    gaps = np.isnan(X)
    np.testing.assert_allclose(
        model.inverse_transform(model.transform(X))[gaps], model.impute(X)[gaps]
    )


def same_model(a, b, **how):
    for name in ("weights_", "means_", "components_", "noise_variance_"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), **how)


@pytest.mark.parametrize("holes", [0.0, 0.2])
def test_weights_are_repeats_and_order_is_nothing(holes):
    X = with_holes(planted(150)[0], holes)
    counts = np.random.default_rng(0).integers(0, 3, len(X))
    weighted = mixture(3, 1, prior_weight=2).fit(X, sample_weight=counts)
    repeated = np.repeat(X, counts, axis=0)
    with_repeats = mixture(3, 1, prior_weight=2).fit(repeated)
    same_model(weighted, with_repeats, rtol=1e-9, atol=1e-9)
    order = np.random.default_rng(1).permutation(len(repeated))
    same_model(weighted, mixture(3, 1, prior_weight=2).fit(repeated[order]), rtol=1e-9, atol=1e-9)


def test_order_changes_no_choice():
    X = planted(200)[0]
    a, b = mixture().fit(X), mixture().fit(X[np.random.default_rng(1).permutation(200)])
    assert (a.prior_weight_, a.noise_floor_) == (b.prior_weight_, b.noise_floor_)
    same_model(a, b, rtol=1e-9, atol=1e-9)


def test_noise_is_bounded_where_new_rows_go_astray():
    """Columns that are zero but for a few rows: a cluster that never saw them is too sure."""
    rng = np.random.default_rng(3)
    X, *_ = planted(900, 3)
    rare = (rng.random((900, 3)) < 0.02) * rng.uniform(1, 5, (900, 3))
    X = np.column_stack([X, rare])
    scores = {}
    for floor in (1e-3, "auto"):
        model = mixture(3, prior_weight=0, noise_floor=floor).fit(X[:300])
        scores[floor] = model.score(X[300:])
    assert model.noise_floor_ > 1e-3
    assert scores["auto"] > scores[1e-3] + 1
    variance = X[:300].var(axis=0)
    assert np.all(model.noise_variance_ >= model.noise_floor_ * variance * (1 - 1e-9))


def test_given_numbers_leave_the_floor():
    assert mixture(3, 1, prior_weight=0).fit(IRIS).noise_floor_ == 1e-3
    assert mixture(1, 1).fit(IRIS).noise_floor_ == 1e-3


@pytest.mark.parametrize("sizes", [("auto", "auto"), (3, 1)])
def test_units_of_columns_change_nothing(sizes):
    X = planted(200)[0]
    X = with_holes(X, 0.2) if sizes == (3, 1) else X
    scale = 2.0 ** np.arange(-9, 9, 3)
    a, b = mixture(*sizes).fit(X), mixture(*sizes).fit(X * scale)
    np.testing.assert_allclose(b.means_, a.means_ * scale, rtol=1e-9)
    np.testing.assert_allclose(b.components_, a.components_ * scale, rtol=1e-9)
    jacobian = np.sum(~np.isnan(X) @ np.log(scale))
    assert b.loglike_[-1] == pytest.approx(a.loglike_[-1] - jacobian, abs=1e-6)


def test_the_prior_helps_on_new_rows_where_rows_are_few():
    X, *_ = planted(2000)
    few, new = X[:60], X[60:]
    scores = [mixture(3, 3, prior_weight=w).fit(few).score(new) for w in (0.0, 3.0)]
    assert scores[1] > scores[0] + 0.3
    chosen = mixture(3, 3, noise_floor=1e-3).fit(few)
    assert chosen.prior_weight_ > 0
    assert chosen.score(new) > scores[0] + 0.3


def test_split_and_merge_leaves_a_poor_maximum():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, 3], 60)
    centers = np.array([[-20.0, 0], [20, -4], [20, 4], [20, 12]])
    X = centers[labels] + rng.standard_normal((240, 2))
    rows = mixture_rows.prepared(X, np.ones(len(X)), np.ones(2))
    # The far cluster is cut in two, and two others are taken for one.
    wrong = np.where(labels == 0, np.arange(240) % 2, np.where(labels == 1, 2, 3))
    wrong[labels == 2] = 2
    rule, how = em.Rule(False, False, 1e-3), {"tol": 1e-5, "max_iter": 300}
    again = partial(starts.fit_from, rule=rule, **how)
    start = starts.from_labels(rows, wrong, 4, 0, rule)
    stuck, seeds = again(start), np.random.RandomState(0)
    _, moved = starts.split_and_merge(start[0], stuck, rule, seeds, again, how["tol"])
    assert moved.objective[-1] > stuck.objective[-1] + 0.1
    truth = starts.from_labels(rows, labels, 4, 0, rule)
    assert moved.objective[-1] > again(truth).objective[-1] - 1e-3


def test_split_merge_never_ends_lower():
    rng = np.random.default_rng(0)
    centers = rng.uniform(-12, 12, (12, 2))
    X = np.concatenate([c + rng.standard_normal((40, 2)) for c in centers])
    how = {"n_init": 1, "prior_weight": 0, "tol": 1e-3}
    gains = []
    for seed in (0, 3):
        plain, moved = (
            MixtureOfFactorAnalyzers(12, 0, split_merge=flag, random_state=seed, **how).fit(X)
            for flag in (False, True)
        )
        gains.append(moved.score(X) - plain.score(X))
    assert min(gains) > -1e-9
    assert max(gains) > 1e-3


def test_partial_fit_goes_on_with_the_moments():
    X, labels, means, _ = planted(900)
    model = mixture(3, 2).partial_fit(X[:150])
    first = model.score(X)
    for start in range(150, 900, 150):
        assert model.partial_fit(X[start : start + 150]) is model
    assert model.score(X) > first
    assert model.score(X) == pytest.approx(mixture(3, 2).fit(X).score(X), abs=0.2)
    assert model.weights_.sum() == pytest.approx(1)
    assert len(model.loglike_) == model.n_iter_


def test_weights_of_partial_fit_are_repeats():
    X, *_ = planted(300)
    a, b = (mixture(3, 1).fit(X[:200]) for _ in range(2))
    a.partial_fit(X[200:], sample_weight=np.full(100, 2.0))
    b.partial_fit(np.repeat(X[200:], 2, axis=0))
    same_model(a, b, rtol=1e-9, atol=1e-9)


def test_errors_say_what_value_remedy():
    X, *_ = planted(60)
    with pytest.raises(ValueError, match=r"n_components=9 exceeds .*=6; lower it"):
        mixture(2, 9).fit(X)
    with pytest.raises(ValueError, match=r"n_clusters=5 exceeds 2 distinct rows of X; lower it"):
        mixture(5, 1).fit(np.repeat(X[:2], 10, axis=0))
    with pytest.raises(ValueError, match="no observed value in column 1"):
        mixture(2, 1).fit(np.where(np.arange(D) == 1, np.nan, X))
    model = mixture(2, 1).fit(X)
    with pytest.raises(ValueError, match="complete rows, but X has NaN; call fit"):
        model.partial_fit(with_holes(X))
    with pytest.raises(ValueError, match="n_clusters=3, since the model has 2; start"):
        model.set_params(n_clusters=3).partial_fit(X)
    with pytest.raises(ValueError, match="fit to missing values"):
        mixture(2, 1).fit(with_holes(X)).partial_fit(X)


def test_a_fit_that_max_iter_ends_warns():
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        mixture(3, 2, n_init=1, tol=0, max_iter=2).fit(WINE)


def test_grid_search_needs_no_scoring():
    X, *_ = planted(300)
    search = GridSearchCV(mixture(3, prior_weight=0), {"n_components": [0, 2, 5]}).fit(X)
    assert search.best_params_ == {"n_components": 2}


def test_few_and_constant_rows():
    constant = np.column_stack([IRIS, np.full(len(IRIS), 3.0)])
    model = mixture(2, 1).fit(constant)
    assert np.isfinite(model.score(constant))
    np.testing.assert_allclose(model.means_[:, 4], 3.0)
    for X in (IRIS[:2], IRIS[:3, :1], np.ones((5, 2))):
        assert np.isfinite(mixture().fit(X).score(X))


def test_a_row_that_observes_nothing_says_nothing():
    model = mixture(3, 1).fit(IRIS)
    nothing = np.full((1, 4), np.nan)
    np.testing.assert_allclose(model.score_samples(nothing), 0.0, atol=1e-12)
    np.testing.assert_allclose(model.predict_proba(nothing)[0], model.weights_)
    np.testing.assert_allclose(model.impute(nothing)[0], model.weights_ @ model.means_)


def test_clusters_beat_k_means_on_long_ones():
    rng = np.random.default_rng(0)
    long = rng.standard_normal((2, 300, 1)) * [[[6.0, 0.5]], [[0.5, 6.0]]]
    X = np.concatenate(long + 0.2 * rng.standard_normal((2, 300, 2)))
    labels = np.repeat([0, 1], 300)
    k_means = adjusted_rand_score(labels, KMeans(2, n_init=3, random_state=0).fit_predict(X))
    assert adjusted_rand_score(labels, mixture(2, 1).fit(X).predict(X)) > k_means + 0.2


def test_a_column_that_a_row_or_two_vary_bounds_no_variance():
    rng = np.random.default_rng(0)
    X = np.column_stack([planted(300)[0], np.zeros(300)])
    X[0, D] = 0.1
    new = X[1:] + np.eye(D + 1)[D] * (rng.random((299, 1)) < 0.01)
    model = mixture(3, 2).fit(X)
    assert model.score(new) > model.score(X) - 10
    # The unit of the others bounds its noise.
    typical = np.median(X[:, :D].std(axis=0))
    floor = model.noise_floor_ * typical**2
    np.testing.assert_allclose(model.noise_variance_[:, D].min(), floor, rtol=0.5)
