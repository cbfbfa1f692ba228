"""GenerativeImputer fills by the conditionals of its model, and keeps to scikit-learn's manners."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

import skgen
from skgen import (
    VAE,
    BernoulliRBM,
    FactorAnalysis,
    GenerativeImputer,
    ProbabilisticPCA,
    make_generative_pipeline,
)
from tests.instances import instances

LOADINGS = np.random.default_rng(5).normal(size=(2, 6))
COVARIANCE = LOADINGS.T @ LOADINGS + 0.25 * np.eye(6)
MEAN = np.arange(6.0)


def linear_rows(n=2000, seed=0):
    """Rows of a Gaussian with the covariance above."""
    rng = np.random.default_rng(seed)
    return MEAN + rng.normal(size=(n, 2)) @ LOADINGS + 0.5 * rng.normal(size=(n, 6))


def with_holes(X, fraction=0.3, seed=1):
    return np.where(np.random.default_rng(seed).random(X.shape) < fraction, np.nan, X)


def gaussian_conditional(row, mean=MEAN, covariance=COVARIANCE):
    """Mean and covariance of what is missing in a row given the rest."""
    m, o = np.isnan(row), ~np.isnan(row)
    slopes = np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, m)]).T
    spread = covariance[np.ix_(m, m)] - slopes @ covariance[np.ix_(o, m)]
    return mean[m] + slopes @ (row[o] - mean[o]), spread


def exact_fill(gaps, mean=MEAN, covariance=COVARIANCE):
    full = gaps.copy()
    for row in full:
        row[np.isnan(row)] = gaussian_conditional(row, mean, covariance)[0]
    return full


class Blind(FactorAnalysis):
    """A model that is fitted to complete rows only."""

    _accepts_nan = False


class Leaky(BaseEstimator):
    """A model whose verbs leave holes as they are."""

    def fit(self, X):
        return self

    def impute(self, X):
        return X

    def sample_conditional(self, X, n_draws=1, random_state=None):
        return [X] * n_draws


class TestFills:
    def test_the_conditional_mean_of_the_fitted_model(self):
        gaps = with_holes(linear_rows())
        imputer = GenerativeImputer(FactorAnalysis(2)).fit(gaps)
        model = imputer.estimator_
        expected = exact_fill(gaps, model.mean_, model.get_covariance())
        assert_allclose(imputer.transform(gaps), expected, atol=1e-8)

    @pytest.mark.parametrize(
        "model",
        [FactorAnalysis(2), make_generative_pipeline(StandardScaler(), FactorAnalysis(2))],
        ids=["alone", "scaled"],
    )
    def test_the_true_conditional_mean(self, model):
        gaps = with_holes(linear_rows(8000))
        filled = GenerativeImputer(model).fit_transform(gaps)
        distance = (filled - exact_fill(gaps))[np.isnan(gaps)]
        sd = np.sqrt(np.trace(COVARIANCE) / 6)
        assert np.sqrt(np.mean(distance**2)) < 0.02 * sd
        assert_array_equal(filled[~np.isnan(gaps)], gaps[~np.isnan(gaps)])

    def test_draws_of_the_conditional_distribution(self):
        imputer = GenerativeImputer(FactorAnalysis(2)).fit(linear_rows())
        gaps = linear_rows(1, seed=7)
        gaps[0, [1, 4]] = np.nan
        draws = imputer.sample_conditional(gaps, 10_000, random_state=0)[:, 0, [1, 4]]
        model = imputer.estimator_
        mean, spread = gaussian_conditional(gaps[0], model.mean_, model.get_covariance())
        assert_allclose(draws.mean(axis=0), mean, atol=5 * np.sqrt(spread.max() / 10_000))
        assert_allclose(np.cov(draws.T), spread, atol=0.08 * spread.max())

    def test_rounds_end_at_the_fit_to_rows_with_holes(self):
        gaps = with_holes(linear_rows(), 0.4)
        imputer = GenerativeImputer(Blind(2), random_state=0).fit(gaps)
        assert imputer.n_iter_ == 5
        # Rounds of means alone end at 0.10.
        assert_allclose(imputer.estimator_.noise_variance_.mean(), 0.25, rtol=0.1)
        distance = (imputer.transform(gaps) - exact_fill(gaps))[np.isnan(gaps)]
        # One fit to values of the same columns errs by 0.6.
        assert np.sqrt(np.mean(distance**2)) < 0.12

    def test_without_the_bias_where_large_values_of_another_column_hide_it(self):
        X = linear_rows(4000)
        correlations = COVARIANCE[0] / np.sqrt(np.diag(COVARIANCE))
        j = 1 + np.argmax(np.abs(correlations[1:]))
        hidden = X[:, j] > np.quantile(X[:, j], 0.6)
        gaps = X.copy()
        gaps[hidden, 0] = np.nan
        truth = X[hidden, 0].mean()
        ours = GenerativeImputer(FactorAnalysis(2)).fit_transform(gaps)[hidden, 0].mean()
        mean = SimpleImputer().fit_transform(gaps)[hidden, 0].mean()
        assert abs(mean - truth) > 0.5
        assert abs(ours - truth) < 0.1 * abs(mean - truth)

    def test_a_posterior_draw_has_the_spread_of_the_data(self):
        X = linear_rows(4000)
        gaps = with_holes(X, 0.5)
        means = GenerativeImputer(FactorAnalysis(2)).fit_transform(gaps)
        imputer = GenerativeImputer(FactorAnalysis(2), sample_posterior=True, random_state=0)
        draws = imputer.fit_transform(gaps)
        holes = np.isnan(gaps[:, 0])
        assert means[holes, 0].std() < 0.97 * X[:, 0].std()
        assert_allclose(draws[holes, 0].std(), X[:, 0].std(), rtol=0.05)
        assert_array_equal(imputer.transform(gaps), draws)
        assert not np.array_equal(imputer.sample_conditional(gaps, 1, random_state=1)[0], draws)

    def test_bits_by_a_machine_that_takes_no_holes(self):
        rng = np.random.default_rng(0)
        bits = np.repeat(rng.random((300, 3)) < 0.5, 3, axis=1).astype(float)
        gaps = with_holes(bits, 0.2)
        options = {"learning_rate": 0.1, "batch_size": 10, "n_burn_in": 20, "n_thinning": 5}
        machine = BernoulliRBM(6, max_iter=100, **options)
        imputer = GenerativeImputer(machine, max_iter=2, random_state=0)
        filled = imputer.fit_transform(gaps)
        holes = np.isnan(gaps)
        assert ((filled > 0.5) == bits)[holes].mean() > 0.9
        draws = imputer.set_params(sample_posterior=True).transform(gaps)
        assert set(np.unique(draws)) == {0, 1}

    def test_by_an_autoencoder_that_takes_no_holes(self):
        gaps = with_holes(linear_rows(300), 0.2)
        network = VAE(2, hidden_layer_sizes=(16,), max_iter=60, batch_size=50)
        model = make_generative_pipeline(StandardScaler(), network)
        filled = GenerativeImputer(model, max_iter=2, random_state=0).fit_transform(gaps)
        error = np.square(filled - exact_fill(gaps)).sum()
        assert error < 0.3 * np.square(SimpleImputer().fit_transform(gaps) - exact_fill(gaps)).sum()


class TestManners:
    """What scikit-learn's imputers do."""

    @pytest.fixture
    def frame(self):
        frame = pd.DataFrame(with_holes(linear_rows(60)), columns=list("abcdef"))
        frame["c"] = linear_rows(60)[:, 2]
        frame.insert(2, "empty", np.nan)
        return frame

    @pytest.mark.filterwarnings("ignore:The columns .'empty':UserWarning")
    @pytest.mark.filterwarnings("ignore:Skipping features:UserWarning")
    @pytest.mark.parametrize("keep", [False, True])
    @pytest.mark.parametrize("indicator", [False, True])
    def test_columns_and_names(self, frame, keep, indicator):
        options = {"keep_empty_features": keep, "add_indicator": indicator}
        imputer = GenerativeImputer(FactorAnalysis(2), **options).set_output(transform="pandas")
        ours = imputer.fit_transform(frame)
        other = IterativeImputer(max_iter=2, tol=10, **options).set_output(transform="pandas")
        theirs = other.fit_transform(frame)
        assert list(ours) == list(theirs) == list(imputer.get_feature_names_out())
        flags = [name for name in ours if name.startswith("missingindicator_")]
        assert_array_equal(ours[flags], theirs[flags])
        assert_array_equal(ours["c"], theirs["c"])
        assert_array_equal(imputer.feature_names_in_, other.feature_names_in_)
        if keep:
            assert_array_equal(ours["empty"], theirs["empty"])

    def test_names_of_arrays(self, frame):
        imputer = GenerativeImputer(FactorAnalysis(2), add_indicator=True)
        with pytest.warns(UserWarning, match=r"The columns \[2\] have no value"):
            imputer.fit(frame.to_numpy())
        other = SimpleImputer(add_indicator=True).fit(frame.to_numpy())
        assert list(imputer.get_feature_names_out()) == list(other.get_feature_names_out())
        names = [f"n{j}" for j in range(7)]
        theirs = other.get_feature_names_out(names)
        assert list(imputer.get_feature_names_out(names)) == list(theirs)
        with pytest.raises(ValueError, match="input_features"):
            imputer.get_feature_names_out(names[1:])

    def test_what_is_observed_in_a_kept_empty_column_stays(self, frame):
        imputer = GenerativeImputer(FactorAnalysis(2), keep_empty_features=True).fit(frame)
        later = frame.assign(empty=3.0)
        assert_array_equal(imputer.transform(later)[:, 2], 3.0)

    def test_an_empty_column_of_strings(self):
        frame = pd.DataFrame({"x": ["a", "b"] * 10, "y": pd.Series([None] * 20, dtype="category")})
        model = make_generative_pipeline(OneHotEncoder(), BernoulliRBM(2, max_iter=2))
        imputer = GenerativeImputer(model, keep_empty_features=True, random_state=0).fit(frame)
        assert set(imputer.transform(frame)[:, 1]) == {"missing_value"}
        imputer.set_output(transform="pandas")
        assert set(imputer.transform(frame)["y"]) == {"missing_value"}

    def test_holes_that_are_new_get_no_indicator(self):
        X = linear_rows(50)
        X[:9, 0] = np.nan
        imputer = GenerativeImputer(FactorAnalysis(1), add_indicator=True).fit(X)
        later = linear_rows(5)
        later[:, 1] = np.nan
        out = imputer.transform(later)
        assert out.shape == (5, 7)
        assert np.isfinite(out).all()

    def test_a_step_before_a_classifier_in_a_search(self):
        X, y = load_wine(return_X_y=True)
        model = make_generative_pipeline(StandardScaler(), ProbabilisticPCA())
        pipeline = make_pipeline(GenerativeImputer(model), StandardScaler(), LogisticRegression())
        name = "generativeimputer__estimator__probabilisticpca__n_components"
        search = GridSearchCV(pipeline, {name: [1, 3]}, cv=3, error_score="raise")
        search.fit(with_holes(X), y)
        best = search.best_estimator_[0].estimator_["probabilisticpca"]
        assert best.components_.shape[0] == search.best_params_[name]
        assert search.best_score_ > 0.9

    def test_a_part_of_a_column_transformer(self):
        frame = pd.DataFrame(with_holes(linear_rows(80)), columns=list("abcdef"))
        columns = make_column_transformer(
            (GenerativeImputer(FactorAnalysis(1)), ["a", "b", "c"]),
            (SimpleImputer(), ["d", "e"]),
            verbose_feature_names_out=False,
        ).set_output(transform="pandas")
        out = columns.fit_transform(frame)
        assert list(out) == list("abcde")
        assert out.notna().all(axis=None)

    def test_a_classifier_behind_it_knows_more_than_behind_the_mean(self):
        X, y = load_wine(return_X_y=True)
        model = make_generative_pipeline(StandardScaler(), ProbabilisticPCA(3))
        accuracy = {"ours": [], "mean": []}
        for seed in range(5):
            gaps = with_holes(X, seed=seed)
            for name, imputer in ("ours", GenerativeImputer(model)), ("mean", SimpleImputer()):
                classifier = make_pipeline(imputer, StandardScaler(), SVC())
                accuracy[name].append(cross_val_score(classifier, gaps, y).mean())
        assert np.mean(accuracy["ours"]) > np.mean(accuracy["mean"]) + 0.005


