"""Gradients and Hessians of the contrasts by differences, and where the solvers end."""

import itertools

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.stats import norm

from skgen.kernels.ica import picard
from skgen.kernels.ica.contrast import CONTRASTS
from skgen.kernels.ica.passes import Pass
from skgen.kernels.ica.whitening import fourth_order_start, nearest_rotation, of_all
from skgen.kernels.threads import RowWorkers

GEOMETRIES = [picard.Rotations, picard.AllMatrices]


@pytest.fixture
def workers():
    with RowWorkers(1) as workers:
        yield workers


def full_factorial():
    """Rows of three sources, peaked, flat and skewed, that are independent to the last digit."""
    u = norm.ppf((np.arange(12) + 0.5) / 12)
    sources = [np.sign(u) * np.abs(u) ** 2, np.tanh(2 * u), np.exp(u)]
    sources = [(s - s.mean()) / s.std() for s in sources]
    return np.array(list(itertools.product(*sources)))


def likeliest_scales(Z):
    """Scales at which the likelihood of each source is stationary, as where a fit ends."""
    scales = []
    for y, flat in zip(Z.T, (False, True, False)):

        def slope(c, y=y, flat=flat):
            peaked = np.mean(np.tanh(c * y) * c * y)
            return (np.mean((c * y) ** 2) - peaked if flat else peaked) - 1

        scales.append(brentq(slope, 0.1, 10))
    return np.array(scales)


def point_at(measure, W):
    return picard.Point(W, measure(W), measure.second_moment(W))


def entries(geometry):
    """Directions of relative steps."""
    for i, j in itertools.product(range(3), repeat=2):
        E = np.zeros((3, 3))
        E[i, j] += 1.0
        if geometry is picard.Rotations:
            if j <= i:
                continue
            E[j, i] -= 1.0
        yield E


def moved(geometry, W, step):
    """W after a relative step along the geodesic, whose second order is that of the Hessian."""
    return expm(step) @ W if geometry is picard.Rotations else W + step @ W


@pytest.mark.parametrize("fun", CONTRASTS)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_gradient_by_differences(geometry, fun, workers, rng):
    measure = Pass(rng.laplace(size=(300, 3)), rng.uniform(size=300), CONTRASTS[fun], workers)
    if geometry is picard.AllMatrices:
        measure._covariance = np.cov(measure.Z.T, ddof=0, aweights=measure._weight)
        measure._covariance += np.outer(
            *[np.average(measure.Z, axis=0, weights=measure._weight)] * 2
        )
        W = rng.standard_normal((3, 3))
    else:
        W = nearest_rotation(rng.standard_normal((3, 3)))
    signs, h = np.array([1.0, -1.0, 1.0]), 1e-6
    G = geometry.gradient(point_at(measure, W), signs)
    for E in entries(geometry):
        low, high = (
            geometry.loss(point_at(measure, moved(geometry, W, s * E)), signs) for s in (-h, h)
        )
        assert np.sum(G * E) == pytest.approx((high - low) / (2 * h), abs=1e-7)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_hessian_of_independent_sources_by_differences(geometry, workers):
    """At independent sources the approximate Hessian is the true one."""
    Z = full_factorial()
    if geometry is picard.AllMatrices:
        Z = Z * likeliest_scales(Z)
    measure = Pass(Z, None, CONTRASTS["logcosh"], workers, Z.T @ Z / len(Z))
    point = point_at(measure, np.eye(3))
    signs = picard.adaptive_signs(geometry.curvature(point))
    assert {-1.0, 1.0} == set(signs)
    h, E = 1e-3, list(entries(geometry))

    def loss(step):
        return geometry.loss(point_at(measure, moved(geometry, np.eye(3), step)), signs)

    H = np.array(
        [
            [
                (loss(h * (a + b)) - loss(h * (a - b)) - loss(h * (b - a)) + loss(-h * (a + b)))
                / (4 * h * h)
                for b in E
            ]
            for a in E
        ]
    )
    solved = np.array([geometry.precondition(point, signs, a) for a in E])
    # The preconditioner solves a system, whose matrix is tested on its solutions.
    images = np.array([[np.sum(s * e) / np.sum(e * e) for e in E] for s in solved])
    inner = np.array([[np.sum(a * b) for b in E] for a in E])
    expected = inner @ np.linalg.inv(images.T)
    diagonal_of_all = [i for i, a in enumerate(E) if np.trace(a) != 0]
    for i, j in itertools.product(range(len(E)), repeat=2):
        # The approximation leaves E[psi'(y) y^2] of a source itself to independence, too.
        if i == j and i in diagonal_of_all:
            continue
        assert H[i, j] == pytest.approx(expected[i, j], abs=5e-5), (i, j)


