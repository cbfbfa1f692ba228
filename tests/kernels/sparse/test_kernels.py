import numpy as np
import pytest
from scipy.linalg import qr

from skgen.kernels.sparse.code_prior import CodePrior, code_sums, draw, estimates, merged, rest
from skgen.kernels.sparse.lasso_active_set import active_set
from skgen.kernels.sparse.lasso_coordinate import coordinate_descent
from skgen.kernels.sparse.lasso_proximal import fista, ista
from skgen.kernels.sparse.matching_pursuit import matching_pursuit
from skgen.kernels.sparse.online_dictionary import (
    accumulate,
    initial_atoms,
    replace_atoms,
    update_atoms,
)
from skgen.kernels.sparse.support_gram import dependence, order_mask, padded_gram

SOLVERS = ["active set", "cd", "ista", "fista"]


def unit_atoms(rng, K, d):
    D = rng.standard_normal((K, d))
    return D / np.linalg.norm(D, axis=1, keepdims=True)


def lipschitz(D):
    return np.linalg.eigvalsh(D @ D.T)[-1] * (1 + 1e-9)


def solve(name, X, D, alpha, *, tol=1e-8, max_iter=500_000, positive=False, start=None):
    """Codes and gaps by one kernel."""
    Q, G = X @ D.T, padded_gram(D @ D.T)
    codes = np.zeros_like(Q) if start is None else start.copy()
    gap = np.empty(len(X))
    kernel, extra = {
        "active set": (
            active_set,
            (min(D.shape), order_mask(D.dtype, positive), dependence(D.dtype)),
        ),
        "cd": (coordinate_descent, ()),
        "ista": (ista, (lipschitz(D),)),
        "fista": (fista, (lipschitz(D),)),
    }[name]
    kernel(Q, G, alpha, tol, max_iter, positive, *extra, start is not None, codes, gap)
    return codes, gap


def violation(X, D, codes, alpha, positive=False):
    """Distance of the correlations from alpha times the subdifferential, worst of each row."""
    c = (X - codes @ D) @ D.T
    inactive = np.maximum((c if positive else np.abs(c)) - alpha, 0)
    return np.where(codes != 0, np.abs(c - alpha * np.sign(codes)), inactive).max(axis=1)


def objective(X, D, codes, alpha):
    return 0.5 * np.sum((X - codes @ D) ** 2, axis=1) + alpha * np.abs(codes).sum(axis=1)


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("alpha", [0.2, 0.5, 2.0])
@pytest.mark.parametrize("name", SOLVERS)
def test_codes_are_optimal(name, alpha, positive, rng):
    D, X = unit_atoms(rng, 30, 12), 2 * rng.standard_normal((20, 12))
    codes, gap = solve(name, X, D, alpha, tol=1e-7, positive=positive)
    assert violation(X, D, codes, alpha, positive).max() <= 1e-7 * alpha + 1e-12
    assert gap.max() <= 1
    assert not positive or codes.min() >= 0


@pytest.mark.parametrize("name", ["active set", "cd"])
def test_float32_codes_are_optimal_to_rounding(name, rng):
    D = unit_atoms(rng, 100, 40).astype("f")
    X = (2 * rng.standard_normal((50, 40))).astype("f")
    codes, gap = solve(name, X, D, 0.5, tol=1e-4)
    scale = np.abs(X @ D.T).max(axis=1)
    wide = [a.astype(float) for a in (X, D, codes)]
    assert np.all(violation(*wide, 0.5) <= 2 * np.maximum(5e-5, 4e-6 * scale))
    assert codes.dtype == np.float32
    assert gap.max() <= 1


@pytest.mark.parametrize("name", SOLVERS)
def test_orthonormal_atoms_give_the_soft_threshold(name, rng):
    D = qr(rng.standard_normal((9, 9)))[0]
    X = rng.standard_normal((15, 9))
    q = X @ D.T
    expected = np.sign(q) * np.maximum(np.abs(q) - 0.4, 0)
    np.testing.assert_allclose(solve(name, X, D, 0.4)[0], expected, atol=1e-12)


