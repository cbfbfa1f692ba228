import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import LinearRegression

from skgen import PredictiveSparseDecomposition, SparseCoder
from skgen.autoencoder.predictive_sparse import linear_guess
from skgen.nets.autoencoder.shrinkage import predicted_codes

TABLES = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}


def standardized(name, n=600):
    X = TABLES[name]().data
    X = X[np.random.default_rng(0).permutation(len(X))[:n]]
    X = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    return X[: len(X) * 4 // 5], X[len(X) * 4 // 5 :]


@pytest.mark.parametrize("name", TABLES)
def test_the_encoder_predicts_exact_codes_better_than_any_linear_map(name):
    train, test = standardized(name)
    model = PredictiveSparseDecomposition(random_state=0).fit(train)
    exact = model.exact_codes(test)
    linear = LinearRegression().fit(train, model.exact_codes(train)).predict(test)
    error = np.sum((model.transform(test) - exact) ** 2)
    assert error < 0.8 * np.sum((linear - exact) ** 2)


def own_codes(model, X):
    """Codes that minimize the energy with the prediction, which the encoder learns from."""
    x = torch.tensor(X)
    D = torch.tensor(model.components_)
    guess = torch.tensor(model.transform(X))
    largest = torch.linalg.eigvalsh(D @ D.T)[-1]
    alpha = torch.tensor(float(model.alpha))
    return predicted_codes(x, guess, D, alpha, model.prediction_weight, largest, 500).numpy()


@pytest.mark.parametrize(("code_activation", "part"), [("tanh", 1.1), ("shrinkage", 0.6)])
def test_the_encoder_predicts_its_own_codes(code_activation, part):
    """That of the paper about as well as the best linear map, the default much better."""
    train, test = standardized("digits")
    model = PredictiveSparseDecomposition(
        code_activation=code_activation, max_iter=30, random_state=0
    ).fit(train)
    codes = own_codes(model, test)
    linear = LinearRegression().fit(train, own_codes(model, train)).predict(test)
    error = np.sum((model.transform(test) - codes) ** 2)
    assert error < part * np.sum((linear - codes) ** 2)


@pytest.mark.parametrize("name", TABLES)
def test_the_dictionary_is_as_good_as_that_of_the_coder(name):
    train, test = standardized(name)
    model = PredictiveSparseDecomposition(max_iter=30, random_state=0).fit(train)
    np.testing.assert_allclose(np.linalg.norm(model.components_, axis=1), 1, atol=1e-6)
    of_coder = SparseCoder(max_iter=20, tol=0, random_state=0).fit(train).score(test)
    exact = SparseCoder(dictionary=model.components_).score(test)
    assert exact > of_coder - 0.03 * abs(of_coder)
    assert exact > model.score(test) > of_coder - 0.25 * abs(of_coder)


def test_the_loss_is_the_energy_at_the_best_codes(rng):
    X = rng.standard_normal((40, 8))
    model = PredictiveSparseDecomposition(
        12, alpha=0.3, n_code_steps=300, learning_rate=1e-30, max_iter=1, batch_size=40
    ).fit(X)
    codes, D = own_codes(model, X), model.components_
    energy = 0.5 * np.sum((X - codes @ D) ** 2, axis=1) + 0.3 * np.abs(codes).sum(axis=1)
    energy += 0.5 * np.sum((codes - model.transform(X)) ** 2, axis=1)
    assert model.loss_curve_[0] == pytest.approx(energy.mean() / 8 / np.mean(X**2), rel=1e-5)


def test_training_lowers_the_energy():
    train, _ = standardized("wine")
    model = PredictiveSparseDecomposition(random_state=0).fit(train)
    assert model.loss_curve_[-1] < 0.98 * model.loss_curve_[0]


def test_a_large_weight_of_the_prediction_makes_codes_easy_to_guess():
    train, _ = standardized("wine")
    energies = []
    for weight in (0.1, 30.0):
        model = PredictiveSparseDecomposition(
            prediction_weight=weight, code_activation="tanh", max_iter=30, random_state=0
        ).fit(train)
        codes = own_codes(model, train)
        energies.append(np.sum((codes - model.transform(train)) ** 2) / np.sum(codes**2))
    assert energies[1] < 0.2 * energies[0]


def test_the_start_is_the_best_linear_guess(rng):
    X = 1 + rng.standard_normal((50, 4)) * [1, 2, 3, 4]
    codes, weight = rng.standard_normal((50, 6)), rng.uniform(0.5, 2, 50)
    W, b, size = linear_guess(X, codes, weight)
    best = LinearRegression().fit(X, codes, sample_weight=weight)
    np.testing.assert_allclose(W, best.coef_, atol=1e-3)
    np.testing.assert_allclose(b, best.intercept_, atol=5e-3)
    np.testing.assert_allclose(size, np.abs(best.predict(X)).max(axis=0), atol=1e-2)


def test_the_linear_guess_bears_columns_without_variance(rng):
    X = np.column_stack([rng.standard_normal(50), np.zeros(50), np.ones(50)])
    W, b, size = linear_guess(X, np.zeros((50, 2)), None)
    assert np.isfinite(W).all()
    assert np.isfinite(b).all()
    assert (size > 0).all()


def test_units_of_the_data_change_nothing(rng):
    X = rng.standard_normal((80, 8))
    guesses = [
        PredictiveSparseDecomposition(6, alpha=0.3 * c, max_iter=5, random_state=0)
        .fit(c * X)
        .transform(c * X)
        / c
        for c in (1.0, 1000.0)
    ]
    np.testing.assert_allclose(*guesses, atol=1e-3)
