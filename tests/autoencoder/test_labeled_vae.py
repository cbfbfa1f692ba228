"""Variational autoencoders that learn labels, few or all (Kingma et al. 2014)."""

import pickle

import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skgen import VAE, make_generative_pipeline

SHORT = {"hidden_layer_sizes": (16,), "max_iter": 3, "use_labels": True, "random_state": 0}
MEANS = np.array([[0.0, 0.0], [4.0, 1.0], [-3.0, 5.0]])
SPREADS = np.array([[1.0, 0.4], [0.4, 0.4], [0.4, 1.0]])


def clusters(n=600, seed=0):
    """Three Gaussians in two dimensions, the last of which is as frequent as the others."""
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 4 < 2, 2, np.arange(n) % 4 - 2)
    return MEANS[y] + SPREADS[y] * rng.standard_normal((n, 2)), y


def some(y, n_each):
    """Labels of the first rows of each class, and -1."""
    known = np.full(len(y), -1)
    for label in np.unique(y):
        known[np.flatnonzero(y == label)[:n_each]] = label
    return known


@pytest.fixture(scope="module")
def planted():
    X, y = clusters()
    model = VAE(1, **SHORT).set_params(
        hidden_layer_sizes=(32,),
        max_iter=80,
        batch_size=40,
        learning_rate=1e-2,
        n_importance_samples=1,
        learning_rate_schedule="cosine",
    )
    return model.fit(X, some(y, 10)), X, y


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(n_class=5, return_X_y=True)
    return X / 16, y


def test_draws_of_a_class_have_its_mean_and_spread(planted):
    model, _, _ = planted
    for label in range(3):
        drawn = model.sample_class(label, 4000, random_state=0)
        np.testing.assert_allclose(drawn.mean(0), MEANS[label], atol=0.25)
        np.testing.assert_allclose(drawn.std(0), SPREADS[label], atol=0.25)
    with pytest.raises(ValueError, match="label=7 was not seen"):
        model.sample_class(7)


def test_frequencies_of_labels_are_learned_from_all_rows(planted):
    """Ten labels of each class, but half of the rows are of one."""
    model, X, _ = planted
    drawn = model.predict(model.sample(4000, random_state=0))
    frequencies = [(drawn == label).mean() for label in range(3)]
    np.testing.assert_allclose(frequencies, [0.25, 0.25, 0.5], atol=0.06)
    np.testing.assert_allclose(model.sample(20_000, random_state=0).mean(0), X.mean(0), atol=0.2)
    assert model.sample_means(5, random_state=0).shape == (5, 2)


def test_the_density_is_near_that_of_the_clusters(planted):
    model, X, y = planted
    weights = np.array([0.25, 0.25, 0.5])
    density = stats.norm.pdf(X[:, None], MEANS, SPREADS).prod(-1) @ weights
    assert model.score(X) == pytest.approx(np.log(density).mean(), abs=0.15)
    assert (model.predict(X) == y).mean() > 0.98


def test_missing_features_take_both_the_label_and_the_rest_into_account(planted):
    model, _, _ = planted
    # At 2 the first feature hardly tells the two clusters apart.
    for x_first in (-3.0, 2.0, 4.0):
        weight = np.array([0.25, 0.25, 0.5]) * stats.norm.pdf(x_first, MEANS[:, 0], SPREADS[:, 0])
        expected = weight @ MEANS[:, 1] / weight.sum()
        row = np.array([[x_first, np.nan]])
        assert model.impute(row)[0, 1] == pytest.approx(expected, abs=0.3)
        draws = model.sample_conditional(row, 1000, random_state=0)
        assert draws[:, 0, 1].mean() == pytest.approx(expected, abs=0.3)
        assert (draws[:, 0, 0] == x_first).all()
    ends = model.sample_conditional(np.full((1, 2), np.nan), 2000, random_state=0)[:, 0]
    np.testing.assert_allclose(ends.mean(0), [0.25, 0.25, 0.5] @ MEANS, atol=0.35)


def test_latent_rows_hold_the_label_and_lead_back(planted):
    model, X, _ = planted
    Z = model.transform(X)
    assert Z.shape == (len(X), 1 + 3)
    np.testing.assert_allclose(Z[:, 1:], model.predict_proba(X), atol=1e-6)
    mean, variance = model.posterior(X)
    np.testing.assert_allclose(mean, Z[:, :1], atol=1e-6)
    assert (variance > 0).all()
    assert np.square(model.inverse_transform(Z) - X).mean() < 0.5
    for label in range(3):
        center = model.inverse_transform(np.eye(4)[[label + 1]])
        np.testing.assert_allclose(center, MEANS[[label]], atol=0.7)
    # Without a label: the mean over all.
    expected = [0.25, 0.25, 0.5] @ model.inverse_transform(np.eye(4)[1:])
    np.testing.assert_allclose(model.inverse_transform(np.zeros((1, 4)))[0], expected, atol=0.4)
    # Only the shares of the labels count.
    whole, doubled = model.inverse_transform([[0.5, 0.2, 0.3, 0.5], [0.5, 0.4, 0.6, 1.0]])
    np.testing.assert_allclose(whole, doubled, rtol=1e-5)
    assert list(model.get_feature_names_out()) == ["vae0", "vae1", "vae2", "vae3"]


