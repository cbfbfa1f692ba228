"""The choice of a size, weights, and the end of the iteration, with and without holes."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, KFold

from skgen import FactorAnalysis, ProbabilisticPCA
from skgen.kernels.linear.missing_em import State
from skgen.linear.held_out_choice import Fold, choose

ESTIMATORS = [ProbabilisticPCA, FactorAnalysis]
HEYWOOD = pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")


def table(seed, *, n=150, d=7, k=3, gaps=0.2):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, k)) @ rng.standard_normal((k, d))
    X += rng.uniform(0.5, 1.0, d) * rng.standard_normal(X.shape)
    X[rng.random(X.shape) < gaps] = np.nan
    return X


def models(estimator):
    return [estimator(), estimator(2)]


def same(a, b, X):
    assert a.n_components_ == b.n_components_
    # Both stop within tol of the same maximum.
    assert a.score(X) == pytest.approx(b.score(X), abs=1e-3)


@HEYWOOD
@pytest.mark.parametrize("gaps", [0.0, 0.2])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_order_repeats_and_weights_of_the_rows(estimator, gaps):
    """The order does not matter, a weight is a repeat, a common factor and zeros do nothing."""
    for seed in range(2):
        X = table(seed, gaps=gaps)
        rng = np.random.default_rng(seed)
        weight = rng.integers(1, 4, len(X))
        zero = np.append(weight, np.zeros(20))
        for model, other in zip(models(estimator), models(estimator)):
            plain = model.fit(X)
            same(plain, other.fit(X[rng.permutation(len(X))]), X)
            for c in (0.5, 1 / 150, 7.0):
                same(plain, other.fit(X, sample_weight=np.full(len(X), c)), X)
            repeated = model.fit(np.repeat(X, weight, axis=0))
            same(repeated, other.fit(X, sample_weight=weight), X)
            same(repeated, other.fit(np.vstack([X, X[:20] + 99]), sample_weight=zero), X)


@HEYWOOD
@pytest.mark.parametrize("n_answers", [1, 2, 3])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_question_that_hardly_anyone_answers(estimator, n_answers):
    X = np.random.default_rng(3).standard_normal((100, 5))
    X[n_answers:, 4] = np.nan
    for model in (estimator(), estimator(1)):
        assert np.isfinite(model.fit(X).score(X))
        assert np.isfinite(model.impute(X)).all()


@HEYWOOD
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_search_does_not_stop_at_a_dip(estimator):
    """Five noiseless directions of 70 columns, half of them missing, can be filled exactly."""
    rng = np.random.default_rng(4)
    full = rng.standard_normal((60, 5)) @ rng.standard_normal((5, 70))
    missing = rng.random(full.shape) < 0.5
    model = estimator().fit(np.where(missing, np.nan, full))
    assert model.n_components_ >= 5
    error = model.impute(np.where(missing, np.nan, full)) - full
    assert np.sqrt(np.mean(error[missing] ** 2)) < 1e-3


def planted(n):
    rng = np.random.default_rng(0)
    L, psi = rng.standard_normal((3, 12)), rng.uniform(0.3, 3, 12)
    return rng.standard_normal((n, 3)) @ L + rng.standard_normal((n, 12)) * np.sqrt(psi)


def test_factor_analysis_chooses_by_its_own_likelihood():
    X = planted(500)
    model = FactorAnalysis().fit(X)
    folds = KFold(3, shuffle=True, random_state=0)
    search = GridSearchCV(FactorAnalysis(tol=1.0), {"n_components": [1, 2, 3, 4, 5]}, cv=folds)
    assert model.n_components_ == search.fit(X).best_params_["n_components"] == 3
    stream = FactorAnalysis().partial_fit(X[:250]).partial_fit(X[250:])
    assert stream.n_components_ == 3
    gaps = np.where(np.random.default_rng(1).random(X.shape) < 0.2, np.nan, X)
    assert FactorAnalysis().fit(gaps).n_components_ == 3


def test_the_choice_leaves_no_negative_degrees_of_freedom(rng):
    for d in (1, 2, 4, 8):
        X = rng.standard_normal((200, d)) @ rng.standard_normal((d, d))
        model = FactorAnalysis().fit(X)
        assert model.degrees_of_freedom_ >= 0 or model.n_components_ == 1


@pytest.mark.filterwarnings("ignore:.*rounding of the data:skgen.exceptions.HeywoodWarning")
@pytest.mark.parametrize(("rank", "d"), [(2, 5), (4, 5), (9, 10)])
def test_the_evidence_finds_the_rank_of_deficient_data(rank, d, rng):
    X = rng.standard_normal((500, rank)) @ rng.standard_normal((rank, d))
    assert ProbabilisticPCA("mle").fit(X).n_components_ == rank
    assert PCA("mle", svd_solver="full").fit(X).n_components_ == rank
    shares = rng.dirichlet(np.full(d, 3.0), 400)
    assert ProbabilisticPCA("mle").fit(shares).n_components_ == d - 1
    # Few rows span few directions: that says nothing about the rank of the distribution.
    few = rng.standard_normal((8, 20))
    assert ProbabilisticPCA("mle").fit(few).n_components_ < 7


@HEYWOOD
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_tol_is_what_is_left_to_gain(estimator):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((150, 6)) @ rng.standard_normal((6, 50))
        X += 0.3 * rng.uniform(0.2, 2, 50) * rng.standard_normal(X.shape)
        X[rng.random(X.shape) < 0.3] = np.nan
        rough = estimator(4).fit(X)
        end = estimator(4, tol=1e-6, max_iter=2000).fit(X)
        assert np.diff(end.loglike_).min() > 0
        assert rough.loglike_[-1] > end.loglike_[-1] - 1.5
        assert rough.n_iter_ < 100
        assert end.loglike_[-1] == pytest.approx(150 * end.score(X))


@pytest.mark.parametrize("chained", [False, True])
def test_bounds_of_the_noise_are_searched_around_that_of_a_smaller_model(chained):
    bounds, tried = 10.0 ** np.linspace(-6, 1, 40)[:, None], []

    def fit(k, earlier):
        return State(np.log(1e-2) + 0.3 * k, None, np.full(1, 1e-5))

    def score(model, psi):
        tried.append(psi[0])
        return 10 * model.mean - abs(np.log(psi[0]) - model.mean)

    fold = Fold(1.0, 100, slice(None), fit, score)
    chains = [range(1, 40)] if chained else []
    k, bound = choose([fold], 6, growth=1.5, resolution=None, bounds=bounds, chains=chains)
    assert k == 6
    assert np.log(bounds[bound, 0]) == pytest.approx(np.log(1e-2) + 0.3 * 6, abs=0.21)
    # Six bounds lie below the noise that was found and count once.
    assert tried.count(1e-5) <= 6
    assert len(tried) <= (35 + 5 * 6 if chained else 6 * 35)
