"""Conditions in ``fit``, draws and scores, with the tools of scikit-learn around."""

import pickle

import numpy as np
import pytest
import sklearn
from scipy.special import logsumexp, softmax
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, StandardScaler

from skgen import VAE, make_generative_pipeline

SMALL = {"n_components": 2, "hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
N = 90

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def classes():
    return np.random.default_rng(0).permutation(
        np.repeat(["a", "b", "c"], [N // 2, N // 3, N // 6])
    )


@pytest.fixture(scope="module")
def X(classes):
    rng = np.random.default_rng(1)
    center = {"a": -4.0, "b": 0.0, "c": 4.0}
    return rng.standard_normal((N, 3)) + np.array([center[c] for c in classes])[:, None]


@pytest.fixture(scope="module")
def model(X, classes):
    how = {**SMALL, "hidden_layer_sizes": (16,), "max_iter": 150}
    return VAE(conditional=True, learning_rate=0.01, **how).fit(X, classes)


def test_draws_obey_their_condition(model):
    draws = model.sample(300, random_state=0, y="c")
    # Three columns of variance one; the mean is learned to a fraction of it.
    np.testing.assert_allclose(draws.mean(axis=0), 4.0, atol=0.8)
    each = np.array(["a", "c"] * 100)
    draws = model.sample(200, random_state=0, y=each)
    assert ((draws.mean(axis=1) > 0) == (each == "c")).mean() > 0.97


def test_draws_without_a_condition_have_those_of_the_training_rows(model, classes):
    draws = model.sample(2000, random_state=0)
    shares = [(model.predict(draws) == c).mean() for c in "abc"]
    # Four standard errors, and rows between two classes.
    np.testing.assert_allclose(shares, [(classes == c).mean() for c in "abc"], atol=0.07)


def test_a_score_without_a_condition_is_the_mixture_over_classes(model, X, classes):
    log_p = np.stack([model.score_samples(X, np.full(N, c)) for c in model.classes_], axis=1)
    log_p += np.log([(classes == c).mean() for c in model.classes_])
    np.testing.assert_allclose(model.score_samples(X), logsumexp(log_p, axis=1), rtol=1e-9)
    np.testing.assert_allclose(model.predict_proba(X), softmax(log_p, axis=1), atol=1e-9)
    assert (model.predict(X) == model.classes_[log_p.argmax(axis=1)]).all()
    assert model.score(X, classes) == pytest.approx(model.score_samples(X, classes).mean())
    assert model.score(X) == pytest.approx(model.score_samples(X).mean())
    weight = np.arange(N)
    weighted = np.average(model.score_samples(X, classes), weights=weight)
    assert model.score(X, classes, weight) == pytest.approx(weighted)


def test_a_condition_tells_more_than_none(model, X, classes):
    assert model.score(X, classes) > model.score(X) + 0.5
    assert (model.predict(X) == classes).mean() > 0.95


def test_without_the_option_y_is_ignored(X, classes):
    plain, given = VAE(**SMALL).fit(X), VAE(**SMALL).fit(X, classes)
    np.testing.assert_array_equal(plain.sample(3), given.sample(3))
    np.testing.assert_array_equal(plain.score_samples(X), given.score_samples(X, classes))
    assert not hasattr(plain, "predict")
    with pytest.raises(ValueError, match="conditional=False"):
        plain.sample(3, y="a")


def test_unknown_classes_are_learned_from_too(X, classes):
    y = classes.astype(object)
    y[::2] = None
    model = VAE(conditional=True, **SMALL).fit(X, y)
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert np.isfinite(model.score(X, y))


def test_several_columns_and_reals_are_conditions(X, classes):
    size = X.mean(axis=1)
    y = np.c_[classes.astype(object), size]
    model = VAE(conditional=True, **{**SMALL, "max_iter": 200}).fit(X, y)
    assert not hasattr(model, "classes_")
    assert not hasattr(model, "predict")
    draws = model.sample(400, random_state=0, y=["b", 0.6])
    assert draws.mean() == pytest.approx(0.6, abs=0.4)
    assert np.isfinite(model.score_samples(X)).all()


def test_texts_are_conditions_by_an_encoder(X, classes):
    y = [f"some {'small' if c == 'a' else 'large'} numbers" for c in classes]
    model = VAE(conditional=True, condition_encoder=CountVectorizer(), **SMALL).fit(X, y)
    assert set(model.condition_encoder_.vocabulary_) == {"some", "small", "large", "numbers"}
    assert model.sample(2, y="large").shape == (2, 3)
    assert np.isfinite(model.score(X, y))
    assert not hasattr(VAE(**SMALL).fit(X), "condition_encoder_")


def test_a_stream_counts_its_conditions(X, classes):
    model = VAE(conditional=True, **SMALL)
    model.partial_fit(X[classes == "a"], classes[classes == "a"], classes=["a", "b", "c"])
    model.partial_fit(X[classes != "a"], classes[classes != "a"])
    shares = model._condition_record["weight"] / N
    np.testing.assert_allclose(sorted(shares), [1 / 6, 1 / 3, 1 / 2], atol=0.01)
    other = VAE(conditional=True, **SMALL).partial_fit(X[:3], ["a", "a", "b"])
    with pytest.raises(ValueError, match="has the class 'c'.*partial_fit"):
        other.partial_fit(X[:3], ["a", "c", "b"])


def test_a_fit_that_goes_on_keeps_its_code_and_takes_the_new_frequencies(X, classes):
    model = VAE(conditional=True, warm_start=True, **SMALL).fit(X, classes)
    model.fit(X[classes == "b"], classes[classes == "b"])
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert len(model._condition_record["code"]) == 1
    with pytest.raises(ValueError, match="has the class 'z'"):
        model.fit(X, np.where(classes == "a", "z", classes))
    assert model.classes_.tolist() == ["a", "b", "c"]


def test_weights_count_in_the_frequencies(X, classes):
    weight = np.where(classes == "c", 5.0, 1.0) * (classes != "b")
    model = VAE(conditional=True, **SMALL).fit(X, classes, sample_weight=weight)
    assert model.classes_.tolist() == ["a", "c"]
    np.testing.assert_allclose(np.sort(model._condition_record["weight"]), [45, 75], rtol=1e-6)


def test_what_is_missing_is_filled_given_the_condition(model):
    gaps = np.full((2, 3), np.nan)
    gaps[:, 0] = [4.0, -4.0]
    full = model.impute(gaps, ["c", "a"])
    np.testing.assert_allclose(full[:, 1:], [[4, 4], [-4, -4]], atol=1.0)
    draws = model.sample_conditional(gaps, 200, random_state=0, y=["c", "a"])
    np.testing.assert_allclose(draws.mean(axis=0), [[4] * 3, [-4] * 3], atol=1.0)
    np.testing.assert_array_equal(draws[:, :, 0], np.broadcast_to(gaps[:, 0], (200, 2)))


def test_codes_go_there_and_back_under_a_condition(model, X, classes):
    Z = model.transform(X, classes)
    assert np.abs(Z - model.transform(X)).max() > 1e-3
    back = model.inverse_transform(np.zeros((3, 2)), ["a", "b", "c"])
    np.testing.assert_allclose(back.mean(axis=1), [-4, 0, 4], atol=0.8)
    mean, variance = model.posterior(X, classes)
    np.testing.assert_allclose(mean, Z, rtol=1e-9)
    assert (variance > 0).all()


def test_a_saved_model_is_the_same(model, X, classes):
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.score_samples(X, classes), model.score_samples(X, classes))
    np.testing.assert_array_equal(twin.sample(4, 0, "b"), model.sample(4, 0, "b"))


def test_models_saved_before_learned_no_conditions(X):
    state = VAE(**SMALL).fit(X).__getstate__()
    for name in ("conditional", "condition_encoder", "_conditions", "_condition_record"):
        state.pop(name)
        state["_built_for"]["params"].pop(name, None)
    model = VAE.__new__(VAE)
    model.__setstate__(state)
    assert model.sample(2).shape == (2, 3)
    assert not model.conditional


def test_errors_say_what_is_wrong(model, X, classes):
    with pytest.raises(ValueError, match="requires y to be passed"):
        VAE(conditional=True).fit(X)
    with pytest.raises(ValueError, match=r"class 'z', which fit has not.*\['a' 'b' 'c'\]"):
        model.sample(2, y="z")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score_samples(X, classes[:5])
    with pytest.raises(NotFittedError):
        VAE(conditional=True).sample(2, y="a")
    with pytest.raises(ValueError, match="classes are given"):
        VAE().partial_fit(X, classes, classes=["a"])


@pytest.mark.parametrize("routing", [False, True])
def test_searches_and_cross_validation_score_under_conditions(routing, X, classes):
    with sklearn.config_context(enable_metadata_routing=routing):
        pipeline = make_pipeline(StandardScaler(), VAE(conditional=True, **SMALL))
        scores = cross_val_score(pipeline, X, classes, cv=3, error_score="raise")
        assert scores.shape == (3,)
        search = GridSearchCV(pipeline, {"vae__n_components": [1, 2]}, cv=2, error_score="raise")
        search.fit(X, classes)
        best = search.best_estimator_
        scaled = best[0].transform(X)
        assert search.score(X, classes) == pytest.approx(best[1].score(scaled, classes))
        assert best[1].score(scaled, classes) != best[1].score(scaled)


@pytest.mark.parametrize("routing", [False, True])
def test_generative_pipelines_pass_conditions(routing, X, classes):
    with sklearn.config_context(enable_metadata_routing=routing):
        pipeline = make_generative_pipeline(StandardScaler(), VAE(conditional=True, **SMALL))
        pipeline.fit(X, classes)
        scale, model = pipeline[0], pipeline[1]
        scaled = scale.transform(X)
        expected = model.score_samples(scaled, classes) - np.log(scale.scale_).sum()
        np.testing.assert_allclose(pipeline.score_samples(X, classes), expected)
        assert pipeline.score(X, classes) == pytest.approx(expected.mean())
        draws = pipeline.sample(4, 0, "b")
        np.testing.assert_allclose(draws, scale.inverse_transform(model.sample(4, 0, "b")))
        gaps = np.where(np.arange(3) == 1, np.nan, X[:4])
        filled = scale.inverse_transform(model.impute(scale.transform(gaps), classes[:4]))
        np.testing.assert_allclose(pipeline.impute(gaps, classes[:4]), filled)
        drawn = model.sample_conditional(scale.transform(gaps), 2, 0, classes[:4])
        np.testing.assert_allclose(
            pipeline.sample_conditional(gaps, 2, 0, classes[:4])[1],
            scale.inverse_transform(drawn[1]),
        )
        assert cross_val_score(pipeline, X, classes, cv=2, error_score="raise").shape == (2,)


def test_draws_without_an_inverse_are_drawn_again_under_their_own_condition(X, classes):
    pipeline = make_generative_pipeline(PowerTransformer(), VAE(conditional=True, **SMALL))
    pipeline.fit(np.exp(X), classes)
    each = np.array(["a", "c"] * 20)
    draws = pipeline.sample(40, 0, each)
    assert np.isfinite(draws).all()


def test_pipelines_of_models_without_conditions_refuse_them(X):
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture()).fit(X)
    with pytest.raises(ValueError, match="sample of GaussianMixture takes no condition"):
        pipeline.sample(2, y=1)
    np.testing.assert_array_equal(pipeline.score_samples(X, np.zeros(N)), pipeline.score_samples(X))


def test_a_clone_keeps_the_unfitted_encoder(X):
    encoder = CountVectorizer(lowercase=False)
    model = VAE(conditional=True, condition_encoder=encoder, **SMALL)
    twin = clone(model).set_params(condition_encoder__lowercase=True)
    assert not encoder.lowercase
    assert twin.condition_encoder.lowercase


def test_bits_are_conditioned_with_a_length_found_under_conditions(classes):
    rng = np.random.default_rng(2)
    p = np.where(classes[:, None] == "a", 0.1, 0.9)
    bits = (rng.uniform(size=(N, 6)) < p).astype(float)
    model = VAE(conditional=True, **{**SMALL, "max_iter": "auto"}).fit(bits, classes)
    assert model.sample(200, 0, "a").mean() == pytest.approx(0.1, abs=0.08)
    drawn = VAE(conditional=True, binarize=True, **SMALL).fit(bits, classes)
    assert drawn.score(bits, classes) < 0