class TestRandomness:
    def test_seeds_of_parts_come_from_the_imputer_where_they_have_none(self):
        model = make_generative_pipeline(StandardScaler(), ProbabilisticPCA(1))
        imputer = GenerativeImputer(model, random_state=3).fit(linear_rows(20))
        assert imputer.estimator_["probabilisticpca"].random_state == 3
        assert model["probabilisticpca"].random_state is None
        mine = GenerativeImputer(ProbabilisticPCA(1, random_state=8), random_state=3)
        assert mine.fit(linear_rows(20)).estimator_.random_state == 8

    def test_the_same_seed_gives_the_same_rounds(self):
        gaps = with_holes(linear_rows(100))
        imputer = GenerativeImputer(Blind(1), random_state=0)
        once = imputer.fit_transform(gaps)
        assert_array_equal(clone(imputer).fit_transform(gaps), once)
        other = clone(imputer).set_params(random_state=1).fit_transform(gaps)
        assert not np.array_equal(other, once)

    def test_draws_as_transform_gives_them(self):
        gaps = with_holes(linear_rows(40))
        imputer = GenerativeImputer(FactorAnalysis(1), add_indicator=True, random_state=0).fit(gaps)
        draws = imputer.sample_conditional(gaps, 3)
        assert draws.shape == (3, 40, 12)
        assert_array_equal(draws, imputer.sample_conditional(gaps, 3))
        frames = imputer.set_output(transform="pandas").sample_conditional(gaps, 3)
        for draw, frame in zip(draws, frames, strict=True):
            assert_array_equal(frame, draw)
            assert list(frame) == list(imputer.get_feature_names_out())
        complete = imputer.sample_conditional(linear_rows(4), 2)
        assert len(complete) == 2


