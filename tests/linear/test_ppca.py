"""Probabilistic PCA against scikit-learn's PCA, dense densities, and itself by another road."""

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import multivariate_normal
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA

from skgen import ProbabilisticPCA
from skgen.exceptions import HeywoodWarning

SOLVERS = ["covariance", "gram", "randomized"]


@pytest.fixture
def X(rng):
    """Three strong directions, one mean a feature, and noise."""
    X = 3 * rng.standard_normal((200, 3)) @ rng.standard_normal((3, 10))
    return X + rng.standard_normal(X.shape) + np.arange(10)


def model_covariance(model):
    return model.loadings_.T @ model.loadings_ + model.noise_variance_ * np.eye(
        model.n_features_in_
    )


@pytest.mark.parametrize("solver", SOLVERS)
def test_reproduces_scikit_learn(X, solver):
    n = len(X)
    model = ProbabilisticPCA(3, solver=solver, random_state=0).fit(X)
    pca = PCA(3).fit(X)
    np.testing.assert_allclose(model.components_, pca.components_, atol=1e-6)
    np.testing.assert_allclose(model.explained_variance_, pca.explained_variance_ * (n - 1) / n)
    np.testing.assert_allclose(model.explained_variance_ratio_, pca.explained_variance_ratio_)
    assert model.noise_variance_ == pytest.approx(pca.noise_variance_ * (n - 1) / n)
    np.testing.assert_allclose(model.mean_, pca.mean_)
    assert model.score(X) >= pca.score(X)
    assert model.loglike_[-1] == pytest.approx(n * model.score(X))


def test_score_is_the_density(X):
    model = ProbabilisticPCA(3).fit(X)
    expected = multivariate_normal(X.mean(0), model_covariance(model)).logpdf(X)
    np.testing.assert_allclose(model.score_samples(X), expected)
    np.testing.assert_allclose(model.get_covariance(), model_covariance(model))
    np.testing.assert_allclose(
        model.get_precision() @ model.get_covariance(), np.eye(10), atol=1e-9
    )


def test_loadings_are_a_stationary_point(X):
    """Nudging any loading or the noise lowers the likelihood."""
    model = ProbabilisticPCA(2).fit(X)
    best = model.score(X)
    rng = np.random.default_rng(1)
    for size in (1e-2, 1e-1):
        for _ in range(10):
            W = model.loadings_ + size * rng.standard_normal(model.loadings_.shape)
            sigma2 = model.noise_variance_ * np.exp(size * rng.standard_normal())
            C = W.T @ W + sigma2 * np.eye(10)
            assert multivariate_normal(model.mean_, C).logpdf(X).mean() < best


@pytest.mark.parametrize(("n", "d"), [(15, 40), (40, 15)])
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_gives_the_same_model(rng, n, d, solver):
    X = rng.standard_normal((n, d)) * 0.7 ** np.arange(d)
    weight = rng.uniform(0.5, 2, n)
    reference = ProbabilisticPCA(4, solver="covariance").fit(X, sample_weight=weight)
    model = ProbabilisticPCA(4, solver=solver, random_state=0).fit(X, sample_weight=weight)
    np.testing.assert_allclose(model.get_covariance(), reference.get_covariance(), atol=1e-8)


@pytest.mark.parametrize("solver", SOLVERS)
def test_sparse_rows_give_the_dense_model(rng, solver):
    X = rng.poisson(0.3, (60, 20)) * rng.uniform(1, 5, 20)
    dense = ProbabilisticPCA(3, solver=solver, random_state=0).fit(X)
    rows = ProbabilisticPCA(3, solver=solver, random_state=0).fit(sparse.csr_array(X))
    np.testing.assert_allclose(rows.get_covariance(), dense.get_covariance(), atol=1e-8)
    np.testing.assert_allclose(
        rows.score_samples(sparse.csr_matrix(X)), dense.score_samples(X), atol=1e-8
    )
    np.testing.assert_allclose(rows.transform(sparse.csr_array(X)), dense.transform(X), atol=1e-8)