@pytest.mark.parametrize("name", ["ista", "fista"])
def test_orthonormal_atoms_need_one_step(name, rng):
    D = qr(rng.standard_normal((9, 9)))[0]
    X = rng.standard_normal((15, 9))
    codes, _ = solve(name, X, D, 0.4, max_iter=1)
    assert violation(X, D, codes, 0.4).max() <= 1e-8


@pytest.mark.parametrize("start", ["zero", "random"])
def test_proximal_gradient_obeys_its_bounds(start, rng):
    D, X = unit_atoms(rng, 40, 15), 3 * rng.standard_normal((10, 15))
    alpha, L = 0.3, lipschitz(D)
    best, _ = solve("active set", X, D, alpha, tol=1e-12)
    first = np.zeros_like(best) if start == "zero" else rng.standard_normal(best.shape)
    distance = np.sum((first - best) ** 2, axis=1)
    for k in (1, 2, 5, 20, 100, 400):
        for name, bound in (
            ("ista", L * distance / (2 * k)),
            ("fista", 2 * L * distance / (k + 1) ** 2),
        ):
            codes, _ = solve(name, X, D, alpha, tol=0.0, max_iter=k, start=first)
            excess = objective(X, D, codes, alpha) - objective(X, D, best, alpha)
            assert np.all(excess <= bound + 1e-12)


def test_ista_never_raises_the_objective(rng):
    D, X = unit_atoms(rng, 40, 15), 3 * rng.standard_normal((10, 15))
    codes, before = np.zeros((10, 40)), np.inf
    for _ in range(30):
        codes, _ = solve("ista", X, D, 0.3, tol=0.0, max_iter=1, start=codes)
        now = objective(X, D, codes, 0.3)
        assert np.all(now <= before + 1e-12)
        before = now


@pytest.mark.parametrize("name", SOLVERS)
def test_warm_start_ends_at_the_same_code(name, rng):
    D, X = unit_atoms(rng, 30, 20), 2 * rng.standard_normal((10, 20))
    cold, _ = solve(name, X, D, 0.5, tol=1e-10)
    start = np.where(rng.random(cold.shape) < 0.3, rng.standard_normal(cold.shape), 0)
    warm, gap = solve(name, X, D, 0.5, tol=1e-10, start=start)
    assert gap.max() <= 1
    np.testing.assert_allclose(objective(X, D, warm, 0.5), objective(X, D, cold, 0.5), rtol=1e-12)
    again, _ = solve(name, X, D, 0.5, tol=1e-8, max_iter=1, start=cold)
    np.testing.assert_allclose(again, cold, atol=1e-8)


@pytest.mark.parametrize("name", SOLVERS)
def test_duplicated_and_opposite_and_zero_atoms(name, rng):
    half = unit_atoms(rng, 12, 8)
    D = np.vstack([half, half, -half, np.zeros((2, 8))])
    X = 3 * rng.standard_normal((20, 8))
    codes, _ = solve(name, X, D, 0.3, tol=1e-6)
    alone, _ = solve("active set", X, half, 0.3, tol=1e-10)
    assert violation(X, D, codes, 0.3).max() <= 1e-6
    assert np.all(codes[:, -2:] == 0)
    np.testing.assert_allclose(
        objective(X, D, codes, 0.3), objective(X, half, alone, 0.3), rtol=1e-6
    )


def test_dependent_atoms_take_turns(rng):
    # 60 atoms in 3 dimensions: nearly every atom that joins depends on those in use.
    D, X = unit_atoms(rng, 60, 3), 5 * rng.standard_normal((200, 3))
    for alpha in (1e-3, 0.1, 1.0):
        codes, gap = solve("active set", X, D, alpha, tol=1e-8)
        assert gap.max() <= 1
        assert violation(X, D, codes, alpha).max() <= 1e-8 * alpha + 1e-12
        assert (codes != 0).sum(axis=1).max() <= 3


@pytest.mark.parametrize("name", SOLVERS)
def test_constant_and_zero_rows(name, rng):
    D = unit_atoms(rng, 10, 6)
    X = np.vstack([np.zeros(6), np.ones(6), np.full(6, -1e-9)])
    codes, gap = solve(name, X, D, 0.2)
    assert np.all(codes[[0, 2]] == 0)
    assert gap.max() <= 1
    assert violation(X, D, codes, 0.2).max() <= 1e-8


