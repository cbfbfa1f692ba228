import warnings

import numpy as np
import pytest
from joblib import cpu_count
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.decomposition import sparse_encode
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import orthogonal_mp
from threadpoolctl import threadpool_limits

from skgen import LikelihoodMonitor, SparseCoder
from skgen.exceptions import DataRangeWarning
from skgen.kernels.threads import allowed_threads


def unit_atoms(rng, K, d):
    D = rng.standard_normal((K, d))
    return D / np.linalg.norm(D, axis=1, keepdims=True)


def planted(rng, K=30, d=20, n=3000, active=3, noise=0.01):
    """Rows that are sums of a few atoms, and the atoms."""
    D = unit_atoms(rng, K, d)
    codes = np.zeros((n, K))
    for code in codes:
        at = rng.choice(K, active, replace=False)
        code[at] = rng.choice([-1, 1], active) * rng.uniform(1, 3, active)
    return codes @ D + noise * rng.standard_normal((n, d)), D


def natural_patches(data_file, n=4000, size=8):
    images = np.load(data_file("kodak_gray.npz"))["images"][:6].astype(float)
    draw = np.random.RandomState(0)
    at = zip(draw.randint(6, size=n), draw.randint(240, size=n), draw.randint(360, size=n))
    X = np.array([images[i, r : r + size, c : c + size].ravel() for i, r, c in at])
    X -= X.mean(axis=1, keepdims=True)
    return X / X.std()


def violation(X, D, codes, alpha):
    c = (X - codes @ D) @ D.T
    return np.where(
        codes != 0, np.abs(c - alpha * np.sign(codes)), np.maximum(np.abs(c) - alpha, 0)
    ).max()


@pytest.mark.parametrize("algorithm", ["auto", "cd", "fista", "ista"])
def test_transform_is_the_lasso_code(algorithm, rng):
    D, X = unit_atoms(rng, 40, 25), 2 * rng.standard_normal((60, 25))
    coder = SparseCoder(
        dictionary=D, alpha=0.5, algorithm=algorithm, code_tol=1e-9, code_max_iter=200_000
    ).fit(X)
    codes = coder.transform(X)
    assert violation(X, D, codes, 0.5) <= 0.5e-9 + 1e-12
    lars = sparse_encode(X, D, algorithm="lasso_lars", alpha=0.5)
    np.testing.assert_allclose(codes, lars, atol=1e-6)