def test_float32_far_from_zero_keeps_its_digits(rng):
    X = (1e4 + rng.standard_normal((5000, 6))).astype(np.float32)
    single = ProbabilisticPCA(2).fit(X)
    double = ProbabilisticPCA(2).fit(X.astype(np.float64))
    np.testing.assert_allclose(single.get_covariance(), double.get_covariance(), atol=1e-5)
    assert single.score(X) == pytest.approx(double.score(X.astype(np.float64)), abs=1e-5)
    assert single.transform(X).dtype == np.float32
    np.testing.assert_allclose(single.transform(X), double.transform(X), atol=1e-3)


def test_partial_fit_is_fit(X):
    whole = ProbabilisticPCA(3).fit(X)
    stream = ProbabilisticPCA(3)
    for rows in np.array_split(X, 7):
        assert stream.partial_fit(rows) is stream
    np.testing.assert_allclose(stream.get_covariance(), whole.get_covariance(), rtol=1e-9)
    assert stream.loglike_[-1] == pytest.approx(whole.loglike_[-1])
    # It goes on from a fit, and chooses the dimension from all rows seen.
    begun = ProbabilisticPCA().fit(X[:150]).partial_fit(X[150:])
    assert begun.n_components_ == ProbabilisticPCA().fit(X).n_components_ == 3


@pytest.mark.filterwarnings("ignore:2 of 10 dimensions:skgen.exceptions.HeywoodWarning")
def test_partial_fit_row_by_row(X):
    stream = ProbabilisticPCA(2)
    for row in X[:30]:
        stream.partial_fit(row[None])
    expected = ProbabilisticPCA(2).fit(X[:30])
    np.testing.assert_allclose(stream.get_covariance(), expected.get_covariance(), rtol=1e-8)


@pytest.mark.parametrize(
    ("n_components", "k"), [(2, 2), ("auto", 3), ("mle", 3), (0.5, 1), (None, 10)]
)
def test_choice_of_the_dimension(X, n_components, k):
    assert ProbabilisticPCA(n_components).fit(X).n_components_ == k


def test_posterior_and_sampling(X):
    model = ProbabilisticPCA(3).fit(X)
    mean, covariance = model.posterior(X[:5])
    gain = model.loadings_ @ np.linalg.inv(model_covariance(model))
    np.testing.assert_allclose(mean, (X[:5] - model.mean_) @ gain.T)
    np.testing.assert_allclose(covariance[0], np.eye(3) - gain @ model.loadings_.T, atol=1e-12)
    np.testing.assert_allclose(mean, model.transform(X[:5]))
    draws = model.sample(100_000, random_state=0)
    C = model_covariance(model)
    np.testing.assert_allclose(np.cov(draws.T), C, atol=5 * np.sqrt(2 / 100_000) * C.max())
    np.testing.assert_allclose(draws.mean(0), X.mean(0), atol=0.1)


def test_information_criteria_find_the_planted_dimension(X):
    models = {k: ProbabilisticPCA(k).fit(X) for k in range(1, 8)}
    assert min(models, key=lambda k: models[k].bic(X)) == 3
    gap = models[3].bic(X) - models[3].aic(X)
    n_parameters = 10 + 10 * 3 - 3 + 1
    assert gap == pytest.approx((np.log(200) - 2) * n_parameters)


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.parametrize("n_components", [1, 2, "auto", "mle", 0.9, None])
def test_degenerate_data(rng, n_components):
    """Rank deficiency, a constant feature, duplicate rows: a finite model."""
    X = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 5))
    X[:, 4] = 7.0
    X[3:6] = X[0]
    model = ProbabilisticPCA(n_components).fit(X)
    assert np.isfinite(model.score(X))
    assert model.noise_variance_ > 0
    assert np.isfinite(ProbabilisticPCA(n_components).fit(np.ones((4, 3))).score(np.ones((2, 3))))


def test_one_feature_and_one_row(rng):
    X = rng.standard_normal((50, 1))
    assert ProbabilisticPCA().fit(X).score(X) == pytest.approx(
        multivariate_normal(X.mean(), X.var()).logpdf(X).mean()
    )
    with pytest.raises(ValueError, match="n_samples = 1; give more rows"):
        ProbabilisticPCA().fit(np.ones((1, 4)))


