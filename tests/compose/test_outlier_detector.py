"""OutlierDetector: thresholds that hold on new rows, and columns that give rows away."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgen import (
    ICA,
    FactorAnalysis,
    MixtureOfFactorAnalyzers,
    OutlierDetector,
    ProbabilisticPCA,
    make_generative_pipeline,
)
from tests.instances import with_checks

LOADINGS = np.random.default_rng(5).normal(size=(2, 6))


def linear_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)) @ LOADINGS + 0.5 * rng.normal(size=(n, 6))


def planted(X, seed=0):
    """Rows with a value five standard deviations of the noise off, and the columns of these."""
    rng = np.random.default_rng(seed)
    rows, columns = X.copy(), rng.integers(X.shape[1], size=len(X))
    rows[np.arange(len(X)), columns] += 2.5 * rng.choice([-1, 1], len(X))
    return rows, columns


@with_checks([OutlierDetector(), OutlierDetector(ProbabilisticPCA(1), contamination=0.1)])
def test_sklearn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_new_rows_are_called_outliers_at_the_rate(rate):
    X, new = linear_rows(1000), linear_rows(20_000, seed=1)
    detector = OutlierDetector(FactorAnalysis(2), false_alarm_rate=rate).fit(X)
    assert abs((detector.predict(new) == -1).mean() - rate) < 4 * np.sqrt(rate / 1000)


def test_a_flexible_model_needs_rows_held_out():
    # Sixty components know their rows by heart.
    X, new = linear_rows(300), linear_rows(4000, seed=1)
    model = GaussianMixture(60, covariance_type="diag", reg_covar=1e-3, random_state=0)
    detector = OutlierDetector(model, false_alarm_rate=0.05).fit(X)
    assert (detector.predict(new) == -1).mean() < 0.1
    detector.set_params(contamination=0.05).fit(X)
    assert (detector.predict(X) == -1).mean() == 0.05
    assert (detector.predict(new) == -1).mean() > 0.2


def test_the_threshold_is_that_of_the_parts():
    X = linear_rows(200)
    cv = KFold(4, shuffle=True, random_state=3)
    detector = OutlierDetector(ProbabilisticPCA(2), cv=cv, false_alarm_rate=0.1).fit(X)
    held_out = [
        ProbabilisticPCA(2).fit(X[rest]).score_samples(X[part]) for rest, part in cv.split(X)
    ]
    assert_allclose(detector.offset_, np.quantile(np.concatenate(held_out), 0.1))
    scores = ProbabilisticPCA(2).fit(X).score_samples(X)
    assert_allclose(detector.decision_function(X), scores - detector.offset_)
    assert_array_equal(detector.predict(X), np.where(scores < detector.offset_, -1, 1))


class TestFeatureScores:
    def test_they_are_the_conditional_densities(self):
        X = linear_rows(500)
        detector = OutlierDetector(FactorAnalysis(2)).fit(X)
        model = detector.estimator_
        precision = np.linalg.inv(model.get_covariance())
        variance = 1 / np.diag(precision)

        def surprise(rows):
            residual = (rows - model.mean_) @ precision * variance
            return -norm.logpdf(residual, scale=np.sqrt(variance))

        usual = np.median(surprise(detector._typical_rows), axis=0)
        assert_allclose(detector.feature_scores(X), surprise(X) - usual, atol=1e-8)

    @pytest.mark.parametrize(
        "model",
        [
            FactorAnalysis(2),
            MixtureOfFactorAnalyzers(2, 2, random_state=0),
            GaussianMixture(random_state=0),
            # Is fitted to rows with NaN, but gives them no score.
            ICA(2),
            make_generative_pipeline(StandardScaler(), ICA(2)),
            make_generative_pipeline(StandardScaler(), PCA(2)),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_they_name_what_was_planted(self, model):
        odd, columns = planted(linear_rows(200, seed=2))
        detector = OutlierDetector(model).fit(linear_rows(1000))
        named = detector.feature_scores(odd).argmax(axis=1)
        # The noise alone is as large in some other column of a few rows.
        assert (named == columns).mean() > 0.85

    def test_of_a_frame_with_categories(self):
        rng = np.random.default_rng(0)
        kind = rng.integers(2, size=600)
        frame = pd.DataFrame({"kind": np.array(["ale", "bock"], dtype=object)[kind]})
        frame["strength"] = np.where(kind, 7.0, 5.0) + 0.2 * rng.normal(size=600)
        frame["price"] = rng.normal(size=600)
        encoder = [("kind", OneHotEncoder(), ["kind"])]
        model = make_generative_pipeline(
            ColumnTransformer(encoder, remainder=StandardScaler()), ProbabilisticPCA(1)
        )
        detector = OutlierDetector(model).fit(frame)
        odd = frame.iloc[:1].assign(kind="ale", strength=5.0, price=6.0)
        assert detector.predict(odd).tolist() == [-1]
        assert detector.feature_scores(odd).argmax() == 2

    def test_integers_take_holes(self):
        X = np.random.default_rng(0).poisson(20, (300, 4))
        detector = OutlierDetector().fit(X)
        odd = X[:1].copy()
        odd[0, 1] = 90
        assert detector.feature_scores(odd).argmax() == 1


@pytest.mark.parametrize("container", [np.asarray, lambda X: pd.DataFrame(X).add_prefix("x")])
def test_outliers_of_one_kind_do_not_hide_each_other(container):
    # They have a component of the mixture to themselves, and are then as probable as others.
    away = 3 * np.linalg.svd(LOADINGS)[2][-1]
    X, odd = linear_rows(360), linear_rows(80, seed=1) + away
    table, new = container(np.vstack([X, odd[:40]])), container(odd[40:])
    model = MixtureOfFactorAnalyzers(2, 2, random_state=0)
    detector = OutlierDetector(model).fit(table)
    assert (detector.predict(new) == -1).mean() < 0.1
    detector.set_params(contamination=0.1).fit(table)
    assert (detector.predict(new) == -1).all()
    assert_array_equal(np.flatnonzero(detector.predict(table) == -1), np.arange(360, 400))
    assert_allclose(detector.score_samples(new), model.fit(X).score_samples(odd[40:]))


def test_a_table_with_categories_is_screened_by_its_own_model():
    rng = np.random.default_rng(0)
    kind = rng.integers(2, size=300)
    value = 4.0 * kind + 0.1 * rng.normal(size=300)
    value[:30] = 2 + 0.1 * rng.normal(size=30)
    table = pd.DataFrame({"kind": np.array(["a", "b"])[kind], "value": value})
    columns = ColumnTransformer(
        [("kind", OneHotEncoder(), ["kind"]), ("value", StandardScaler(), ["value"])]
    )
    model = make_generative_pipeline(columns, ProbabilisticPCA(1))
    detector = OutlierDetector(model, contamination=0.1).fit(table)
    assert_array_equal(np.flatnonzero(detector.predict(table) == -1), np.arange(30))


def test_a_search_over_the_threshold_and_the_model():
    X = np.concatenate([linear_rows(200), 6 + linear_rows(20, seed=1)])
    y = np.repeat([1, -1], [200, 20])
    search = GridSearchCV(
        OutlierDetector(ProbabilisticPCA()),
        {"estimator__n_components": [1, 2], "contamination": [0.01, 0.09]},
        scoring="balanced_accuracy",
        cv=KFold(3, shuffle=True, random_state=0),
    ).fit(X, y)
    scores = search.cv_results_["mean_test_score"].reshape(2, 2)
    assert search.best_params_["contamination"] == 0.09
    assert (scores[1] > scores[0] + 0.1).all()


def test_the_seed_reaches_the_model():
    X = linear_rows(200)
    detector = OutlierDetector(GaussianMixture(5, init_params="random"), random_state=0)
    offsets = [clone(detector).fit(X).offset_ for _ in range(2)]
    assert offsets[0] == offsets[1]
    assert detector.fit(X).estimator_.random_state == 0


def test_errors_say_what_to_do():
    X = linear_rows(20)
    with pytest.raises(TypeError, match=r"StandardScaler\(\) has no score_samples; use a model"):
        OutlierDetector(StandardScaler()).fit(X)
    with pytest.raises(NotFittedError):
        OutlierDetector().feature_scores(X)
    detector = OutlierDetector(FactorAnalysis(1)).fit(X)
    with pytest.raises(ValueError, match="6 features"):
        detector.feature_scores(X[:, :3])
    offset = detector.offset_
    with pytest.raises(ValueError, match="n_splits=50"):
        detector.set_params(cv=50).fit(X)
    assert detector.offset_ == offset