def mixed(rng, n=4000, k=6):
    S = rng.laplace(size=(n, k))
    S[:, ::2] = rng.uniform(-1, 1, (n, (k + 1) // 2))
    X = S @ rng.standard_normal((k, k)).T
    X -= X.mean(axis=0)
    white = of_all(np.cov(X.T, ddof=0), np.zeros(k))
    return X @ white.K.T


def solve(solver, measure, W, tol=1e-10):
    options = {
        "signs_of": picard.adaptive_signs,
        "tol": tol,
        "max_iter": 200,
        "report": lambda W, gradient: False,
    }
    if solver == "fixed point":
        return picard.iterate_fixed_point(measure, W, **options)
    return picard.minimize(measure, W, solver, **options)


def up_to_order(W):
    """Rows in the order and with the signs of their largest entries."""
    W = W * np.sign(W[np.arange(len(W)), np.abs(W).argmax(axis=1)])[:, None]
    return W[np.lexsort(np.round(W, 6).T)]


def test_solvers_agree(workers, rng):
    Z = mixed(rng)
    measure = Pass(Z, None, CONTRASTS["logcosh"], workers)
    start = fourth_order_start(Z, None)
    a, b = (solve(s, measure, start) for s in (picard.Rotations, "fixed point"))
    assert a.converged
    assert b.converged
    np.testing.assert_allclose(up_to_order(a.W), up_to_order(b.W), atol=1e-8)
    np.testing.assert_allclose(a.W @ a.W.T, np.eye(6), atol=1e-12)


def test_the_start_does_not_matter(workers, rng):
    Z = mixed(rng)
    measure = Pass(Z, None, CONTRASTS["logcosh"], workers)
    for geometry in GEOMETRIES:
        ends = [
            solve(geometry, measure, W).W
            for W in (
                fourth_order_start(Z, None),
                nearest_rotation(rng.standard_normal((6, 6))),
                nearest_rotation(rng.standard_normal((6, 6))),
            )
        ]
        for other in ends[1:]:
            np.testing.assert_allclose(up_to_order(other), up_to_order(ends[0]), atol=1e-7)


def test_the_maximum_is_one(workers, rng):
    """No small change of the unmixing raises the likelihood."""
    Z = mixed(rng)
    measure = Pass(Z, None, CONTRASTS["logcosh"], workers)
    for geometry in GEOMETRIES:
        end = solve(geometry, measure, fourth_order_start(Z, None))
        point = point_at(measure, end.W)
        signs = picard.adaptive_signs(geometry.curvature(point))
        best = geometry.loss(point, signs)
        for _ in range(20):
            step = 0.02 * rng.standard_normal((6, 6))
            step = step - step.T if geometry is picard.Rotations else step
            assert geometry.loss(point_at(measure, geometry.move(end.W, step)), signs) > best


def test_undecided_axes_are_those_given(rng):
    """Rows of a simplex have no fourth moment that tells axes apart."""
    Z = np.vstack([np.eye(4), -np.eye(4)]) * 2
    start = fourth_order_start(Z, None)
    np.testing.assert_allclose(np.abs(start), np.eye(4)[::-1], atol=1e-12)