def test_errors_name_value_and_remedy(X):
    with pytest.raises(ValueError, match=r"n_components=11 exceeds .*=10; lower it"):
        ProbabilisticPCA(11).fit(X)
    with pytest.raises(ValueError, match="'randomized' needs an integer n_components, got 'mle'"):
        ProbabilisticPCA("mle", solver="randomized").fit(X)
    with pytest.raises(ValueError, match="partial_fit needs complete rows"):
        ProbabilisticPCA(2).partial_fit([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="partial_fit cannot go on from this fit|had another"):
        ProbabilisticPCA(2).fit(X).set_params(n_components="auto").partial_fit(X)


def test_a_failed_fit_keeps_the_earlier_one(X):
    model = ProbabilisticPCA(2).fit(X)
    before = model.score(X)
    with pytest.raises(ValueError, match="exceeds"):
        model.set_params(n_components=5).fit(X[:, :4])
    assert model.n_features_in_ == 10
    assert model.score(X) == before


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_default_beats_every_single_dimension_by_little_or_more(load):
    """The default is within 2 % of the best fixed dimension on held-out rows."""
    X = load().data
    X = X[np.random.default_rng(0).permutation(len(X))]
    train, test = X[: len(X) // 2], X[len(X) // 2 :]
    best = max(
        ProbabilisticPCA(k).fit(train).score(test) for k in range(1, X.shape[1], X.shape[1] // 4)
    )
    assert ProbabilisticPCA().fit(train).score(test) > best - 0.02 * abs(best)


def test_sparse_wide_data_stay_sparse(rng, monkeypatch):
    """Text-like data: 60 rows, 50 000 columns; a dense copy would be refused here."""
    X = sparse.random_array((60, 50_000), density=1e-3, rng=rng, format="csr")
    monkeypatch.setattr(sparse.csr_array, "toarray", _small_only(sparse.csr_array.toarray))
    model = ProbabilisticPCA().fit(X)
    assert model.components_.shape[1] == 50_000
    assert ProbabilisticPCA(3, solver="randomized", random_state=0).fit(X).n_components_ == 3


def _small_only(toarray):
    def guarded(self, *args, **kwargs):
        # Blocks of rows are made dense by turns; the whole is not.
        assert self.shape[0] * self.shape[1] < 60 * 50_000
        return toarray(self, *args, **kwargs)

    return guarded


@pytest.mark.parametrize("solver", ["covariance", "gram"])
def test_the_noise_of_rank_deficient_rows_is_the_floor(rng, solver):
    X = rng.standard_normal((60, 2)) @ rng.standard_normal((2, 5))
    for floor in (1e-6, 1e-2):
        with pytest.warns(HeywoodWarning, match="2 of 5 dimensions .* is held at noise_floor"):
            model = ProbabilisticPCA(2, solver=solver, noise_floor=floor).fit(X)
        assert model.noise_variance_ == pytest.approx(floor * X.var(axis=0).mean())


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.parametrize("solver", ["covariance", "gram", "auto"])
def test_none_keeps_no_more_axes_than_rows(rng, solver):
    X = rng.standard_normal((6, 20))
    assert ProbabilisticPCA(None, solver=solver).fit(X).n_components_ == 6
    stream = ProbabilisticPCA(None).partial_fit(X[:4])
    assert stream.n_components_ == 4
    assert stream.partial_fit(X[4:]).n_components_ == 6


@pytest.mark.parametrize("n_components", [None, 3])
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_precision_inverts_the_covariance_whatever_is_kept(n_components):
    model = ProbabilisticPCA(n_components).fit(load_iris().data)
    product = model.get_covariance() @ model.get_precision()
    np.testing.assert_allclose(product, np.eye(4), atol=1e-12)


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_a_fraction_equal_to_a_sum_of_ratios_takes_one_more_axis():
    X = load_iris().data
    ratios = ProbabilisticPCA(None).fit(X).explained_variance_ratio_
    assert ProbabilisticPCA(ratios.cumsum()[-2]).fit(X).n_components_ == 4
