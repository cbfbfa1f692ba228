"""Factor analysis against scikit-learn's, dense densities, and invariances."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import FactorAnalysis as TheirFactorAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, cross_val_score

from skgen import FactorAnalysis, ProbabilisticPCA
from skgen.exceptions import HeywoodWarning

ROTATIONS = [None, "varimax", "quartimax", "promax", "oblimin"]


@pytest.fixture
def X(rng):
    """Three factors, noise of a size of its own in each feature, different units."""
    X = rng.standard_normal((400, 3)) @ rng.standard_normal((3, 9))
    X += rng.standard_normal(X.shape) * rng.uniform(0.5, 1.5, 9)
    return X * 10.0 ** rng.integers(-1, 2, 9) + np.arange(9)


def dense(model):
    L, Phi = model.components_, model.factor_correlation_
    return L.T @ Phi @ L + np.diag(model.noise_variance_)


def up_to_sign(A, B):
    return A * np.sign(np.sum(A * B, axis=1))[:, None]


@pytest.mark.parametrize("rotation", [None, "varimax", "quartimax"])
def test_reproduces_scikit_learn(rng, rotation):
    L = np.kron(np.eye(2), np.ones(5)) + 0.2 * rng.standard_normal((2, 10))
    X = rng.standard_normal((500, 2)) @ L + 0.5 * rng.standard_normal((500, 10))
    theirs = TheirFactorAnalysis(2, tol=1e-10, max_iter=20_000, rotation=rotation).fit(X)
    ours = FactorAnalysis(2, tol=1e-10, rotation=rotation, normalize=False).fit(X)
    np.testing.assert_allclose(ours.noise_variance_, theirs.noise_variance_, atol=1e-6)
    assert ours.loglike_[-1] == pytest.approx(theirs.loglike_[-1], abs=1e-6)
    assert ours.score(X) == pytest.approx(theirs.score(X), abs=1e-9)
    # Their rotation stops at a relative change of 1e-6 in its criterion.
    atol = 1e-6 if rotation is None else 5e-3
    order = [int(np.argmax(np.abs(ours.components_ @ c))) for c in theirs.components_]
    mine = up_to_sign(ours.components_[order], theirs.components_)
    np.testing.assert_allclose(mine, theirs.components_, atol=atol)
    if rotation is None:
        mine = up_to_sign(ours.transform(X).T, theirs.transform(X).T).T
        np.testing.assert_allclose(mine, theirs.transform(X), atol=1e-5)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_score_is_the_density_whatever_the_rotation(X, rotation):
    model = FactorAnalysis(3, rotation=rotation).fit(X)
    expected = multivariate_normal(X.mean(0), dense(model)).logpdf(X)
    np.testing.assert_allclose(model.score_samples(X), expected)
    np.testing.assert_allclose(model.get_covariance(), dense(model))
    assert model.score(X) == pytest.approx(FactorAnalysis(3).fit(X).score(X))
    assert model.loglike_[-1] == pytest.approx(len(X) * model.score(X))
    np.testing.assert_allclose(np.diag(model.factor_correlation_), 1)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_posterior_is_gaussian_conditioning(X, rotation):
    model = FactorAnalysis(3, rotation=rotation).fit(X)
    L, Phi = model.components_, model.factor_correlation_
    gain = Phi @ L @ np.linalg.inv(dense(model))
    mean, covariance = model.posterior(X)
    np.testing.assert_allclose(mean, (X - model.mean_) @ gain.T, atol=1e-8)
    np.testing.assert_allclose(covariance[7], Phi - gain @ L.T @ Phi, atol=1e-10)
    np.testing.assert_allclose(model.transform(X), mean)


@pytest.mark.parametrize("rotation", [None, "oblimin"])
def test_bartlett_scores_undo_the_loadings(X, rotation):
    """Without noise the weighted least-squares factors are the factors themselves."""
    model = FactorAnalysis(3, rotation=rotation, scores="bartlett").fit(X)
    Z = np.random.default_rng(1).standard_normal((20, 3))
    np.testing.assert_allclose(model.transform(model.inverse_transform(Z)), Z, atol=1e-8)


def test_oblique_factors_are_recovered(rng):
    L = np.kron(np.eye(2), np.ones(6)) * rng.uniform(0.5, 1, 12)
    Z = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 20_000)
    X = Z @ L + 0.5 * rng.standard_normal((20_000, 12))
    model = FactorAnalysis(2, rotation="oblimin").fit(X)
    assert model.factor_correlation_[0, 1] == pytest.approx(0.5, abs=0.03)
    order = np.argsort(-model.components_[:, 0])
    np.testing.assert_allclose(model.components_[order], L, atol=0.05)


def test_units_of_the_features_do_not_matter(X):
    scale = 10.0 ** np.arange(-4, 5)
    a, b = FactorAnalysis(3).fit(X), FactorAnalysis(3).fit(X * scale)
    np.testing.assert_allclose(b.noise_variance_, a.noise_variance_ * scale**2, rtol=1e-5)
    assert b.score(X * scale) == pytest.approx(a.score(X) - np.log(scale).sum())


def test_em_reaches_the_same_maximum(X):
    em = FactorAnalysis(3, solver="em", tol=1e-6, max_iter=20_000).fit(X)
    newton = FactorAnalysis(3, tol=1e-6).fit(X)
    assert np.diff(em.loglike_).min() >= -1e-8
    assert newton.loglike_[-1] == pytest.approx(em.loglike_[-1], abs=1e-2)
    assert newton.n_iter_ < em.n_iter_ / 5


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_more_factors_and_free_noise_fit_better(X):
    scores = [FactorAnalysis(k).fit(X).score(X) for k in (1, 2, 3)]
    assert scores[0] < scores[1] < scores[2]
    assert FactorAnalysis(2).fit(X).score(X) > ProbabilisticPCA(2).fit(X).score(X)


def test_weights_are_repeated_rows(X, rng):
    weight = rng.integers(0, 4, len(X))
    a = FactorAnalysis(3).fit(X, sample_weight=weight)
    b = FactorAnalysis(3).fit(np.repeat(X, weight, axis=0))
    np.testing.assert_allclose(a.get_covariance(), b.get_covariance(), rtol=1e-6, atol=1e-6)


def test_partial_fit_is_fit(X):
    stream = FactorAnalysis(3, tol=1e-8)
    for rows in np.array_split(X, 5):
        assert stream.partial_fit(rows) is stream
    whole = FactorAnalysis(3, tol=1e-8).fit(X)
    np.testing.assert_allclose(stream.noise_variance_, whole.noise_variance_, rtol=1e-5)
    assert stream.loglike_[-1] == pytest.approx(whole.loglike_[-1])


def test_float32_far_from_zero(rng):
    X = rng.standard_normal((3000, 1)) @ rng.standard_normal((1, 5)) + rng.standard_normal(
        (3000, 5)
    )
    X = (X + 1e4).astype(np.float32)
    single, double = FactorAnalysis(1).fit(X), FactorAnalysis(1).fit(X.astype(np.float64))
    np.testing.assert_allclose(single.noise_variance_, double.noise_variance_, rtol=1e-4)
    assert single.transform(X).dtype == np.float32


def test_more_features_than_rows(rng):
    W = rng.standard_normal((2, 120))
    X = rng.standard_normal((60, 2)) @ W + rng.standard_normal((60, 120))
    wide = FactorAnalysis(2).fit(X)
    assert wide.score(X) == pytest.approx(wide.loglike_[-1] / 60)
    assert FactorAnalysis().fit(X).n_components_ == 2
    fresh = rng.standard_normal((500, 2)) @ W + rng.standard_normal((500, 120))
    truth = multivariate_normal(np.zeros(120), W.T @ W + np.eye(120)).logpdf(fresh).mean()
    assert truth - 15 < wide.score(fresh) < truth


def test_heywood_case_warns_with_names(rng):
    pd = pytest.importorskip("pandas")
    z = rng.standard_normal((200, 2))
    frame = pd.DataFrame(z @ rng.standard_normal((2, 5)), columns=list("abcde"))
    frame += rng.standard_normal(frame.shape)
    frame["copy"] = frame["a"]
    with pytest.warns(HeywoodWarning, match=r"2 features wholly.*: a, copy; lower n_components"):
        model = FactorAnalysis(2).fit(frame)
    np.testing.assert_allclose(
        model.noise_variance_[[0, 5]], 1e-4 * frame[["a", "copy"]].var(ddof=0), rtol=1e-6
    )
    assert model.n_iter_ < 100


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.IdentificationWarning")
@pytest.mark.parametrize("n_components", [1, 3, "auto", None])
def test_degenerate_data(rng, n_components):
    X = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 5))
    X[:, 4] = 7.0
    X[3:6] = X[0]
    model = FactorAnalysis(n_components).fit(X)
    assert np.isfinite(model.score(X))
    assert np.all(model.noise_variance_ > 0)


def test_one_feature(rng):
    X = rng.standard_normal((50, 1))
    model = FactorAnalysis().fit(X)
    assert model.score(X) == pytest.approx(
        multivariate_normal(X.mean(), X.var()).logpdf(X).mean(), abs=1e-6
    )


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_restricted_loadings(X):
    mask = np.ones((2, 9), dtype=bool)
    mask[0, 5:] = mask[1, :4] = False
    model = FactorAnalysis(2, loadings_mask=mask).fit(X)
    assert np.all(model.components_[~mask] == 0)
    assert model.loglike_[-1] == pytest.approx(len(X) * model.score(X))
    assert model.score(X) < FactorAnalysis(2).fit(X).score(X)
    free = FactorAnalysis(2, loadings_mask=np.ones((2, 9)), tol=1e-8).fit(X)
    assert free.score(X) == pytest.approx(FactorAnalysis(2, tol=1e-8).fit(X).score(X), abs=1e-5)


def test_errors_name_value_and_remedy(X):
    with pytest.raises(ValueError, match=r"n_components=10 exceeds .*=9; lower it"):
        FactorAnalysis(10).fit(X)
    with pytest.raises(ValueError, match=r"loadings_mask has shape \(1, 2\), but n_components=3"):
        FactorAnalysis(3, loadings_mask=[[True, False]]).fit(X)
    with pytest.raises(ValueError, match="leave both at their defaults"):
        FactorAnalysis(1, loadings_mask=np.ones((1, 9)), rotation="varimax").fit(X)
    with pytest.raises(ValueError, match="it needs 9 positive values"):
        FactorAnalysis(1, noise_variance_init=[1.0, 2.0]).fit(X)


def test_too_few_iterations_warn(X):
    with pytest.warns(ConvergenceWarning, match=r"raise max_iter=1 or tol"):
        FactorAnalysis(3, max_iter=1, tol=1e-9).fit(X)


def test_start_does_not_move_the_maximum(X):
    a = FactorAnalysis(3, tol=1e-9).fit(X)
    b = FactorAnalysis(3, tol=1e-9, noise_variance_init=X.var(0) * 0.1).fit(X)
    np.testing.assert_allclose(a.noise_variance_, b.noise_variance_, rtol=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_defaults_beat_scikit_learn_on_held_out_rows(load):
    X = load().data
    folds = KFold(5, shuffle=True, random_state=0)
    ours = cross_val_score(FactorAnalysis(), X, cv=folds).mean()
    assert ours > cross_val_score(TheirFactorAnalysis(max_iter=100), X, cv=folds).mean() + 0.2


def test_default_is_safe_where_test_rows_leave_the_training_range():
    """Pixels that are constant in training and not later must not ruin the held-out score."""
    X = load_digits().data
    train, test = X[:900], X[900:]
    assert FactorAnalysis().fit(train).score(test) > -200


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.parametrize("solver", ["quasi-newton", "em"])
def test_none_takes_no_more_factors_than_rows(rng, solver):
    X = rng.standard_normal((4, 7))
    assert FactorAnalysis(None, solver=solver).fit(X).n_components_ == 4
    assert FactorAnalysis(None, solver=solver).partial_fit(X).n_components_ == 4