def test_omp_equals_sklearn(rng):
    D, X = unit_atoms(rng, 40, 25), rng.standard_normal((30, 25))
    coder = SparseCoder(dictionary=D, transform_algorithm="omp", n_nonzero_coefs=5).fit(X)
    theirs = sparse_encode(X, D, algorithm="omp", n_nonzero_coefs=5)
    np.testing.assert_allclose(coder.transform(X), theirs, atol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("tol", [1e-3, 0.5, 3.0])
def test_omp_to_a_tolerance_equals_sklearn(tol, dtype, rng):
    D, X = unit_atoms(rng, 40, 25), rng.standard_normal((30, 25)).astype(dtype)
    coder = SparseCoder(dictionary=D, transform_algorithm="omp", residual_tol=tol)
    codes = coder.transform(X)
    assert codes.dtype == dtype
    lengths = np.linalg.norm(X - codes @ D, axis=1)
    assert lengths.max() <= tol * (1 + 1e-4)
    # Theirs is the squared length.
    theirs = orthogonal_mp(D.T, X.T.astype(float), tol=tol**2).T
    np.testing.assert_allclose(codes, theirs, atol=1e-9 if dtype == np.float64 else 1e-5)
    np.testing.assert_allclose(coder.transform(sparse.csr_array(X)), codes, atol=1e-6)
    fewer = coder.set_params(n_nonzero_coefs=2).transform(X)
    assert np.count_nonzero(fewer, axis=1).max() <= 2


def test_a_dictionary_codes_without_fit(rng):
    D, X = unit_atoms(rng, 9, 5), 3 * rng.standard_normal((20, 5))
    options = {"dictionary": D.tolist(), "alpha": 0.3, "split_sign": True}
    loose, fitted = SparseCoder(**options), SparseCoder(**options).fit(X)
    for verb in ("transform", "score_samples", "score"):
        np.testing.assert_array_equal(getattr(loose, verb)(X), getattr(fitted, verb)(X))
    Z = fitted.transform(X)
    np.testing.assert_array_equal(loose.inverse_transform(Z), fitted.inverse_transform(Z))
    assert list(loose.get_feature_names_out()) == list(fitted.get_feature_names_out())
    assert loose.transform(X.astype(np.float32)).dtype == np.float32
    assert set(vars(loose)) == set(loose.get_params())
    with pytest.raises(NotFittedError, match="prior of the codes.*call fit"):
        loose.sample()
    with pytest.raises(ValueError, match=r"dictionary has shape \(9, 5\).*\(9, 4\)"):
        loose.transform(X[:, :4])
    with pytest.raises(ValueError, match="alpha"):
        SparseCoder(dictionary=D, alpha=-1.0).transform(X)
    with pytest.raises(NotFittedError):
        SparseCoder().transform(X)


def test_learning_starts_at_the_atoms_given(rng):
    X, D = planted(rng, n=400)
    exact = SparseCoder(dict_init=5 * D, alpha=0.1, max_iter=30, random_state=0).fit(X)
    assert exact.components_.shape == D.shape
    # From the planted atoms, whatever their length, there is nowhere to go.
    assert np.abs(np.sum(D * exact.components_, axis=1)).min() > 0.99
    np.testing.assert_allclose(np.linalg.norm(exact.components_, axis=1), 1, rtol=1e-9)
    streamed = SparseCoder(dict_init=D, alpha=0.1).partial_fit(X[:50])
    assert np.abs(np.sum(D * streamed.components_, axis=1)).min() > 0.9
    for dict_init, message in {
        (30, 19): r"dict_init has shape \(30, 19\)",
        (29, 20): r"dict_init has shape \(29, 20\)",
    }.items():
        with pytest.raises(ValueError, match=message):
            SparseCoder(30, dict_init=np.ones(dict_init)).fit(X)
    with pytest.raises(ValueError, match="no direction in row 2: it is zero; give"):
        SparseCoder(dict_init=np.diag([1.0, 1, 0])).fit(X[:, :3])
    with pytest.raises(ValueError, match="row 0: it is zero, or negative under positive_dict"):
        SparseCoder(dict_init=-np.eye(3), positive_dict=True).fit(X[:, :3])


def test_what_does_nothing_is_refused(rng):
    X, D = rng.standard_normal((20, 8)), unit_atoms(rng, 12, 8)
    useless = [
        {"transform_algorithm": "omp", "positive_code": True},
        {"n_nonzero_coefs": 3},
        {"residual_tol": 0.1},
        {"dictionary": D, "dict_init": D},
        {"dictionary": D, "positive_dict": True},
        {"dictionary": D, "early_stopping": True},
    ]
    for parameters in useless:
        with pytest.raises(ValueError, match="does nothing with .*leave it at"):
            SparseCoder(**parameters).fit(X)
    with pytest.raises(ValueError, match="positive_code=True does nothing with transform_algor"):
        SparseCoder(dictionary=D, transform_algorithm="omp", positive_code=True).transform(X)
    positive = SparseCoder(dictionary=D, positive_code=True).fit(X)
    with pytest.raises(ValueError, match="learned with positive_code=True; use transform_alg"):
        positive.set_params(transform_algorithm="omp").transform(X)


def test_the_dictionary_keeps_its_penalty(rng):
    X = 3 * rng.standard_normal((40, 6))
    coder = SparseCoder(8, alpha=0.3, max_iter=3, tol=0, random_state=0).fit(X)
    codes, scores = coder.transform(X), coder.score_samples(X)
    coder.set_params(alpha=5.0, positive_code=True, dictionary=np.eye(6))
    np.testing.assert_array_equal(coder.transform(X), codes)
    np.testing.assert_array_equal(coder.score_samples(X), scores)
    # How the codes are found and shown may change.
    assert coder.set_params(split_sign=True).transform(X).shape == (40, 16)
    pursued = coder.set_params(transform_algorithm="omp", n_nonzero_coefs=1).transform(X)
    assert np.count_nonzero(pursued, axis=1).max() == 1


def test_least_squares_without_penalty(rng):
    X = rng.standard_normal((10, 6))
    for K in (4, 6, 15):
        D = unit_atoms(rng, K, 6)
        codes = SparseCoder(dictionary=D, alpha=0).fit(X).transform(X)
        np.testing.assert_allclose(codes, np.linalg.lstsq(D.T, X.T, rcond=None)[0].T, atol=1e-9)


def test_codes_vanish_exactly_from_the_largest_correlation_on(rng):
    D, X = unit_atoms(rng, 12, 7), rng.standard_normal((5, 7))
    largest = np.abs(X @ D.T).max()
    with pytest.warns(DataRangeWarning, match="All codes are 0"):
        zero = SparseCoder(dictionary=D, alpha=1.001 * largest).fit(X)
    assert np.all(zero.transform(X) == 0)
    assert np.all(zero.usage_ == 0)
    np.testing.assert_allclose(zero.score_samples(X), -0.5 * np.sum(X**2, axis=1))
    assert np.isfinite(zero.sample(10)).all()
    assert SparseCoder(dictionary=D, alpha=0.98 * largest).fit(X).transform(X).any()


def test_learning_with_alpha_above_everything_warns_of_that_alone(rng):
    X = rng.standard_normal((20, 4))
    with pytest.warns(DataRangeWarning, match="All codes are 0") as caught:
        coder = SparseCoder(alpha=100.0, random_state=0).fit(X)
    assert len(caught) == 1
    assert coder.n_replaced_ == 0
    assert not coder.transform(X).any()


@pytest.mark.parametrize("K", [20, 30])
def test_a_planted_dictionary_is_recovered(K, rng):
    X, D = planted(rng, K)
    coder = SparseCoder(K, alpha=0.1, tol=1e-5, max_iter=200, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        coder.fit(X)
    match = np.abs(D @ coder.components_.T).max(axis=1)
    assert np.mean(match > 0.99) > 0.95


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_do_not_depend_on_threads(dtype, rng):
    X = rng.standard_normal((700, 100)).astype(dtype)
    fits = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            assert allowed_threads() == min(n_threads, cpu_count())
            coder = SparseCoder(90, alpha=0.6, max_iter=3, tol=0, random_state=0).fit(X)
            fits.append((coder.components_, coder.transform(X), coder.score_samples(X)))
    for one, two in zip(*fits):
        np.testing.assert_array_equal(one, two)


def test_no_dead_atoms_on_natural_patches(data_file):
    X = natural_patches(data_file).astype(np.float32)
    coder = SparseCoder(128, random_state=0, max_iter=10, tol=0).fit(X)
    assert coder.usage_.min() > 0
    assert (coder.transform(X) != 0).any(axis=0).all()
    np.testing.assert_allclose(np.linalg.norm(coder.components_, axis=1), 1, rtol=1e-5)
    assert coder.loss_curve_[-1] < coder.loss_curve_[0]


def test_dead_atoms_are_replaced(rng):
    # Most rows are one direction, so most first atoms are copies of it.
    X = np.vstack([np.outer(rng.uniform(3, 4, 300), np.eye(6)[0]), 5 * np.eye(6)])
    coder = SparseCoder(6, alpha=0.5, random_state=0, tol=0, max_iter=20).fit(X)
    assert coder.n_replaced_ > 0
    np.testing.assert_allclose(
        np.abs(X @ coder.components_.T).max(axis=1), X.max(axis=1), rtol=0.02
    )


def test_weights_are_repetitions(rng):
    X, w = rng.standard_normal((40, 6)), rng.integers(0, 4, 40)
    options = {"n_components": 8, "alpha": 0.4, "random_state": 0}
    weighted = SparseCoder(**options).fit(X, sample_weight=w)
    repeated = SparseCoder(**options).fit(np.repeat(X, w, axis=0))
    np.testing.assert_allclose(weighted.components_, repeated.components_, atol=1e-9)
    np.testing.assert_allclose(weighted.usage_, repeated.usage_)
    assert weighted.noise_variance_ == pytest.approx(repeated.noise_variance_)


def test_sparse_rows_give_the_codes_of_dense_rows(rng):
    X = np.where(rng.random((80, 12)) < 0.3, 3 * rng.standard_normal((80, 12)), 0)
    options = {"n_components": 15, "alpha": 0.3, "random_state": 0, "tol": 0, "max_iter": 3}
    dense, thin = SparseCoder(**options).fit(X), SparseCoder(**options).fit(sparse.csr_array(X))
    np.testing.assert_allclose(thin.components_, dense.components_, atol=1e-10)
    for method in ("transform", "score_samples"):
        ours = getattr(dense, method)(sparse.csr_array(X))
        np.testing.assert_allclose(ours, getattr(dense, method)(X), atol=1e-10)


def test_split_sign_keeps_the_reconstruction(rng):
    D, X = unit_atoms(rng, 9, 5), 3 * rng.standard_normal((20, 5))
    plain = SparseCoder(dictionary=D, alpha=0.3).fit(X)
    split = SparseCoder(dictionary=D, alpha=0.3, split_sign=True).fit(X)
    Z = split.transform(X)
    assert Z.shape == (20, 18)
    assert Z.min() >= 0
    np.testing.assert_allclose(Z[:, :9] - Z[:, 9:], plain.transform(X))
    np.testing.assert_allclose(
        split.inverse_transform(Z), plain.inverse_transform(plain.transform(X))
    )
    assert len(split.get_feature_names_out()) == 18


def test_positive_dictionary_and_codes(rng):
    X = np.abs(rng.standard_normal((200, 9)))
    coder = SparseCoder(
        12, alpha=0.2, positive_code=True, positive_dict=True, random_state=0, tol=0, max_iter=5
    ).fit(X)
    assert coder.components_.min() >= 0
    assert coder.transform(X).min() >= 0
    assert np.all(coder.positive_share_[coder.usage_ > 0] == 1)


def test_scores_are_minus_the_objective(rng):
    X = rng.standard_normal((50, 6))
    coder = SparseCoder(10, alpha=0.3, random_state=0, tol=0, max_iter=3).fit(X)
    Z = coder.transform(X)
    expected = 0.5 * np.sum((X - coder.inverse_transform(Z)) ** 2, axis=1)
    expected += 0.3 * np.abs(Z).sum(axis=1)
    np.testing.assert_allclose(coder.score_samples(X), -expected)
    assert coder.score(X) == pytest.approx(-expected.mean())
    assert coder.likelihood_kind_ == "error"


def test_samples_have_the_moments_of_the_data(rng):
    X, D = planted(rng, n=500, noise=0.1)
    coder = SparseCoder(dictionary=D, alpha=0.2).fit(X)
    draws = coder.sample(50_000, random_state=1)
    np.testing.assert_allclose(draws.mean(axis=0), X.mean(axis=0), atol=0.02 * X.std())
    np.testing.assert_allclose(draws.std(axis=0), X.std(axis=0), rtol=0.02)
    covariance = np.cov(X.T)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.04 * np.abs(covariance).max())


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_draws_of_raw_tables_have_their_means_and_scales(load):
    """Rows far from zero, in columns of very different units, make all atoms alike."""
    X = load().data
    draws = SparseCoder(random_state=0, max_iter=5).fit(X).sample(4000, random_state=0)
    error = np.abs(draws.mean(axis=0) - X.mean(axis=0)) / X.std(axis=0)
    assert error.max() < 0.1
    np.testing.assert_allclose(draws.std(axis=0), X.std(axis=0), rtol=0.15)


def test_a_stream_has_the_prior_of_all_its_rows(rng):
    X, D = planted(rng, n=600)
    whole = SparseCoder(dictionary=D, alpha=0.2).fit(X)
    stream = SparseCoder(dictionary=D, alpha=0.2)
    for rows in np.array_split(X, 3):
        stream.partial_fit(rows)
    for name in ("code_covariance_", "code_mean_", "code_shape_"):
        np.testing.assert_allclose(getattr(stream, name), getattr(whole, name), atol=1e-8)
    draws = [coder.sample(5, random_state=0) for coder in (stream, whole)]
    np.testing.assert_allclose(*draws, atol=1e-6)


def test_prior_describes_the_training_codes(rng):
    X = rng.standard_normal((300, 8))
    coder = SparseCoder(12, alpha=0.4, random_state=0, tol=0, max_iter=5).fit(X)
    codes = coder.transform(X)
    np.testing.assert_allclose(coder.usage_, (codes != 0).mean(axis=0))
    total = np.abs(codes).sum(axis=0)
    np.testing.assert_allclose(coder.code_scale_ * coder.usage_ * 300, total)
    residual = X - coder.inverse_transform(codes)
    assert coder.noise_variance_ == pytest.approx(np.mean(residual**2))


def test_partial_fit_streams(rng):
    X, D = planted(rng)
    coder = SparseCoder(30, alpha=0.1, random_state=0)
    for _ in range(15):
        for part in np.array_split(X, 6):
            assert coder.partial_fit(part) is coder
    assert coder.n_iter_ == 90
    assert np.mean(np.abs(D @ coder.components_.T).max(axis=1) > 0.95) > 0.75
    assert coder.loss_curve_[-1] < 0.7 * coder.loss_curve_[0]
    before = coder.components_
    kept = before.copy()
    coder.partial_fit(X[:50])
    np.testing.assert_array_equal(before, kept)


def test_partial_fit_goes_on_from_fit(rng):
    X, _ = planted(rng, n=600)
    coder = SparseCoder(30, alpha=0.1, random_state=0, tol=0, max_iter=10).fit(X)
    after_fit = coder.score(X)
    coder.partial_fit(X)
    assert coder.n_iter_ == 11
    assert coder.score(X) > after_fit - 0.05 * abs(after_fit)


def test_early_stopping_watches_fresh_rows(rng):
    X, _ = planted(rng, n=1000)
    coder = SparseCoder(30, alpha=0.3, early_stopping=True, random_state=0).fit(X)
    assert len(coder.validation_scores_) == coder.n_iter_ < 100
    assert coder.validation_scores_[-1] > coder.validation_scores_[0]


def test_a_given_dictionary_is_not_touched(rng):
    D = 3 * rng.standard_normal((7, 4))
    coder = SparseCoder(dictionary=D).fit(rng.standard_normal((20, 4)))
    np.testing.assert_array_equal(coder.components_, D)
    assert coder.n_iter_ == 0
    coder.partial_fit(rng.standard_normal((20, 4)))
    np.testing.assert_array_equal(coder.components_, D)
    with pytest.raises(ValueError, match=r"dictionary has shape \(7, 4\).*\(7, 5\)"):
        SparseCoder(dictionary=D).fit(rng.standard_normal((20, 5)))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (8, 1), (2, 3)])
