"""Independent component analysis: likelihood, sources, equivariance, conditionals, options."""

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from skgen import ICA, ProbabilisticPCA
from skgen.exceptions import HeywoodWarning
from skgen.metrics import amari_distance
from tests.linear.ica_sources import sources


@pytest.fixture
def A(rng):
    return rng.standard_normal((5, 5))


@pytest.fixture
def S(rng):
    return sources(rng)


@pytest.fixture
def X(S, A):
    return S @ A.T + [3.0, 0, -2, 0, 100]


OPTIONS = [
    {},
    {"orthogonal": False},
    {"solver": "fixed_point"},
    {"fun": "exp"},
    {"fun": "cube"},
    {"fun": "fitted"},
    {"fun": "fitted", "orthogonal": False},
    {"fun": "fitted", "solver": "fixed_point"},
    {"whiten": "arbitrary-variance", "orthogonal": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_sources_are_found(options, X, A):
    model = ICA(**{"n_components": None, **options}).fit(X)
    assert amari_distance(model.components_, A) < 0.005
    np.testing.assert_allclose(model.inverse_transform(model.transform(X)), X, atol=1e-9)
    np.testing.assert_allclose(model.components_ @ model.mixing_, np.eye(5), atol=1e-9)


def test_fitted_densities_find_more(rng, X, A):
    """Laplacian, uniform and exponential sources are not what one contrast assumes."""
    plain, fitted = (
        amari_distance(ICA(None, fun=f).fit(X).components_, A) for f in ("logcosh", "fitted")
    )
    assert fitted < 0.7 * plain


def test_many_laplacian_sources_as_well_as_the_fixed_point_of_others():
    rng = np.random.default_rng(0)
    S, A = rng.laplace(size=(10_000, 50)), rng.standard_normal((50, 50))
    X = S @ A.T
    ours, free, fitted = (
        amari_distance(ICA(**{"n_components": None, **options}).fit(X).components_, A)
        for options in ({}, {"orthogonal": False}, {"fun": "fitted"})
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = amari_distance(
            FastICA(None, whiten="unit-variance", random_state=0).fit(X).components_, A
        )
    assert ours < 1.01 * theirs
    # Neither orthogonality in the sample nor log cosh is the truth.
    assert free <= 0.0055
    assert fitted <= 0.005


def test_scores_are_the_change_of_variables(X):
    """The density of a row is that of its sources times the Jacobian, from one-dimensional fits."""
    model = ICA(None).fit(X)
    Z = model.transform(X[:50])
    h, total = 1e-5, np.zeros(50)
    for j in range(5):
        # The density of one source is the slope of the distribution function of its mixture.
        own = model._density.of(j)
        parts = [p[own, None] for p in model._density[1:]]

        def cdf(y, parts=parts):
            weights, centers, widths = parts
            return (weights * stats.norm.cdf(y, centers, widths)).sum(axis=0)

        total += np.log((cdf(Z[:, j] + h) - cdf(Z[:, j] - h)) / (2 * h))
    jacobian = np.array([model.transform(X[:1] + e) - model.transform(X[:1]) for e in np.eye(5)])
    expected = total + np.log(np.abs(np.linalg.det(jacobian[:, 0])))
    np.testing.assert_allclose(model.score_samples(X[:50]), expected, atol=1e-5)


@pytest.mark.parametrize("k", [1, 2])
def test_density_integrates_to_one(k, rng):
    X = sources(rng, k=2) @ rng.standard_normal((2, 2)) + 5
    model = ICA(k).fit(X)
    t = np.linspace(-25, 45, 1801)
    grid = np.stack(np.meshgrid(t, t), axis=-1).reshape(-1, 2)
    mass = np.exp(model.score_samples(grid)).sum() * (t[1] - t[0]) ** 2
    assert mass == pytest.approx(1, abs=1e-4)


def test_fewer_sources_leave_gaussian_noise(rng):
    """With Gaussian rows the density is that of probabilistic PCA."""
    X = (
        rng.standard_normal((20_000, 6))
        * [5, 4, 3, 1, 1, 1]
        @ np.linalg.qr(rng.standard_normal((6, 6)))[0]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours = ICA(3).fit(X)
    theirs = ProbabilisticPCA(3).fit(X)
    assert ours.noise_variance_ == pytest.approx(theirs.noise_variance_)
    assert ours.score(X) == pytest.approx(theirs.score(X), abs=0.01)
    draws = ours.sample(100_000, random_state=0)
    np.testing.assert_allclose(np.cov(draws.T), np.cov(X.T), atol=0.6)


@pytest.mark.parametrize("options", OPTIONS[:6], ids=str)
def test_any_mixing_gives_the_same_sources(options, X, rng):
    """The answer follows the rows through any invertible map, to the last digits."""
    B = rng.standard_normal((5, 5)) + 2 * np.eye(5)
    a, b = (ICA(None, tol=1e-9, **options).fit(Y) for Y in (X, X @ B.T + 7))
    Z, other = a.transform(X), b.transform(X @ B.T + 7)
    match = np.abs(np.corrcoef(Z.T, other.T)[:5, 5:]).argmax(axis=1)
    assert sorted(match) == list(range(5))
    other = other[:, match]
    other *= np.sign(np.sum(other * Z, axis=0))
    np.testing.assert_allclose(other, Z, atol=1e-8)
    change = np.linalg.slogdet(B)[1]
    np.testing.assert_allclose(b.score_samples(X @ B.T + 7) + change, a.score_samples(X), atol=1e-7)


@pytest.mark.parametrize("n_components", [None, 2, "auto"])
def test_the_order_of_rows_and_the_seed_do_not_matter(n_components, X, rng):
    order = rng.permutation(len(X))
    a = ICA(n_components, random_state=0).fit(X)
    b = ICA(n_components, random_state=1).fit(X[order])
    np.testing.assert_allclose(a.components_, b.components_, atol=1e-8)
    np.testing.assert_allclose(a.score_samples(X), b.score_samples(X), atol=1e-7)


def test_units_of_features_leave_the_sources(X):
    scale = np.array([1e-8, 1.0, 1e6, 1e15, 3.0])
    a, b = ICA(None).fit(X), ICA(None).fit(X * scale)
    np.testing.assert_allclose(a.transform(X), b.transform(X * scale), atol=1e-6)
    ratios = a.explained_variance_ratio_
    np.testing.assert_allclose(ratios, b.explained_variance_ratio_)
    assert ratios.sum() == pytest.approx(1)
    assert (np.diff(ratios) <= 0).all()


def test_signs_are_fixed(X):
    model = ICA(None).fit(X)
    loadings = model.mixing_ / X.std(axis=0)[:, None]
    assert (loadings[np.abs(loadings).argmax(axis=0), np.arange(5)] > 0).all()
    np.testing.assert_allclose(ICA(None).fit(-X).mixing_, model.mixing_, atol=1e-8)


def test_weights_are_repetitions(X, rng):
    w = rng.integers(0, 3, 600)
    a = ICA(None, fun="fitted").fit(X[:600], sample_weight=w)
    b = ICA(None, fun="fitted").fit(X[:600].repeat(w, axis=0))
    np.testing.assert_allclose(a.components_, b.components_, rtol=1e-6)
    np.testing.assert_allclose(a.score_samples(X), b.score_samples(X), rtol=1e-6)


def test_single_precision(X):
    a, b = ICA(None).fit(X), ICA(None).fit(X.astype(np.float32))
    np.testing.assert_allclose(a.components_, b.components_, atol=2e-3)
    assert b.score(X.astype(np.float32)) == pytest.approx(a.score(X), abs=1e-3)
    assert b.transform(X.astype(np.float32)).dtype == np.float32


def test_a_rough_way_leads_to_the_same_end(rng, monkeypatch):
    """Many rows start in single precision, which only the number of digits may tell."""
    X = sources(rng, n=20_000, k=14) @ rng.standard_normal((14, 14))
    ends = []
    for least in (0, np.inf):
        monkeypatch.setattr("skgen.linear.ica_fit.LARGE", least)
        ends.append([ICA(None, **o).fit(X).components_ for o in ({}, {"orthogonal": False})])
    for a, b in zip(*ends):
        np.testing.assert_allclose(a, b, atol=2e-3)
    monkeypatch.setattr("skgen.linear.ica_fit.LARGE", 0)
    tight = ICA(None, tol=1e-10).fit(X)
    assert tight.gradient_norm_ <= 1e-10


@pytest.mark.parametrize("options", [{}, {"orthogonal": False}, {"n_components": 3}], ids=str)
def test_mini_batches_come_close_to_all_rows(options, rng, A):
    S = sources(rng, n=12_000)
    X = S @ A.T + 5
    streamed = ICA(**{"n_components": None, **options})
    for rows in np.split(X, 24):
        assert streamed.partial_fit(rows) is streamed
    first, whole = (
        ICA(**{"n_components": None, **options}).fit(X[:500]),
        ICA(**{"n_components": None, **options}).fit(X),
    )
    assert streamed.score(X) > whole.score(X) - 0.03
    assert streamed.score(X) > first.score(X)
    np.testing.assert_allclose(streamed.mean_, X.mean(axis=0))
    if "n_components" not in options:
        one, all_rows, some = (amari_distance(m.components_, A) for m in (first, whole, streamed))
        assert some < 3 * all_rows
        assert some < 0.3 * one


def test_a_batch_of_another_scale(rng):
    """Directions that hardly vary beside a huge one are kept: the first batch decided on them."""
    X = rng.laplace(size=(300, 3)) * [3, 2, 1]
    model = ICA(2).partial_fit(X)
    model.partial_fit(X * [1e12, 1, 1])
    assert model.n_components_ == 2
    assert np.isfinite(model.score_samples(X)).all()
    model.partial_fit(X)
    assert np.isfinite(model.components_).all()


def test_a_batch_out_of_range_is_refused(X):
    """By the error alone: warnings are errors here."""
    model = ICA(None).partial_fit(X)
    before = model.components_
    with pytest.raises(ValueError, match="leave the range of float64"):
        model.partial_fit(X * 1e200)
    assert model.components_ is before


def test_the_model_has_the_mean_of_the_rows(X):
    """Exactly, also where a source is skewed."""
    model = ICA(None).fit(X)
    parts = np.add.reduceat(
        model._density.weights * model._density.centers, model._density.starts[:-1]
    )
    np.testing.assert_allclose(parts, 0, atol=1e-12)
    np.testing.assert_allclose(model.transform(X).mean(axis=0), 0, atol=1e-10)


def test_number_of_sources_by_held_out_likelihood(rng):
    X = 3 * sources(rng, n=2000, k=3) @ np.linalg.qr(rng.standard_normal((8, 8)))[0][:3]
    X += 0.3 * rng.standard_normal(X.shape)
    model = ICA("auto").fit(X)
    assert model.n_components_ == 3
    assert model.noise_variance_ == pytest.approx(0.09, rel=0.05)
    search = GridSearchCV(ICA(None), {"n_components": [1, 2, 3, 6]}, cv=3).fit(X)
    assert search.best_params_ == {"n_components": 3}
    assert search.best_score_ > ProbabilisticPCA(3).fit(X).score(X)


def test_one_missing_entry_by_integration(rng):
    X = sources(rng, k=2) @ np.array([[1.0, 0.4], [-0.7, 1.0]])
    model = ICA(None, n_gibbs_steps=4000).fit(X)
    gaps = np.array([[0.5, np.nan], [np.nan, -1.2], [2.0, np.nan]])
    t = np.linspace(-15, 15, 6001)
    for row, filled in zip(gaps, model.impute(gaps)):
        rows = np.where(np.isnan(row), t[:, None], row)
        p = np.exp(model.score_samples(rows))
        p /= p.sum()
        mean = p @ t
        sd = np.sqrt(p @ (t - mean) ** 2)
        assert filled[np.isnan(row)][0] == pytest.approx(mean, abs=0.06 * sd)
        model.set_params(n_gibbs_steps=30)
        draws = model.sample_conditional(row[None], 1500, random_state=0)[:, 0, np.isnan(row)]
        cdf = np.cumsum(p)
        assert stats.kstest(draws[:, 0], lambda x, cdf=cdf: np.interp(x, t, cdf)).pvalue > 1e-3


def test_imputation_beats_the_gaussian(rng, X):
    gaps = np.where(rng.random((400, 5)) < 0.2, np.nan, X[-400:])
    train = X[:-400]
    errors = [
        np.mean(((model.fit(train).impute(gaps) - X[-400:]) / X.std(axis=0))[np.isnan(gaps)] ** 2)
        for model in (ICA(None), ProbabilisticPCA(5))
    ]
    assert errors[0] < errors[1]


def test_rows_are_imputed_by_themselves(X):
    gaps = X[:6].copy()
    gaps[::2, 1] = np.nan
    model = ICA(None).fit(X)
    np.testing.assert_array_equal(model.impute(gaps)[4:], model.impute(gaps[4:]))


def test_rows_that_are_white_already(rng):
    S = sources(rng)
    S -= S.mean(axis=0)
    S = S @ np.linalg.inv(np.linalg.cholesky(np.cov(S.T, ddof=0))).T
    Q = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    model = ICA(None, whiten=False).fit(S @ Q.T)
    assert amari_distance(model.components_, Q) < 0.005
    np.testing.assert_allclose(model.components_ @ model.components_.T, np.eye(5), atol=1e-8)
    with pytest.raises(ValueError, match="whiten='unit-variance'"):
        ICA(2, whiten=False).fit(S)
    mixed = np.column_stack([S[:, :4], (S[:, 0] + S[:, 4]) / np.sqrt(2)])
    for rows, says in ((3 * S, "column . has variance 9"), (mixed, "columns 0 and 4 have cov")):
        with pytest.raises(ValueError, match=says):
            ICA(None, whiten=False).fit(rows)
    # Few rows of a white law are white up to chance, and so are those that others whitened.
    ICA(None, whiten=False).fit(S[:60])
    ICA(None, whiten=False).fit(1.02 * S)
    free = ICA(None, whiten=False, orthogonal=False).fit(3 * S @ Q.T)
    assert amari_distance(free.components_, Q) < 0.005


def test_scale_of_the_sources(X):
    free = ICA(None, whiten="arbitrary-variance", orthogonal=False).fit(X)
    unit = ICA(None, orthogonal=False).fit(X)
    np.testing.assert_allclose(unit.transform(X).std(axis=0), 1)
    assert (np.abs(free.transform(X).std(axis=0) - 1) > 0.05).all()
    np.testing.assert_allclose(free.score_samples(X), unit.score_samples(X))


def test_start(X, rng):
    W = rng.standard_normal((5, 5))
    a, b = ICA(None, tol=1e-9).fit(X), ICA(None, tol=1e-9, w_init=W).fit(X)
    np.testing.assert_allclose(a.components_, b.components_, atol=1e-6)
    with pytest.raises(ValueError, match="shape"):
        ICA(None, w_init=W[:2]).fit(X)
    with pytest.raises(ValueError, match="shape"):
        ICA(None, w_init=np.full((5, 5), np.nan)).fit(X)
    W[4] = W[0] - 2 * W[1]
    with pytest.raises(ValueError, match="w_init has rank 4"):
        ICA(None, w_init=W).fit(X)


def test_what_has_no_likelihood_is_refused(X):
    with pytest.raises(ValueError, match="orthogonal=False does nothing"):
        ICA(None, orthogonal=False, fun="cube").fit(X)
    with pytest.raises(ValueError, match="orthogonal=False does nothing"):
        ICA(None, orthogonal=False, solver="fixed_point").fit(X)
    with pytest.raises(ValueError, match="exceeds"):
        ICA(6).fit(X)
    with pytest.raises(ValueError, match="n_components"):
        ICA(0).fit(X)
    holes = np.where(X > 101, np.nan, X)
    with pytest.raises(ValueError, match="whiten=False needs complete rows"):
        ICA(None, whiten=False).fit(holes)
    with pytest.raises(ValueError, match="score_samples needs complete rows"):
        ICA(None).fit(X).score_samples(holes)
    with pytest.raises(ValueError, match="partial_fit needs complete rows"):
        ICA(None).fit(X).partial_fit(holes)
    with pytest.raises(ValueError, match="only 1 of n_samples = 3 does"):
        ICA(None).fit(np.vstack([X[:1], np.full((2, 5), np.nan)]))
    holes[:, 1] = np.nan
    with pytest.raises(ValueError, match="no observed value in column 1"):
        ICA(None).fit(holes)


def test_features_that_copy_others(X):
    with pytest.warns(HeywoodWarning, match="5 directions of 6 dimensions"):
        model = ICA(None).fit(np.column_stack([X, X[:, 0] + X[:, 1]]))
    assert model.n_components_ == 5
    with pytest.warns(HeywoodWarning):
        constant = ICA(None).fit(np.column_stack([X, np.full(len(X), 3.0)]))
    np.testing.assert_allclose(
        np.abs(constant.transform(np.column_stack([X, np.full(len(X), 3.0)]))).max(),
        np.abs(ICA(None).fit(X).transform(X)).max(),
        rtol=0.05,
    )


def test_gaussian_sources_have_no_negentropy(rng):
    S = sources(rng, n=20_000, k=3)
    S[:, 1] = rng.standard_normal(len(S))
    model = ICA(None).fit(S @ rng.standard_normal((3, 3)).T)
    assert np.sort(model.negentropy_)[0] < 0.003
    assert np.sort(model.negentropy_)[1] > 0.05


def test_too_few_iterations_are_told(X):
    with pytest.warns(ConvergenceWarning, match="after 1 iteration; raise max_iter=1"):
        ICA(None, max_iter=1).fit(X)


def test_a_clone_forgets(X):
    model = ICA(2, fun="exp").fit(X)
    twin = clone(model)
    assert not hasattr(twin, "components_")
    np.testing.assert_array_equal(twin.fit(X).components_, model.components_)
