import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import NotFittedError

from skgen import LISTA, SparseAE, SparseCoder
from skgen.exceptions import DataRangeWarning

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
# So small a learning rate changes no float32: what is left are the weights at the start.
UNTRAINED = {"learning_rate": 1e-30, "max_iter": 1}


def unit_atoms(rng, K, d):
    D = rng.standard_normal((K, d))
    return D / np.linalg.norm(D, axis=1, keepdims=True)


def ista(X, D, alpha, n_steps, positive):
    """Proximal gradient from zero, as it stands in textbooks."""
    step = 1 / np.linalg.eigvalsh(D @ D.T)[-1]
    z = np.zeros((len(X), len(D)))
    for _ in range(n_steps):
        u = z + step * (X - z @ D) @ D.T
        z = np.sign(u) * np.maximum(np.abs(u) - step * alpha, 0)
        z = np.maximum(z, 0) if positive else z
    return z


def few_steps(coder, X, algorithm, n_steps):
    """Codes after some steps of a proximal solver of SparseCoder."""
    solver = SparseCoder(
        dictionary=coder.components_,
        alpha=coder.alpha,
        positive_code=coder.positive_code,
        algorithm=algorithm,
        code_max_iter=n_steps,
        code_tol=1e-12,
    )
    return solver.transform(X)


def objective(X, coder, codes):
    error = 0.5 * np.square(X - codes @ coder.components_).sum(axis=1)
    return float(np.mean(error + coder.alpha * np.abs(codes).sum(axis=1)))


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("weights", ["coupled", "free", "steps"])
@pytest.mark.parametrize("n_layers", [1, 2, 7])
def test_the_start_is_as_many_steps_of_ista(n_layers, weights, tied, positive, rng):
    D, X = unit_atoms(rng, 30, 20), 300 * rng.standard_normal((50, 20))
    coder = SparseCoder(dictionary=D, alpha=70.0, positive_code=positive).fit(X)
    model = LISTA(
        coder, prefit=True, n_layers=n_layers, weights=weights, tied_weights=tied, **UNTRAINED
    )
    codes = model.fit(X).transform(X)
    size = np.abs(codes).max()
    solver = few_steps(coder, X, "ista", n_layers)
    np.testing.assert_allclose(codes / size, solver / size, atol=1e-6)
    if not tied:
        # SparseCoder's bound of the eigenvalue is 1e-4 above it.
        textbook = ista(X, D, 70.0, n_layers, positive)
        np.testing.assert_allclose(codes / size, textbook / size, atol=1e-3)


def test_the_momentum_of_fista_gives_fista(rng):
    """The layers can do what the faster solver does, so that training need not fall behind it."""
    D, X = unit_atoms(rng, 30, 20), 3 * rng.standard_normal((50, 20))
    coder = SparseCoder(dictionary=D, alpha=0.5).fit(X)
    model = LISTA(coder, prefit=True, n_layers=6, **UNTRAINED).fit(X)
    t = 1.0
    momenta = []
    for _ in range(6):
        following = (1 + np.sqrt(1 + 4 * t * t)) / 2
        momenta.append((t - 1) / following)
        t = following
    for parameter, momentum in zip(model.module_["encoder"].momentum, momenta[1:]):
        parameter.fill_(momentum)
    np.testing.assert_allclose(model.transform(X), few_steps(coder, X, "fista", 6), atol=1e-5)


TABLES = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}