def test_tiny_data(shape, rng):
    X = 3 * rng.standard_normal(shape)
    coder = SparseCoder(4, alpha=0.1, random_state=0).fit(X)
    assert coder.transform(X).shape == (shape[0], 4)
    assert np.isfinite(coder.sample(3)).all()


def test_constant_rows(rng):
    X = np.vstack([np.zeros((3, 4)), np.ones((5, 4))])
    coder = SparseCoder(2, alpha=0.1, random_state=0).fit(X)
    np.testing.assert_allclose(np.abs(coder.components_[np.argmax(coder.usage_)]), 0.5, atol=0.05)
    assert not coder.transform(X)[:3].any()


def test_what_goes_wrong_is_said(rng):
    X = rng.standard_normal((100, 10))
    with pytest.warns(ConvergenceWarning, match="max_iter=1"):
        SparseCoder(max_iter=1, alpha=0.1).fit(X)
    D = unit_atoms(rng, 30, 10)
    with pytest.warns(ConvergenceWarning, match="code_max_iter=2"):
        SparseCoder(dictionary=D, algorithm="ista", alpha=0.1, code_max_iter=2).fit(X)
    with pytest.raises(ValueError, match="[Ss]ample weight"):
        SparseCoder().fit(X, sample_weight=np.zeros(100))
    with pytest.raises(ValueError, match="validation_fraction=0.1"):
        SparseCoder(early_stopping=True).fit(X[:1])