def pursue(X, D, n_nonzero, tol=None):
    codes = np.empty((len(X), len(D)))
    enough = np.full(len(X), np.inf) if tol is None else np.sum(X**2, axis=1) - tol**2
    how = order_mask(D.dtype, False), dependence(D.dtype)
    matching_pursuit(X @ D.T, padded_gram(D @ D.T), n_nonzero, enough, *how, codes)
    return codes


def test_matching_pursuit_ends_at_the_first_residual_that_is_short_enough(rng):
    D, X = unit_atoms(rng, 30, 12), rng.standard_normal((20, 12))
    X[0] *= 1e-3
    codes = pursue(X, D, 12, tol=0.8)
    steps = np.array([np.linalg.norm(X - pursue(X, D, k) @ D, axis=1) for k in range(1, 13)])
    steps = np.vstack([np.linalg.norm(X, axis=1), steps])
    np.testing.assert_array_equal(np.count_nonzero(codes, axis=1), np.argmax(steps <= 0.8, axis=0))
    assert not codes[0].any()


def test_matching_pursuit_is_greedy_least_squares(rng):
    D, X = unit_atoms(rng, 30, 12), rng.standard_normal((20, 12))
    codes = pursue(X, D, 4)
    for x, code in zip(X, codes):
        chosen, residual = [], x
        for _ in range(4):
            chosen.append(np.argmax(np.abs(D @ residual)))
            weights = np.linalg.lstsq(D[chosen].T, x, rcond=None)[0]
            residual = x - weights @ D[chosen]
        np.testing.assert_allclose(code[chosen], weights, atol=1e-10)
        assert np.count_nonzero(code) == 4


def test_matching_pursuit_stops_when_nothing_is_left(rng):
    D = unit_atoms(rng, 10, 10)
    X = np.vstack([3 * D[4], np.zeros(10)])
    codes = pursue(X, D, 5)
    np.testing.assert_allclose(codes, [3 * np.eye(10)[4], np.zeros(10)], atol=1e-12)


def test_accumulate_is_the_weighted_outer_product(rng):
    codes = np.where(rng.random((30, 9)) < 0.3, rng.standard_normal((30, 9)), 0)
    X, w = rng.standard_normal((30, 5)), rng.random(30)
    A, B = np.zeros((9, 9)), np.zeros((9, 5))
    accumulate(codes, X, w, A, B)
    np.testing.assert_allclose(A, codes.T @ (w[:, None] * codes), atol=1e-13)
    np.testing.assert_allclose(B, codes.T @ (w[:, None] * X), atol=1e-13)


@pytest.mark.parametrize("positive", [False, True])
def test_each_atom_step_lowers_the_quadratic(positive, rng):
    K, d = 70, 6
    codes, X = rng.standard_normal((200, K)), rng.standard_normal((200, d))
    A, B = codes.T @ codes, codes.T @ X
    D = unit_atoms(rng, K, d)
    D = np.abs(D) if positive else D

    def loss(D):
        return 0.5 * np.trace(D.T @ A @ D) - np.trace(D.T @ B)

    before = loss(D)
    for _ in range(5):
        update_atoms(D, A, B, positive)
        assert loss(D) <= before + 1e-9
        before = loss(D)
    np.testing.assert_allclose(np.linalg.norm(D, axis=1), 1)
    assert not positive or D.min() >= 0


def test_unused_atoms_stay(rng):
    D = unit_atoms(rng, 5, 4)
    A, B = np.diag([1.0, 0, 2, 0, 0]), rng.standard_normal((5, 4))
    before = D.copy()
    update_atoms(D, A, B, False)
    np.testing.assert_array_equal(D[[1, 3, 4]], before[[1, 3, 4]])
    assert np.abs(D[[0, 2]] - before[[0, 2]]).max() > 1e-3