def test_few_labels_of_digits(digits):
    X, y = digits
    known = some(y, 8)
    model = VAE(8, **SHORT).set_params(hidden_layer_sizes=(64,), max_iter=25)
    accuracy = (model.fit(X, known).predict(X) == y)[known < 0].mean()
    assert accuracy > 0.75
    means = model.sample_means(3, random_state=0)
    assert ((means >= 0) & (means <= 1)).all()
    assert set(np.unique(model.sample(3, random_state=0))) == {0.0, 1.0}


def test_rows_without_a_label_teach():
    """Two patterns with three fifths of the bits tossed anew, and three labels of each.

    Beside the same classifier that saw the rows with a label alone, for as many updates.
    """
    rng = np.random.default_rng(0)
    y = np.arange(600) % 2
    patterns = rng.random((2, 24)) < 0.5
    X = np.where(rng.random((600, 24)) < 0.6, rng.random((600, 24)) < 0.5, patterns[y]) * 1.0
    known = np.where(np.arange(600) < 6, y, -1)
    model = VAE(2, **SHORT).set_params(max_iter=40).fit(X, known)
    alone = clone(model).set_params(max_iter=800).fit(X[:6], y[:6])
    accuracy, few = ((m.predict(X[6:]) == y[6:]).mean() for m in (model, alone))
    assert accuracy > few + 0.1
    assert model.score(X) > alone.score(X) + 1


def test_labels_by_name_in_pipelines_searches_and_files(digits):
    X, y = digits
    names = np.array([f"digit {j}" for j in range(5)], dtype=object)[y]
    model = VAE(4, **SHORT).set_params(max_iter=10).fit(X[:600], names[:600])
    assert is_classifier(model)
    assert list(model.classes_) == sorted(set(names))
    assert (model.predict(X[600:]) == names[600:]).mean() > 0.8
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(twin.sample_class("digit 3", 4), model.sample_class("digit 3", 4))
    part = np.where(np.arange(len(names)) % 3, names, -1)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), VAE(4, likelihood="gaussian", **SHORT)),
        {"vae__discriminative_weight": [1.0, 50.0]},
        cv=KFold(2),
        error_score="raise",
    ).fit(X[:200], part[:200])
    assert np.isfinite(search.best_score_)
    assert set(search.predict(X)) <= set(names)


def test_a_model_of_the_codes_of_another_is_a_pipeline(digits):
    """M1+M2: the first learns without labels, the second of its codes with them."""
    X, y = digits
    known = some(y, 20)
    codes = VAE(10, hidden_layer_sizes=(64,), max_iter=15, random_state=0)
    top = VAE(5, use_labels=True, likelihood="gaussian", hidden_layer_sizes=(64,), max_iter=20)
    top.set_params(random_state=0)
    for make in (make_pipeline, make_generative_pipeline):
        model = make(clone(codes), clone(top)).fit(X, known)
        assert (model.predict(X) == y)[known < 0].mean() > 0.8
        assert model.predict_proba(X[:3]).shape == (3, 5)
    assert model.sample(3, random_state=0).shape == (3, 64)
    rows = model[:-1].inverse_transform(model[-1].sample_class(3, 50, random_state=0))
    assert (model.predict(rows) == 3).mean() > 0.6


@pytest.mark.parametrize(
    "changes",
    [
        {"n_importance_samples": 3},
        {"n_importance_samples": 3, "doubly_reparametrized": True},
        {"free_bits": 0.1, "beta": 0.5},
        {"kl_warm_up": 0.5},
        {"binarize": True},
        {"likelihood": "gaussian", "noise_variance": "isotropic"},
        {"early_stopping": True},
        {"hidden_layer_sizes": ()},
        {"image_shape": (8, 8)},
        {"learning_rate_schedule": "cosine", "precision": "bfloat16"},
    ],
    ids=str,
)
@pytest.mark.parametrize("all_labeled", [True, False])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_way_of_learning_takes_labels(changes, all_labeled, digits):
    X, y = digits
    model = VAE(4, **SHORT).set_params(
        **{"max_iter": 2 if "image_shape" in changes else 8, **changes}
    )
    model.fit(X[:500], y[:500] if all_labeled else some(y[:500], 30))
    assert (model.predict(X[500:]) == y[500:]).mean() > 0.6
    assert np.isfinite(model.score(X[:50]))
    assert model.inverse_transform(model.transform(X[:5])).shape == (5, 64)
    gaps = np.where(np.arange(64) % 5, X[:3], np.nan)
    assert np.isfinite(model.set_params(n_gibbs_steps=3).impute(gaps)).all()