def test_a_failed_fit_keeps_the_earlier_one(rng):
    X = rng.standard_normal((60, 5))
    coder = SparseCoder(alpha=0.3, random_state=0).fit(X)
    codes = coder.transform(X)
    with pytest.raises(ValueError, match="dictionary"):
        coder.set_params(dictionary=np.ones((2, 3))).fit(X)
    np.testing.assert_array_equal(coder.transform(X), codes)


class Recorder:
    """A callback that counts epochs and stops."""

    def __init__(self, stop_after):
        self.stop_after, self.n_epochs = stop_after, 0

    def setup(self, estimator, context): ...
    def teardown(self, estimator, context): ...
    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        self.n_epochs += context.task_name == "epoch"
        return self.n_epochs >= self.stop_after


def test_callbacks_see_the_epochs(rng):
    pytest.importorskip("sklearn.callback")
    monitor = LikelihoodMonitor(rng.standard_normal((20, 5)))
    coder = SparseCoder(alpha=0.3, random_state=0).set_callbacks(Recorder(stop_after=2), monitor)
    coder.fit(rng.standard_normal((60, 5)))
    assert coder.n_iter_ == 2
    assert len(coder.loss_curve_) == 2


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_a_penalty_that_outweighs_all_rows_is_told(rng, make):
    X = rng.dirichlet(np.ones(5), 100)
    longest = np.linalg.norm(X, axis=1).max()
    with pytest.warns(DataRangeWarning, match=f"alpha=1.0 outweighs .* the length {longest:.3g};"):
        assert not SparseCoder().fit(make(X)).transform(make(X)).any()
    # Below that length there are codes, and no warning, which would be an error here.
    assert SparseCoder(alpha=longest / 3).fit(make(X)).transform(make(X)).any()
    # Of rows that are zero no code holds anything, whatever alpha is.
    assert not SparseCoder(2).fit(make(0 * X)).transform(make(0 * X)).any()