def test_dead_atoms_point_along_the_worst_residuals():
    D, A, B = np.eye(4), np.ones((4, 4)), np.ones((4, 4))
    residuals = np.array([[3.0, 0, 0, 0], [0, 0, 2.0, 0], [1.5, 0, 0, 0], [0, 0.1, 0, 0]])
    # The third residual is explained by the atom that the first gave; the fourth is too short.
    assert replace_atoms(D, A, B, [1, 2, 3], residuals, 1.0, False) == 2
    np.testing.assert_allclose(D[1:], [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert not A[1].any()
    assert not A[:, 2].any()
    assert B[3].all()


def test_initial_atoms_are_distinct_unit_vectors(rng):
    X = np.vstack([np.zeros((5, 6)), rng.standard_normal((3, 6))])
    atoms = initial_atoms(X, 20, False, np.random.RandomState(0))
    np.testing.assert_allclose(np.linalg.norm(atoms, axis=1), 1)
    overlap = np.abs(atoms @ atoms.T) - np.eye(20)
    assert overlap.max() < 1 - 1e-3


def test_prior_estimates_recover_what_was_drawn():
    draws = np.random.RandomState(0)
    probability, fraction = np.array([0.1, 0.5, 0.9]), np.array([0.2, 0.5, 1])
    scale, shape = np.arange(1.0, 4.0), np.array([1.0, 0.5, 20.0])
    mean = probability * (2 * fraction - 1) * scale
    variance = probability * scale**2 * (1 + 1 / shape) - mean**2
    root = np.linalg.cholesky([[1, 0.6, 0], [0.6, 1, -0.3], [0, -0.3, 1]]) * np.sqrt(variance)
    covariance = root @ root.T
    covariance *= np.sqrt(np.outer(variance, variance) / np.outer(*[np.diag(covariance)] * 2))
    offset, coefficients = np.array([5.0, -1.0]), np.array([[1.0, 0], [0.5, 2], [0, -1]])
    independent = CodePrior(probability, fraction, scale, shape, mean, np.diag(variance))
    codes = draw(400_000, independent, draws)
    # Uncorrelated codes are drawn as they are, with all their zeros.
    np.testing.assert_allclose((np.abs(codes) > 1e-9).mean(axis=0), probability, atol=0.005)
    noise = draws.standard_normal((len(codes), 2)) * [0.5, 3.0]
    residual = offset + (codes - mean) @ coefficients + noise
    codes = np.where(np.abs(codes) > 1e-9, codes, 0.0)
    sums = code_sums(codes, residual, np.ones(len(codes)))
    found, left = estimates(sums), rest(sums)
    np.testing.assert_allclose(found.probability, probability, atol=0.005)
    np.testing.assert_allclose(found.positive_fraction, fraction, atol=0.01)
    np.testing.assert_allclose(found.scale, scale, rtol=0.03)
    np.testing.assert_allclose(found.shape, shape, rtol=0.05)
    np.testing.assert_allclose(left.offset, offset, atol=0.03)
    np.testing.assert_allclose(left.coefficients, coefficients, atol=0.03)
    np.testing.assert_allclose(left.noise, [0.25, 9.0], rtol=0.02)
    turned = draw(400_000, found._replace(covariance=covariance), draws)
    np.testing.assert_allclose(np.cov(turned.T), covariance, atol=0.05)
    np.testing.assert_allclose(turned.mean(axis=0), mean, atol=0.03)


def test_an_atom_with_one_value_is_drawn_with_it():
    codes = np.array([[2.0, 1.0], [2.0, -1.0], [2.0, 0.5]])
    prior = estimates(code_sums(codes, np.zeros((3, 2)), np.ones(3)))
    drawn = draw(50, prior, np.random.RandomState(0))
    np.testing.assert_allclose(drawn[:, 0], 2.0, rtol=1e-3)
    assert np.std(drawn[:, 1]) > 0.5


def test_code_sums_add_up_over_batches(rng):
    codes, residual, w = rng.standard_normal((20, 3)), rng.random((20, 4)), rng.random(20)
    parts = [code_sums(codes[i], residual[i], w[i]) for i in (slice(8), slice(8, 20))]
    for whole, pieces in zip(code_sums(codes, residual, w), merged(*parts)):
        np.testing.assert_allclose(whole, pieces)