def test_layers_of_images_and_of_networks_of_ones_own(digits):
    X, y = digits
    model = VAE(3, **SHORT).set_params(image_shape=(8, 8), layer=0).fit(X[:100], y[:100])
    # The convolutions, the label's columns that the layer above reads, and those of all layers.
    assert model.transform(X[:2]).shape == (2, 64 * 4 + 5 + 5)
    assert model.inverse_transform(model.transform(X[:2])).shape == (2, 64)
    asked = []

    def encoder(n_in, n_out):
        asked.append((n_in, n_out))
        return nn.Linear(n_in, n_out)

    model = VAE(3, **SHORT).set_params(encoder=encoder).fit(X[:100], y[:100])
    assert asked == [(64 + 5, 6), (64, 5)]


def test_labels_of_a_stream():
    X, y = clusters(80)
    model = VAE(1, **SHORT)
    with pytest.raises(ValueError, match="classes=None in the first call"):
        model.partial_fit(X, y)
    # A mark is no class, and a call may hold nothing else.
    model.partial_fit(X, np.where(y, 1, -1), classes=[-1, 0, 1])
    assert list(model.classes_) == [0, 1]
    before = model.n_iter_
    assert model.partial_fit(X, np.full(len(X), -1)).n_iter_ == before + 1
    with pytest.raises(ValueError, match="y has the label 7"):
        model.partial_fit(X, np.full(len(X), 7))
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_class_may_be_missing_in_a_fold():
    X, y = clusters(90)
    y = np.where(np.arange(90) < 30, 3, y)
    model = VAE(1, **SHORT)
    scores = cross_val_score(model, X, y, cv=KFold(3), scoring="accuracy", error_score="raise")
    assert scores[0] == 0


def test_errors_say_what_to_do():
    X, y = clusters(20)
    model = VAE(1, **SHORT)
    with pytest.raises(ValueError, match="y is None; mark rows without a label by the number -1"):
        model.fit(X)
    with pytest.raises(ValueError, match="one class, 1, in its 20 labeled rows.*never a class"):
        model.fit(X, np.ones(20, int))
    with pytest.raises(ValueError, match="marks all of its 20 rows by -1"):
        model.fit(X, np.full(20, -1))
    with pytest.raises(ValueError, match="discriminative_weight"):
        clone(model).set_params(discriminative_weight=0.0).fit(X, y)
    plain = clone(model).set_params(use_labels=False).fit(X, y)
    assert not hasattr(plain, "predict")
    assert not is_classifier(plain)
    with pytest.raises(ValueError, match="classes are given.*by name, as sample_weight"):
        plain.partial_fit(X, None, np.ones(20))
    with pytest.raises(ValueError, match="use_labels=True, but the networks of the earlier fit"):
        plain.set_params(use_labels=True).partial_fit(X, y, classes=[0, 1, 2])


# Each class is a cloud that needs no codes.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_of_rows_stand_for_repetitions():
    """One class weighs nothing in the density, and labels of no weight are not seen."""
    X, y = clusters(400)
    model = VAE(1, **SHORT).set_params(max_iter=40, n_importance_samples=1)
    weighted = clone(model).fit(X, y, sample_weight=np.where(y == 2, 1e-3, 1.0))
    assert (weighted.predict(weighted.sample(500, random_state=0)) == 2).mean() < 0.1
    with pytest.raises(ValueError, match="one class, 2"):
        model.fit(X, y, sample_weight=(y == 2) * 1.0)


def test_models_of_earlier_versions_have_no_labels():
    X, y = clusters(60)
    model = make_pipeline(StandardScaler(), VAE(1, **SHORT).set_params(use_labels=False))
    X = model[:-1].fit_transform(X)
    model = model[-1].fit(X)
    state = model.__getstate__()
    for parameters in (state, state["_built_for"]["params"]):
        parameters.pop("use_labels")
        parameters.pop("discriminative_weight")
    twin = object.__new__(VAE)
    twin.__setstate__(state)
    np.testing.assert_array_equal(twin.transform(X), model.transform(X))
    assert not hasattr(twin, "predict")


def test_automatic_epochs(digits):
    """Of bits with labels without a first fit, and of numbers as without labels."""
    X, y = digits
    model = VAE(2, **SHORT).set_params(max_iter="auto", hidden_layer_sizes=(4,))
    assert model.fit(X[:40] > 0.5, y[:40]).n_iter_ == 200
    assert clone(model).set_params(likelihood="gaussian").fit(X[:40, :20], y[:40]).n_iter_ == 100


def test_labels_that_are_guessed_are_no_reason_to_warn():
    """Labels without a relation to the rows cost their entropy, however much they weigh."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 1)) + 0.2 * rng.standard_normal((200, 4))
    model = VAE(1, **SHORT).set_params(discriminative_weight=100.0, max_iter=25)
    model.set_params(learning_rate=1e-3).fit(X, rng.integers(0, 4, 200))
    assert model.loss_curve_[-1] > 100 * np.log(4) / 2


def test_codes_that_died_out_warn():
    X = np.random.default_rng(0).standard_normal((200, 3))
    model = VAE(1, **SHORT).set_params(beta=4.0, max_iter=25, learning_rate=1e-2)
    with pytest.warns(ConvergenceWarning, match="independent features beside each label"):
        model.fit(X, np.arange(200) % 2)
