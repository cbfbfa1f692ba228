"""TranslationGAN: known maps are recovered with pairs and without, and spread is kept."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone, is_regressor
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgen import TranslationGAN

SMALL = {"hidden_layer_sizes": (32, 32), "critic_layer_sizes": (64, 64), "random_state": 0}
TURN = 3 * np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])


def lopsided(n, rng):
    """Rows (n, 2) whose distribution no rotation or reflection leaves as it is."""
    Z = rng.exponential(size=(n, 2))
    Z[:, 1] += 0.5 * Z[:, 0] ** 2
    return Z


def turned(X):
    return X @ TURN.T + [5, -2]


@pytest.fixture(scope="module")
def unpaired():
    rng = np.random.default_rng(0)
    X, others = lopsided(1000, rng), turned(lopsided(1200, rng))
    return TranslationGAN(paired=False, max_iter=20, **SMALL).fit(X, others), X, others


def test_an_invertible_map_is_recovered_without_pairs(unpaired):
    model, X, others = unpaired
    fresh = lopsided(500, np.random.default_rng(1))
    moments = (fresh - X.mean(0)) / X.std(0) * others.std(0) + others.mean(0)
    assert r2_score(turned(fresh), moments) < 0  # which is where the translator starts
    assert r2_score(turned(fresh), model.transform(fresh)) > 0.9
    assert r2_score(fresh, model.inverse_transform(turned(fresh))) > 0.9


def test_rows_come_back(unpaired):
    model, X, others = unpaired
    assert r2_score(X, model.inverse_transform(model.transform(X))) > 0.99
    assert r2_score(others, model.transform(model.inverse_transform(others))) > 0.99


def test_score_without_pairs_is_best_for_the_rows_it_learned_to_make(unpaired):
    model, X, others = unpaired
    score = model.score(X, others)
    assert -0.1 < score <= 0.01
    assert model.score(X, others[::-1][:800]) == pytest.approx(score, abs=0.02)
    assert score > model.score(X, others + 3)
    assert score > model.score(turned(X), others)
    with pytest.raises(ValueError, match="X has 1 row and y has 1200"):
        model.score(X[:1], others)
    with pytest.raises(ValueError, match="without pairs no score is weighted"):
        model.score(X, others, sample_weight=np.ones(1000))


def test_a_map_is_learned_from_pairs():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 4))
    Y = np.column_stack([np.sin(2 * X[:, 0]) + X[:, 1], 100 * X[:, 2] + 1e4, np.abs(X[:, 3])])
    model = TranslationGAN(max_iter=50, learning_rate=0.01, **SMALL).fit(X[:400], Y[:400])
    assert model.score(X[400:], Y[400:]) > 0.95
    assert_allclose(model.predict(X), model.transform(X))
    assert model.score(X[400:], Y[400:]) == r2_score(Y[400:], model.predict(X[400:]))


def test_the_critic_keeps_the_spread_that_the_error_alone_loses():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 2))
    y = X[:, 0] + rng.choice([-2, 0, 2], 600, p=[0.3, 0.4, 0.3]) + 0.1 * rng.standard_normal(600)
    fresh = rng.standard_normal((600, 2))

    def spread(**how):
        model = TranslationGAN(max_iter=40, **how, **SMALL).fit(X, y)
        return np.std(model.predict(fresh) - fresh[:, 0])

    # The least absolute error is that of the median, the middle of three values.
    assert spread(adversarial_weight=0) < 0.3
    assert spread(adversarial_weight=10.0, penalty_weight=0.1) > 0.8


def test_images_of_other_channels_are_learned():
    rng = np.random.default_rng(0)
    day = np.repeat(rng.random((300, 3, 1)), 36, axis=2) + 0.2 * rng.random((300, 3, 36))
    gray = day.mean(axis=1)
    model = TranslationGAN(image_shape=(3, 6, 6), hidden_layer_sizes=(4,), max_iter=20)
    model.set_params(critic_layer_sizes=(4,), random_state=0, learning_rate=1e-2)
    model.fit(day.reshape(300, -1)[:200], gray[:200])
    found = model.predict(day.reshape(300, -1)[200:])
    assert found.shape == (100, 36)
    assert r2_score(gray[200:].ravel(), found.ravel()) > 0.95


def test_an_untrained_translator_of_tables_matches_moments():
    rng = np.random.default_rng(0)
    X, Y = rng.gamma(2, size=(300, 3)), rng.gamma(5, size=(200, 3)) * [1, 10, 100]
    model = TranslationGAN(False, max_iter=1, learning_rate=1e-12, random_state=0).fit(X, Y)
    expected = (X - X.mean(0)) / X.std(0) * Y.std(0) + Y.mean(0)
    # Scales are no less than an eighth of the range, which a heavy tail may reach.
    assert_allclose(model.transform(X).mean(0), Y.mean(0), rtol=1e-4)
    correlation = [np.corrcoef(a, b)[0, 1] for a, b in zip(expected.T, model.transform(X).T)]
    assert_allclose(correlation, 1, rtol=1e-6)


def test_verbs_follow_the_pairs():
    paired, unpaired = TranslationGAN(), TranslationGAN(paired=False)
    assert is_regressor(paired)
    assert not is_regressor(unpaired)
    assert hasattr(paired, "predict")
    assert not hasattr(paired, "inverse_transform")
    assert hasattr(unpaired, "inverse_transform")
    assert not hasattr(unpaired, "predict")
    assert not hasattr(paired, "partial_fit")


def test_pairs_go_through_cross_validation_and_pipelines():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((150, 3))
    Y = X @ rng.standard_normal((3, 2))
    model = TranslationGAN(max_iter=40, learning_rate=0.01, **SMALL)
    pipeline = make_pipeline(StandardScaler(), model)
    assert cross_val_score(pipeline, X, Y, cv=2).min() > 0.9
    unpaired = clone(model).set_params(paired=False, max_iter=2)
    assert cross_val_score(unpaired, X, Y, cv=2).shape == (2,)


def test_frames_keep_the_names_of_both_domains():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.standard_normal((40, 3)), columns=list("abc"))
    Y = pd.DataFrame(rng.standard_normal((30, 2)), columns=["u", "v"])
    model = TranslationGAN(False, max_iter=1, **SMALL).set_output(transform="pandas").fit(X, Y)
    there = model.transform(X)
    assert list(there.columns) == list(model.get_feature_names_out()) == ["u", "v"]
    assert list(model.inverse_transform(there).columns) == list("abc")
    model.fit(X, Y.to_numpy())
    assert list(model.get_feature_names_out()) == ["translationgan0", "translationgan1"]


def test_early_stopping_and_going_on():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 3))
    for paired in (True, False):
        model = TranslationGAN(paired, max_iter=3, warm_start=True, early_stopping=True, **SMALL)
        model.fit(X, X[:, :2])
        assert len(model.validation_scores_) == 3
        assert model.fit(X, X[:, :2]).n_iter_ == 6
        with pytest.raises(ValueError, match="y has 1 column, but the earlier fit had 2"):
            model.fit(X, X[:, 0])


def test_errors_say_what_to_do():
    X = np.random.default_rng(0).standard_normal((20, 4))
    with pytest.raises(ValueError, match=r"y is None; give the rows .* with paired=False rows of"):
        TranslationGAN().fit(X)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        TranslationGAN().fit(X, X[:10])
    with pytest.raises(ValueError, match="adversarial_weight=0 leaves nothing that ties"):
        TranslationGAN(False, adversarial_weight=0).fit(X, X)
    with pytest.raises(ValueError, match="gradient_penalty='r1' is differentiated twice"):
        TranslationGAN(compile=True).fit(X, X)
    with pytest.raises(ValueError, match="variance of a column of y is not finite; scale y"):
        TranslationGAN().fit(X, 1e300 * X)
    model = TranslationGAN(False, max_iter=1, **SMALL).fit(X, X[:, :2])
    with pytest.raises(ValueError, match="X has 3 columns, but y had 2 in fit"):
        model.inverse_transform(X[:, :3])
