import pickle

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgen import Autoencoder, ContractiveAE, DenoisingAE, SparseAE
from skgen.autoencoder.code_mixture import fit_mixture
from skgen.exceptions import DataRangeWarning, DivergenceError

LINEAR = {"hidden_layer_sizes": (), "learning_rate": 1e-2, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    return load_digits().data


@pytest.mark.parametrize("tied_weights", [False, True])
def test_linear_autoencoder_spans_the_subspace_of_pca(digits, tied_weights):
    common = {"scale_columns": False, "batch_size": 600, "max_iter": 600, **LINEAR}
    model = Autoencoder(8, tied_weights=tied_weights, **common).fit(digits)
    pca = PCA(8).fit(digits)
    rebuilt = model.inverse_transform(np.eye(8)) - model.inverse_transform(np.zeros((1, 8)))
    assert subspace_angles(rebuilt.T, pca.components_.T).max() < 1e-3
    error = np.square(digits - pca.inverse_transform(pca.transform(digits))).sum(1).mean()
    assert -model.score(digits) == pytest.approx(error, rel=1e-3)


def test_score_is_minus_the_squared_error_in_units_of_the_data(rng):
    X = 1000 * rng.standard_normal((50, 5)) + 7
    model = Autoencoder(2, hidden_layer_sizes=(8,), max_iter=5, random_state=0).fit(X)
    rebuilt = model.inverse_transform(model.transform(X))
    np.testing.assert_allclose(model.score_samples(X), -np.square(X - rebuilt).sum(1))
    assert model.loss_ == "squared_error"
    # The training loss is the share of the total variance that is lost.
    assert model.loss_curve_[0] == pytest.approx(1, abs=1)


def test_binary_data_take_the_cross_entropy_in_nats(rng):
    X = (rng.random((60, 6)) < 0.3).astype(float)
    model = Autoencoder(2, hidden_layer_sizes=(8,), max_iter=5, random_state=0).fit(X)
    assert model.loss_ == "cross_entropy"
    p = model.inverse_transform(model.transform(X))
    np.testing.assert_allclose(
        model.score_samples(X), np.where(X == 1, np.log(p), np.log1p(-p)).sum(1)
    )


def test_scaled_continuous_data_keep_the_squared_error(rng):
    model = Autoencoder(2, hidden_layer_sizes=(8,), max_iter=1).fit(rng.random((30, 3)))
    assert model.loss_ == "squared_error"


def test_values_outside_the_unit_interval_warn_with_the_remedy(rng):
    model = Autoencoder(2, loss="cross_entropy", hidden_layer_sizes=(8,), max_iter=1)
    with pytest.warns(DataRangeWarning, match="MinMaxScaler"):
        model.fit(1 + rng.random((20, 3)))


def test_overcomplete_codes_rebuild_the_rows(rng):
    X = rng.standard_normal((200, 3))
    model = Autoencoder(10, max_iter=300, random_state=0, **{"hidden_layer_sizes": ()}).fit(X)
    assert -model.score(X) < 1e-3 * np.square(X).sum(1).mean()


def test_samples_have_the_moments_of_the_data(rng):
    X = rng.standard_normal((2000, 2)) @ rng.standard_normal((2, 5)) + 3
    model = Autoencoder(2, max_iter=100, **LINEAR).fit(X)
    draws = model.sample(20_000, random_state=0)
    np.testing.assert_allclose(draws.mean(0), X.mean(0), atol=0.1)
    np.testing.assert_allclose(np.cov(draws.T), np.cov(X.T), atol=0.25)


def test_the_code_mixture_finds_clusters(rng):
    centers = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]])
    codes = np.concatenate([c + rng.standard_normal((200, 2)) for c in centers])
    mixture = fit_mixture(codes, 3)
    found = mixture.means_[np.argsort(mixture.means_ @ [1, 2])]
    np.testing.assert_allclose(found, centers, atol=0.4)


def test_defaults_beat_pca_of_the_same_size_on_digits(digits):
    model = Autoencoder(random_state=0, max_iter=60).fit(digits[:1400])
    pca = PCA(16).fit(digits[:1400])
    rest = digits[1400:]
    error = np.square(rest - pca.inverse_transform(pca.transform(rest))).sum(1).mean()
    assert -model.score(rest) < error


