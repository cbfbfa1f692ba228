import numpy as np
import pytest
from sklearn.base import clone, is_regressor
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV

from skgen import Autoencoder, BernoulliRBM, FineTunedRegressor, GaussianBernoulliRBM

CODER = Autoencoder(3, hidden_layer_sizes=(), max_iter=30, random_state=0)
SMALL = FineTunedRegressor(early_stopping=False, estimator=CODER, max_iter=40, random_state=0)


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X * 20, y


@pytest.mark.parametrize("n_targets", [1, 2])
def test_frozen_linear_features_give_least_squares(diabetes, n_targets):
    X, y = diabetes
    y = y if n_targets == 1 else np.stack([y, 1e4 - 3 * y + 50 * X[:, 2] ** 2], axis=1)
    how = {"freeze": True, "learning_rate": 0.1, "max_iter": 1000, "batch_size": 442}
    how["early_stopping"] = False
    model = FineTunedRegressor(CODER, random_state=0, **how).fit(X, y)
    codes = model.estimator_.transform(X)
    truth = LinearRegression().fit(codes, y).predict(codes)
    assert model.predict(X).shape == y.shape
    np.testing.assert_allclose(model.predict(X), truth, atol=2e-3 * y.std())
    assert model.score(X, y) == pytest.approx(r2_score(y, truth), abs=1e-4)


def test_units_of_the_targets_are_immaterial(diabetes):
    X, y = diabetes
    first, second = (clone(SMALL).fit(X, t) for t in (y, 1e6 + 1e-3 * y))
    np.testing.assert_allclose(second.predict(X), 1e6 + 1e-3 * first.predict(X), rtol=1e-9)
    assert second.predict(X).dtype == np.float64


def test_fine_tuning_is_better_than_the_features_alone(diabetes):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 4))
    y = np.tanh(2 * X[:, 0]) * X[:, 1]
    coder = Autoencoder(8, hidden_layer_sizes=(32,), max_iter=5, random_state=0)
    frozen = FineTunedRegressor(coder, freeze=True, max_iter=30, random_state=0).fit(X, y)
    tuned = clone(frozen).set_params(freeze=False).fit(X, y)
    assert tuned.score(X, y) > frozen.score(X, y) + 0.2


def test_rows_without_a_target_teach_the_encoder_alone(diabetes):
    X, y = diabetes
    partly = np.where(np.arange(len(y)) < 150, y, np.nan)
    model = clone(SMALL).fit(X, partly)
    few = clone(SMALL).fit(X[:150], y[:150])
    assert not np.allclose(model.estimator_.transform(X), few.estimator_.transform(X))
    assert model.score(X, partly) == pytest.approx(model.score(X[:150], y[:150]))
    prefit = clone(SMALL).set_params(estimator=clone(CODER).fit(X), prefit=True)
    np.testing.assert_array_equal(
        clone(prefit).fit(X, partly).predict(X), clone(prefit).fit(X[:150], y[:150]).predict(X)
    )
    assert model.set_params(early_stopping=True, max_iter=5).fit(X, partly).validation_scores_


def test_one_of_several_targets_may_be_missing(diabetes):
    X, y = diabetes
    both = np.stack([y, -y], axis=1)
    both[::2, 0] = both[1::3, 1] = np.nan
    model = (
        clone(SMALL)
        .set_params(freeze=True, learning_rate=0.1, max_iter=1000, batch_size=442)
        .fit(X, both)
    )
    codes = model.estimator_.transform(X)
    scores = []
    for number, target in enumerate(both.T):
        known = ~np.isnan(target)
        truth = LinearRegression().fit(codes[known], target[known]).predict(codes)
        np.testing.assert_allclose(model.predict(X)[:, number], truth, atol=5e-3 * y.std())
        scores.append(r2_score(target[known], model.predict(X)[known, number]))
    assert model.score(X, both) == pytest.approx(np.mean(scores))


def test_means_and_scales_follow_the_weights(rng):
    X, y = rng.random((60, 3)), np.where(np.arange(60) % 2, 10.0, 0.0) + rng.random(60)
    weight = np.where(y > 5, 3, 1)
    model = FineTunedRegressor(BernoulliRBM(2, max_iter=1), max_iter=1, random_state=0)
    weighted = clone(model).fit(X, y, sample_weight=weight)
    repeated = clone(model).fit(np.repeat(X, weight, 0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted._target_center, repeated._target_center)
    np.testing.assert_allclose(weighted._target_scale, repeated._target_scale)


def test_a_constant_target_is_predicted(rng):
    X = rng.random((40, 3))
    model = FineTunedRegressor(BernoulliRBM(2, max_iter=1), learning_rate=0.05, max_iter=100)
    np.testing.assert_allclose(model.fit(X, np.full(40, 1e5)).predict(X), 1e5, atol=0.1)


def test_in_a_search(diabetes):
    X, y = diabetes
    model = FineTunedRegressor(GaussianBernoulliRBM(4, max_iter=5), max_iter=10, random_state=0)
    assert is_regressor(model)
    search = GridSearchCV(model, {"estimator__n_components": [2, 8], "freeze": [0, 1]}, cv=2)
    assert np.isfinite(search.fit(X, y).best_score_)


def test_errors_say_what_to_do(diabetes):
    X, y = diabetes
    with pytest.raises(ValueError, match="y is None; mark rows without a target by NaN"):
        clone(SMALL).fit(X)
    with pytest.raises(ValueError, match="no value but NaN in a column.*give some"):
        clone(SMALL).fit(X, np.full(len(y), np.nan))
    with pytest.raises(ValueError, match="infinity"):
        clone(SMALL).fit(X, np.where(y > 300, np.inf, y))
    model = clone(SMALL).set_params(max_iter=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="no value but NaN in a column; score rows"):
        model.score(X, np.full(len(y), np.nan))
    with pytest.raises(ValueError, match="y has 2 targets, but the earlier fit had 1"):
        model.fit(X, np.stack([y, y], axis=1))
    with pytest.raises(AttributeError, match="FineTunedRegressor has no partial_fit"):
        _ = model.partial_fit