@pytest.mark.parametrize("standardized", [True, False], ids=["standardized", "raw"])
@pytest.mark.parametrize("name", TABLES)
def test_defaults_beat_ista_and_fista_on_held_out_rows(name, standardized):
    X = TABLES[name]().data
    X = X[np.random.default_rng(0).permutation(len(X))[:400]]
    if standardized:
        X = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    train, test = X[: len(X) * 4 // 5], X[len(X) * 4 // 5 :]
    model = LISTA(SparseCoder(max_iter=10, tol=0), max_iter=20, random_state=0).fit(train)
    coder = model.estimator_
    exact, guess = coder.transform(test), model.transform(test)
    for algorithm in ("ista", "fista"):
        steps = few_steps(coder, test, algorithm, model.n_layers)
        assert np.sum((guess - exact) ** 2) < 0.8 * np.sum((steps - exact) ** 2)
        lowest = objective(test, coder, exact)
        gap = objective(test, coder, guess) - lowest
        assert gap < 0.8 * (objective(test, coder, steps) - lowest)


@pytest.mark.parametrize("weights", ["coupled", "free"])
def test_deep_encoders_of_positive_codes_learn_from_few_rows(weights, rng):
    D = unit_atoms(rng, 40, 20)
    X = np.maximum(rng.standard_normal((500, 40)) - 1, 0) @ D + 0.05 * rng.standard_normal(20)
    coder = SparseCoder(dictionary=D, alpha=0.1, positive_code=True).fit(X)
    model = LISTA(coder, prefit=True, weights=weights, n_layers=8, random_state=0)
    guess, exact = model.fit(X[:400]).transform(X[400:]), coder.transform(X[400:])
    assert guess.min() == 0
    fista = few_steps(coder, X[400:], "fista", 8)
    assert np.sum((guess - exact) ** 2) < np.sum((fista - exact) ** 2)
    assert objective(X[400:], coder, guess) < objective(X[400:], coder, fista)


@pytest.mark.parametrize("loss", ["both", "codes", "lasso"])
def test_the_loss_is_what_is_said(loss, rng):
    D, X = unit_atoms(rng, 12, 8), rng.standard_normal((40, 8))
    coder = SparseCoder(dictionary=D, alpha=0.3).fit(X)
    model = LISTA(coder, prefit=True, loss=loss, batch_size=40, **UNTRAINED).fit(X)
    scale = np.sqrt(np.mean(X**2))
    codes = model.transform(X)
    distance = np.mean(np.sum((codes - coder.transform(X)) ** 2, axis=1)) / scale**2
    lasso = objective(X, coder, codes) / scale**2
    expected = {"both": distance + lasso, "codes": distance, "lasso": lasso}[loss] / 8
    assert model.loss_curve_[0] == pytest.approx(expected, rel=1e-5)


def test_scores_are_those_of_the_coder_for_other_codes(rng):
    D, X = unit_atoms(rng, 12, 8), 2 * rng.standard_normal((60, 8))
    coder = SparseCoder(dictionary=D, alpha=0.3).fit(X)
    model = LISTA(coder, prefit=True, max_iter=5, random_state=0).fit(X)
    assert model.score(X) == pytest.approx(-objective(X, coder, model.transform(X)))
    assert model.score(X) < coder.score(X)
    np.testing.assert_array_equal(model.exact_codes(X), coder.transform(X))
    np.testing.assert_allclose(
        model.inverse_transform(model.exact_codes(X)), coder.transform(X) @ D
    )


def test_split_signs_are_those_of_the_coder(rng):
    X = 2 * rng.standard_normal((60, 8))
    model = LISTA(SparseCoder(5, alpha=0.3, split_sign=True, max_iter=3), max_iter=5)
    codes = model.fit(X).transform(X)
    assert codes.shape == (60, 10)
    assert len(model.get_feature_names_out()) == 10
    assert codes.min() == 0
    signed = codes[:, :5] - codes[:, 5:]
    expected = signed @ model.estimator_.components_
    np.testing.assert_allclose(model.inverse_transform(codes), expected)


def test_a_fitted_coder_is_left_as_it_was(rng):
    X = 2 * rng.standard_normal((60, 8))
    coder = SparseCoder(5, alpha=0.3, max_iter=3, random_state=0).fit(X)
    before = {name: np.copy(value) for name, value in vars(coder).items() if name[0] != "_"}
    model = LISTA(coder, prefit=True, max_iter=3).fit(X[:30])
    assert all(np.array_equal(vars(coder)[name], value) for name, value in before.items())
    np.testing.assert_array_equal(model.estimator_.components_, coder.components_)
    assert model.estimator_ is not coder
    # What was learned stays with the copy.
    model_codes = model.transform(X)
    coder.fit(X + 10)
    np.testing.assert_array_equal(model.transform(X), model_codes)


def test_an_unfitted_coder_learns_with_the_weights_of_the_rows(rng):
    X = np.vstack([[3.0, 0, 0, 0] * np.ones((30, 1)), [0, 0, 0, 3.0] * np.ones((30, 1))])
    weight = np.repeat([1.0, 0.0], 30)
    model = LISTA(SparseCoder(1, max_iter=3), max_iter=2, random_state=0)
    atom = model.fit(X, sample_weight=weight).estimator_.components_[0]
    np.testing.assert_allclose(np.abs(atom), [1, 0, 0, 0], atol=1e-6)


def test_what_defines_no_lasso_codes_is_refused(rng):
    X = rng.standard_normal((20, 4))
    with pytest.raises(TypeError, match="use a SparseCoder"):
        LISTA(SparseAE()).fit(X)
    with pytest.raises(ValueError, match='use transform_algorithm="lasso"'):
        LISTA(SparseCoder(transform_algorithm="omp")).fit(X)
    with pytest.raises(NotFittedError):
        LISTA(SparseCoder(), prefit=True).fit(X)
    coder = SparseCoder(max_iter=2, tol=0).fit(X)
    with pytest.raises(ValueError, match="3 features"):
        LISTA(coder, prefit=True).fit(X[:, :3])


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_units_of_the_data_change_nothing(scale, rng):
    D, X = unit_atoms(rng, 12, 8), rng.standard_normal((80, 8))
    guesses = []
    for c in (1.0, scale):
        coder = SparseCoder(dictionary=D, alpha=0.3 * c).fit(c * X)
        model = LISTA(coder, prefit=True, max_iter=10, random_state=0).fit(c * X)
        guesses.append(model.transform(c * X) / c)
    np.testing.assert_allclose(*guesses, atol=1e-4)


def test_no_row_has_a_code(rng):
    """Where alpha exceeds every correlation there is nothing to learn, and nothing breaks."""
    X = rng.standard_normal((50, 4))
    model = LISTA(SparseCoder(alpha=1e15, max_iter=2), max_iter=3)
    with pytest.warns(DataRangeWarning, match="All codes are 0: alpha=10+.0 outweighs"):
        model.fit(X)
    np.testing.assert_array_equal(model.transform(X), 0)
    assert np.isfinite(model.loss_curve_).all()
