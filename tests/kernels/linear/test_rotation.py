"""Rotations: stationarity, planted structure, invariances, scikit-learn's varimax."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime
from scipy.stats import ortho_group
from sklearn.decomposition import FactorAnalysis

from skgen.kernels.linear import rotation
from skgen.kernels.linear.rotation import (
    oblique_state,
    orthogonal_state,
    orthomax,
    quartimin,
    rotate,
)

ORTHOGONAL = {"varimax": 1.0, "quartimax": 0.0}
METHODS = ["varimax", "quartimax", "promax", "oblimin"]


def rotated(A, method, **options):
    """Loadings, factor correlations and violation."""
    T, violation = rotate(A, method, **options)
    return A @ np.linalg.inv(T).T, T.T @ T, violation


def matched(L, target):
    """L with the column order and signs that best match target."""
    order, signs = [], []
    products = L.T @ target
    for j in range(target.shape[1]):
        i = max(set(range(L.shape[1])) - set(order), key=lambda i: abs(products[i, j]))
        order.append(i)
        signs.append(np.sign(products[i, j]) or 1.0)
    return L[:, order] * signs


def planted(Phi, n_each=4, seed=0):
    """Loadings with one non-zero a row, hidden by a square root of Phi and a random turn."""
    k = len(Phi)
    rng = np.random.default_rng(seed)
    L = np.kron(np.eye(k), np.ones((n_each, 1))) * rng.uniform(0.4, 0.9, (k * n_each, 1))
    turn = ortho_group.rvs(k, random_state=seed) if k > 1 else np.eye(1)
    return L, L @ np.linalg.cholesky(Phi) @ turn


def noisy_loadings(d=24, k=4, seed=1):
    rng = np.random.default_rng(seed)
    simple = np.kron(np.eye(k), np.ones((d // k, 1)))
    return (simple + 0.2 * rng.standard_normal((d, k))) @ ortho_group.rvs(k, random_state=seed)


@pytest.mark.parametrize(
    "criterion", [quartimin, lambda L: orthomax(L, 1.0), lambda L: orthomax(L, 0.0)]
)
def test_criterion_gradients_match_central_differences(criterion):
    L = np.random.default_rng(0).standard_normal((7, 3))
    h = 1e-5
    for i, j in np.ndindex(L.shape):
        step = np.zeros_like(L)
        step[i, j] = h
        slope = (criterion(L + step)[0] - criterion(L - step)[0]) / (2 * h)
        assert_allclose(criterion(L)[1][i, j], slope, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_projected_gradients_are_slopes_along_feasible_curves(seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((8, 3))
    turn = rng.standard_normal((3, 3))
    T = ortho_group.rvs(3, random_state=seed)
    G = orthogonal_state(A, T, 1.0)[1]
    curve = T @ (turn - turn.T)
    slope = approx_fprime([0.0], lambda t: orthogonal_state(
        A, rotation._nearest_orthonormal(T + t[0] * curve), 1.0)[0], 1e-7)  # fmt: skip
    assert_allclose((G * curve).sum(), slope[0], rtol=1e-4, atol=1e-4)

    T = rotation._unit_columns(turn)
    G = oblique_state(A, T)[1]
    curve = rng.standard_normal((3, 3))
    slope = approx_fprime([0.0], lambda t: oblique_state(
        A, rotation._unit_columns(T + t[0] * curve))[0], 1e-7)  # fmt: skip
    assert_allclose((G * curve).sum(), slope[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_rotation_keeps_the_common_covariance(method):
    A = noisy_loadings()
    L, Phi, violation = rotated(A, method)
    assert violation <= 1e-8
    assert_allclose(L @ Phi @ L.T, A @ A.T, atol=1e-12)
    assert_allclose(np.diag(Phi), 1.0, atol=1e-14)
    if method in ORTHOGONAL:
        assert_allclose(Phi, np.eye(4), atol=1e-14)
    # Latent rows turn with the loadings: the systematic part of the data is unchanged.
    U = np.random.default_rng(0).standard_normal((5, 4))
    assert_allclose(U @ rotate(A, method)[0] @ L.T, U @ A.T, atol=1e-12)


@pytest.mark.parametrize("method", ["varimax", "quartimax"])
def test_orthogonal_solution_is_stationary_and_a_maximum(method):
    A, gamma = noisy_loadings(), ORTHOGONAL[method]
    T, violation = rotate(A, method)
    assert violation == pytest.approx(orthogonal_state(A, T, gamma)[2], abs=1e-12)
    best = orthomax(A @ T, gamma)[0]
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = rotation._nearest_orthonormal(T + 0.1 * rng.standard_normal(T.shape))
        assert orthomax(A @ other, gamma)[0] <= best


def test_oblimin_solution_is_stationary_and_a_minimum():
    A = noisy_loadings()
    T, violation = rotate(A, "oblimin")
    assert violation == pytest.approx(oblique_state(A, T)[2], rel=1e-3, abs=1e-12)
    best = oblique_state(A, T)[0]
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = rotation._unit_columns(T + 0.1 * rng.standard_normal(T.shape))
        assert oblique_state(A, other)[0] >= best
    assert best <= oblique_state(A, rotate(A, "quartimax")[0])[0]
    assert best <= oblique_state(A, rotate(A, "promax")[0])[0]


@pytest.mark.parametrize("method", ["varimax", "quartimax"])
@pytest.mark.parametrize("seed", range(4))
def test_criterion_is_at_least_scikit_learns(method, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((300, 3)) @ rng.standard_normal((3, 10))
    X += rng.standard_normal(X.shape)
    plain = FactorAnalysis(3, svd_method="lapack", tol=1e-8, max_iter=5000).fit(X)
    theirs = FactorAnalysis(3, svd_method="lapack", tol=1e-8, max_iter=5000, rotation=method)
    theirs = theirs.fit(X).components_.T
    ours = rotated(plain.components_.T, method)[0]
    gamma = ORTHOGONAL[method]
    assert orthomax(ours, gamma)[0] >= orthomax(theirs, gamma)[0] * (1 - 1e-12)
    # Where both climbed the same hill the loadings agree, to the accuracy of its stopping rule.
    if orthomax(ours, gamma)[0] <= orthomax(theirs, gamma)[0] * (1 + 1e-4):
        assert_allclose(matched(ours, theirs), theirs, atol=0.02)


def test_varimax_of_a_plane_beats_a_grid_of_angles():
    A = np.random.default_rng(3).standard_normal((9, 2))
    angles = np.linspace(0, np.pi / 2, 2001)
    grid = [orthomax(A @ [[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]], 1.0)[0] for t in angles]
    best = orthomax(rotated(A, "varimax")[0], 1.0)[0]
    assert best >= max(grid)
    assert best == pytest.approx(max(grid), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_perfect_simple_structure_is_recovered(method):
    L, A = planted(np.eye(4))
    # Promax reaches it too: powers of an exact zero are zero.
    assert_allclose(matched(rotated(A, method)[0], L), L, atol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_oblimin_recovers_planted_factor_correlations(seed):
    Phi = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.3], [0.2, 0.3, 1.0]])
    target, A = planted(Phi, seed=seed)
    L, found, violation = rotated(A, "oblimin")
    assert quartimin(L)[0] <= 1e-12
    assert violation <= 1e-8
    assert_allclose(matched(L, target), target, atol=1e-6)
    assert_allclose(np.sort(np.abs(found[np.triu_indices(3, 1)])), [0.2, 0.3, 0.5], atol=1e-6)


def test_promax_fits_the_powers_of_varimax_by_least_squares():
    A = noisy_loadings(seed=5)
    V = rotated(A, "varimax")[0]
    L = rotated(A, "promax")[0]
    P = np.sign(V) * V**4
    fit = V @ np.linalg.lstsq(V, P, rcond=None)[0]
    # Same columns up to the scale that gives factors unit variance.
    cosine = (L * fit).sum(axis=0) / np.linalg.norm(L, axis=0) / np.linalg.norm(fit, axis=0)
    assert_allclose(cosine, 1.0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_loadings_do_not_depend_on_the_starting_axes_or_the_scale(method):
    A = noisy_loadings()
    L = rotated(A, method)[0]
    turned = rotated(A @ ortho_group.rvs(4, random_state=9), method)[0]
    assert_allclose(matched(turned, L), L, atol=1e-6)
    assert_allclose(rotate(1e-6 * A, method)[0], rotate(A, method)[0], atol=1e-7)
    assert_allclose(matched(rotated(A[::-1], method)[0][::-1], L), L, atol=1e-6)
    np.testing.assert_array_equal(rotate(A, method)[0], rotate(A.copy(), method)[0])


@pytest.mark.parametrize("method", METHODS)
def test_degenerate_loadings(method):
    T, violation = rotate(np.ones((5, 1)), method)
    assert_allclose(T, [[1.0]])
    assert violation == 0.0
    T, violation = rotate(np.zeros((5, 3)), method)
    assert_allclose(T, np.eye(3))
    A = noisy_loadings()
    for degenerate in (
        np.c_[A[:, :2], np.zeros(24), A[:, 2:]],
        np.c_[A, A[:, 0]],
        A[:2],
        np.eye(4)[:, :2],
    ):
        L, Phi, violation = rotated(degenerate, method)
        assert violation <= 1e-8
        assert_allclose(L @ Phi @ L.T, degenerate @ degenerate.T, atol=1e-11)
        assert np.linalg.cond(Phi) < 1e6


def test_a_zero_column_leaves_the_other_loadings_alone():
    A = noisy_loadings()
    L = rotated(A, "oblimin")[0]
    with_zero = rotated(np.c_[A, np.zeros(24)], "oblimin")[0]
    lengths = np.linalg.norm(with_zero, axis=0)
    assert lengths.min() < 1e-12
    assert_allclose(matched(with_zero[:, lengths > 1e-12], L), L, atol=1e-6)


def test_few_iterations_report_their_violation():
    A = np.random.default_rng(0).standard_normal((30, 8))
    T, violation = rotate(A, "oblimin", max_iter=1)
    assert violation > 1e-8
    assert_allclose((T**2).sum(axis=0), 1.0)


def test_float32_loadings_are_rotated_in_float64():
    A = noisy_loadings().astype(np.float32)
    T, violation = rotate(A, "varimax")
    assert T.dtype == np.float64
    assert violation <= 1e-8
