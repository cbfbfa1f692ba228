"""Rotated factors: R's answers, units, order, degrees of freedom, and no factors at all."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from skgen import FactorAnalysis, ProbabilisticPCA
from skgen.exceptions import IdentificationWarning

ABILITY = np.array(
    [
        [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
        [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
        [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
        [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
        [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
        [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ]
)


def rows_with(S, n):
    """Rows whose covariance is S to the last digit."""
    Z = np.random.default_rng(0).standard_normal((n, len(S)))
    Z -= Z.mean(axis=0)
    return np.sqrt(n) * np.linalg.qr(Z)[0] @ np.linalg.cholesky(S).T


def nearest(L, reference):
    """Largest difference of loadings (d, k), columns in the order and signs that fit best."""
    ends = []
    for order in permutations(range(L.shape[1])):
        own = L[:, order]
        own = own * np.sign(np.sum(own * reference, axis=0))
        ends.append((np.abs(own - reference).max(), order))
    return min(ends)


def standardized(model):
    scale = np.sqrt(np.diag(model.get_covariance()))
    return (model.components_ / scale).T


def loose_varimax(A, eps=1e-5):
    """Varimax by the iteration of R, which stops at a relative gain of 1e-5."""
    lengths = np.linalg.norm(A, axis=1, keepdims=True)
    A, T, before = A / lengths, np.eye(A.shape[1]), 0.0
    while True:
        L = A @ T
        U, s, V = np.linalg.svd(A.T @ (L**3 - L * (L**2).mean(axis=0)))
        T = U @ V
        if s.sum() < before * (1 + eps):
            return A @ T * lengths
        before = s.sum()


REFERENCES = [("ability", 112, 2), *(("harman74", 145, k) for k in (3, 4, 5))]


@pytest.mark.parametrize(("name", "n", "k"), REFERENCES)
def test_r_rotates_to_the_same_loadings(data_file, name, n, k):
    pd = pytest.importorskip("pandas")
    folder = data_file("factor_reference")
    short = {"ability": "ability", "harman74": "h74"}[name]

    def table(end):
        return pd.read_csv(folder / end, index_col=0).to_numpy(float)

    S = table(f"{name}.csv")
    X = rows_with(S, n) * np.geomspace(1e-3, 1e3, len(S))
    plain = FactorAnalysis(k, tol=1e-10).fit(X)
    psi = plain.noise_variance_ / X.var(axis=0)
    np.testing.assert_allclose(psi, table(f"ref_{short}{k}_uniq.csv").ravel(), atol=1e-5)
    for rotation in ("promax", "oblimin"):
        model = FactorAnalysis(k, tol=1e-10, rotation=rotation).fit(X)
        error, order = nearest(standardized(model), table(f"ref_{short}{k}_{rotation}K.csv"))
        assert error < 1e-3
        Phi = np.abs(model.factor_correlation_[np.ix_(order, order)])
        assert np.abs(Phi - np.abs(table(f"ref_{short}{k}_{rotation}Kphi.csv"))).max() < 2.5e-3
    reference = table(f"ref_{short}{k}_varimaxK.csv")
    # R's varimax stops a little early; where it stops is the reference to the last digit.
    assert nearest(loose_varimax(standardized(plain)), reference)[0] < 1e-5
    model = FactorAnalysis(k, tol=1e-10, rotation="varimax").fit(X)
    assert nearest(standardized(model), loose_varimax(standardized(plain), 1e-14))[0] < 1e-5
    assert nearest(standardized(model), reference)[0] < 4e-3


def test_the_printed_varimax_solution_of_the_ability_tests():
    model = FactorAnalysis(2, rotation="varimax", tol=1e-9).fit(rows_with(ABILITY, 112))
    printed = [
        [0.499, 0.156, 0.206, 0.109, 0.956, 0.785],
        [0.543, 0.622, 0.860, 0.468, 0.182, 0.225],
    ]
    np.testing.assert_allclose(standardized(model).T, printed, atol=4e-3)
    without = FactorAnalysis(2, rotation="varimax", normalize=False).fit(rows_with(ABILITY, 112))
    assert nearest(standardized(without), np.array(printed).T)[0] > 0.03


@pytest.mark.parametrize("rotation", [None, "varimax", "quartimax", "promax", "oblimin"])
def test_factors_come_by_the_variance_that_they_explain(rotation):
    model = FactorAnalysis(3, rotation=rotation, tol=1e-6).fit(
        rows_with(np.kron(np.eye(3), np.full((4, 4), 0.5)) + 0.5 * np.eye(12), 100)
        @ np.diag(np.repeat([1.0, 10.0, 0.1], 4))
    )
    squares = np.sum(standardized(model) ** 2, axis=0)
    assert np.all(np.diff(squares) <= 1e-6)
    X = model.sample(20, random_state=0)
    posterior = multivariate_normal(model.mean_, model.get_covariance()).logpdf(X)
    np.testing.assert_allclose(model.score_samples(X), posterior)


def test_holzinger_and_swineford_have_the_textbook_factors(data_file):
    pd = pytest.importorskip("pandas")
    table = pd.read_csv(data_file("holzinger_swineford.csv"))
    nine = ["visual", "cubes", "flags", "paragrap", "sentence", "wordm",
            "addition", "counting", "straight"]  # fmt: skip
    assert FactorAnalysis().fit(table[nine]).n_components_ == 3
    assert FactorAnalysis().fit(table.loc[:, "visual":"arithmet"]).n_components_ == 4
    model = FactorAnalysis(3, rotation="oblimin").fit(table[nine])
    # Each group of three tests loads highest on a factor of its own.
    assert sorted(np.argmax(standardized(model), axis=1)[::3]) == [0, 1, 2]
    assert all(
        len(set(group)) == 1 for group in np.argmax(standardized(model), axis=1).reshape(3, 3)
    )


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_negative_degrees_of_freedom_are_said(rng):
    X = rng.standard_normal((100, 6))
    for k, freedom in ((0, 15), (1, 9), (3, 0)):
        assert FactorAnalysis(k, noise_floor=1e-8).fit(X).degrees_of_freedom_ == freedom
    with pytest.warns(IdentificationWarning, match=r"4 of 6 features .*=-3: .* lower it to 3"):
        assert FactorAnalysis(4, noise_floor=1e-8, tol=1.0).fit(X).degrees_of_freedom_ == -3
    assert FactorAnalysis().fit(X[:, :2]).degrees_of_freedom_ == -1  # not the user's choice


@pytest.mark.filterwarnings("ignore::skgen.exceptions.IdentificationWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_criteria_count_no_more_than_the_saturated_model(rng):
    X = rng.standard_normal((100, 2)) @ rng.standard_normal((2, 5)) + rng.standard_normal((100, 5))
    for model in (FactorAnalysis(5), FactorAnalysis(4), ProbabilisticPCA(5), ProbabilisticPCA(4)):
        model.fit(X)
        assert model.bic(X) - model.aic(X) == pytest.approx((np.log(100) - 2) * (5 + 15))
    mask = np.ones((2, 5), dtype=bool)
    mask[0, 3:] = mask[1, :2] = False
    model = FactorAnalysis(2, loadings_mask=mask).fit(X)
    assert model.bic(X) - model.aic(X) == pytest.approx((np.log(100) - 2) * (5 + 5 + 6))


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("shape", [(80, 4), (5, 9)])
@pytest.mark.parametrize("estimator", [FactorAnalysis, ProbabilisticPCA])
def test_no_components_is_the_independence_model(estimator, shape, gaps, rng):
    X = rng.standard_normal(shape) * np.geomspace(1, 10, shape[1]) + 3
    if gaps:
        X[rng.random(shape) < 0.2] = np.nan
    model = estimator(0).fit(X)
    mean, variance = np.nanmean(X, axis=0), np.nanvar(X, axis=0)
    if estimator is ProbabilisticPCA:
        variance = np.full(shape[1], np.nanmean((X - mean) ** 2))
    np.testing.assert_allclose(model.get_covariance(), np.diag(variance))
    terms = -0.5 * (np.log(2 * np.pi * variance) + (X - mean) ** 2 / variance)
    np.testing.assert_allclose(model.score_samples(X), np.nansum(terms, axis=1))
    assert model.loglike_[-1] == pytest.approx(np.nansum(terms))
    assert model.transform(X).shape == (shape[0], 0)
    np.testing.assert_allclose(model.inverse_transform(model.transform(X))[0], mean)
    np.testing.assert_allclose(model.impute(np.full((1, shape[1]), np.nan))[0], mean)
    assert model.sample(3, random_state=0).shape == (3, shape[1])
    assert model.sample_conditional(X, 2, random_state=0).shape == (2, *shape)