def test_bounded_decoders_stay_in_the_range_of_the_data_and_gain_by_it(digits):
    train, rest = digits[:1400], digits[1400:]
    common = {"hidden_layer_sizes": (64,), "max_iter": 60, "random_state": 0}
    free = Autoencoder(8, **common).fit(train)
    bounded = Autoencoder(8, bounded=True, **common).fit(train)
    rebuilt = bounded.inverse_transform(100 * np.random.RandomState(0).randn(50, 8))
    assert (rebuilt > train.min(0) - 1e-4).all()
    assert (rebuilt < train.max(0) + 1e-4).all()
    assert bounded.score(rest) > free.score(rest)
    twin = pickle.loads(pickle.dumps(bounded))
    np.testing.assert_array_equal(twin.transform(rest), bounded.transform(rest))


def test_linear_autoencoders_span_the_subspace_of_pca_of_scaled_columns(rng):
    X = rng.standard_normal((400, 6)) @ rng.standard_normal((6, 6)) * np.logspace(-3, 3, 6)
    model = Autoencoder(2, batch_size=400, max_iter=1500, **LINEAR).fit(X)
    pca = PCA(2).fit(X / model._scale)
    rebuilt = model.inverse_transform(np.eye(2)) - model.inverse_transform(np.zeros((1, 2)))
    assert subspace_angles((rebuilt / model._scale).T, pca.components_.T).max() < 0.01


@pytest.mark.parametrize("cls", [Autoencoder, SparseAE, ContractiveAE, DenoisingAE])
def test_raw_features_are_as_good_as_standardized_ones(cls):
    X, y = load_wine(return_X_y=True)
    model = cls(random_state=0, max_iter=40)
    probe = make_pipeline(model, StandardScaler(), LogisticRegression())
    raw, standardized = (
        cross_val_score(p, X, y, cv=2).mean()
        for p in (probe, make_pipeline(StandardScaler(), probe))
    )
    assert raw > max(0.93, standardized - 0.02)
    draws = model.fit(X).sample(500, random_state=0)
    assert (np.abs(draws - X.mean(0)) < 6 * X.std(0)).all()


def test_one_unit_for_all_columns_is_an_option(rng):
    X = rng.standard_normal((60, 3)) * [1, 10, 100]
    model = Autoencoder(2, scale_columns=False, max_iter=2, random_state=0).fit(X)
    assert model._scale == pytest.approx(np.sqrt(X.var(0).mean()))


def test_a_fit_that_ran_away_says_so(rng):
    X = rng.standard_normal((100, 3)) @ rng.standard_normal((3, 6))
    with pytest.warns(ConvergenceWarning, match=r"times the error of a guess.*learning_rate"):
        DenoisingAE(learning_rate=30.0, max_iter=20, random_state=0).fit(X)
    with pytest.raises(DivergenceError, match=r"standard deviations from the rows.*learning_rate"):
        Autoencoder(learning_rate=30.0, max_iter=20, random_state=0).fit(X)


def test_a_fit_that_cannot_sample_is_refused_and_the_earlier_one_kept(rng, monkeypatch):
    X = rng.standard_normal((60, 3))
    model = Autoencoder(2, hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(X)
    before = model.transform(X)
    monkeypatch.setattr(Autoencoder, "_sample", lambda self, n, rng: np.full((n, 3), np.nan))
    with pytest.raises(DivergenceError, match="draws of the fit are not finite .*learning_rate"):
        model.set_params(random_state=1).fit(X)
    np.testing.assert_array_equal(model.transform(X), before)


def test_a_constant_column_costs_no_more_than_the_others(rng):
    X = 70 * rng.standard_normal((200, 4))
    X[:, 2] = 5.0
    model = Autoencoder(3, max_iter=30, random_state=0).fit(X)
    np.testing.assert_allclose(model.sample(50, random_state=0)[:, 2], 5.0, atol=5)
    wide = clone(model).fit(np.hstack([X, 1e6 * X]))
    assert wide._scale[2] > 70