class TestEstimators:
    def test_none_is_the_network(self, monkeypatch):
        class Network(ProbabilisticPCA):
            """Stands for the model that is the default."""

        monkeypatch.setattr(skgen, "FullyVisibleBeliefNetwork", Network, raising=False)
        imputer = GenerativeImputer(random_state=5).fit(with_holes(linear_rows(30)))
        assert type(imputer.estimator_) is Network
        assert imputer.estimator_.random_state == 5

    @pytest.mark.parametrize("model", [PCA(), make_pipeline(FactorAnalysis()), StandardScaler()])
    def test_without_conditionals_is_refused(self, model):
        with pytest.raises(TypeError, match="has no impute and no sample_conditional") as error:
            GenerativeImputer(model).fit(linear_rows(20))
        able = {type(e) for e in instances() if hasattr(e, "sample_conditional")}
        able -= {GenerativeImputer, skgen.GenerativePipeline}
        assert [cls.__name__ for cls in able if cls.__name__ not in str(error.value)] == []

    def test_that_leaves_holes_is_refused(self):
        gaps = with_holes(linear_rows(20))
        with pytest.raises(ValueError, match="Leaky leaves missing values of X unfilled"):
            GenerativeImputer(Leaky()).fit(linear_rows(20)).transform(gaps)

    def test_its_parameter_is_not_fitted(self):
        model = FactorAnalysis(1)
        GenerativeImputer(model).fit(linear_rows(20))
        with pytest.raises(NotFittedError):
            model.transform(linear_rows(2))

    def test_rows_with_nothing_observed_get_the_mean(self):
        gaps = linear_rows(50)
        gaps[0] = np.nan
        imputer = GenerativeImputer(FactorAnalysis(1)).fit(gaps)
        assert_allclose(imputer.transform(gaps)[0], imputer.estimator_.mean_)

    def test_nothing_observed_at_all_is_refused(self):
        with pytest.raises(ValueError, match="no value in 2 columns and 3 rows; give"):
            GenerativeImputer(FactorAnalysis(1)).fit(np.full((3, 2), np.nan))

    def test_a_failed_fit_leaves_the_earlier_one(self):
        gaps = with_holes(linear_rows(30))
        imputer = GenerativeImputer(FactorAnalysis(1), add_indicator=True).fit(gaps)
        before = imputer.transform(gaps)
        with pytest.raises(TypeError):
            imputer.set_params(estimator=PCA()).fit(np.full((4, 2), 1.0))
        assert_array_equal(imputer.transform(gaps), before)
