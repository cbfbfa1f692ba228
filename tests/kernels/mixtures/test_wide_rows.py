"""Of many features the M-step takes products with rows, and finds what matrices would."""

import numpy as np
import pytest

from skgen.kernels.mixtures import em
from skgen.kernels.mixtures.expected import Expected
from skgen.kernels.mixtures.model import Mixture
from skgen.kernels.mixtures.moments import (
    FEATURES_A_FACTOR,
    LARGE,
    explicit,
    is_wide,
    of_rows,
    weighted_moments,
)

M, K, D, N = 3, 2, LARGE + 9, 90


@pytest.fixture(scope="module")
def wide():
    """Rows, what they give to clusters, a mixture, and what is expected of the clusters."""
    rng = np.random.default_rng(0)
    Y = 2 * rng.standard_normal((M, D))[rng.integers(M, size=N)]
    Y += rng.standard_normal((N, K)) @ rng.standard_normal((K, D)) + rng.standard_normal((N, D))
    R = rng.dirichlet(np.full(M, 0.3), N) * rng.uniform(0.5, 2.0, (N, 1))
    R[:30, 0] = 0
    parts = Mixture(
        np.full(M, 1 / M),
        rng.standard_normal((M, D)),
        rng.standard_normal((M, K, D)),
        rng.uniform(0.5, 1.5, (M, D)),
    )
    A = rng.standard_normal((2 * D, D))
    return Y, R, parts, Expected(np.corrcoef(A.T), rng.uniform(0.5, 2.0, (M, D)))


def test_products_are_those_with_the_covariances(wide):
    Y, R, parts, _ = wide
    total, mean, S = of_rows(Y, R)
    known = weighted_moments(Y, R)
    np.testing.assert_allclose(total, known.weight)
    np.testing.assert_allclose(mean, known.mean)
    C = explicit(known.covariance)
    np.testing.assert_allclose(S.variances, C.variances, rtol=1e-9)
    np.testing.assert_allclose(S.times(parts.loadings), C.times(parts.loadings), atol=1e-9)


@pytest.mark.parametrize("prior_weight", [0.0, 7.0])
@pytest.mark.parametrize("shared", [False, True])
def test_a_step_without_matrices_is_that_with_them(wide, shared, prior_weight):
    Y, R, parts, expected = wide
    assert is_wide(D, K)
    assert not is_wide(D, D // FEATURES_A_FACTOR + 1)
    rule = em.Rule(False, shared, 1e-3, prior_weight).among(expected, np.ones(D))
    for n_steps in (1, 3):
        found = em.maximization(Y, R, parts, rule, n_steps)
        known = em.from_moments(weighted_moments(Y, R), parts, rule, n_steps)
        for a, b in zip(found, known):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


def test_a_cluster_without_rows_keeps_what_it_has(wide):
    Y, R, parts, expected = wide
    R = R * [1.0, 0.0, 1.0]
    rule = em.Rule(False, False, 1e-3, 7.0).among(expected, np.ones(D))
    found = em.maximization(Y, R, parts, rule)
    assert found.weights[1] == 0
    for a, b in zip(found[1:], parts[1:]):
        np.testing.assert_array_equal(a[1], b[1])
        assert np.abs(a[0] - b[0]).max() > 0.01


@pytest.mark.parametrize("isotropic", [False, True])
def test_the_objective_never_falls(wide, isotropic):
    Y, _, parts, expected = wide
    rule = em.Rule(isotropic, False, 1e-3, 7.0).among(expected, np.ones(D))
    start = parts._replace(noise=np.ones((M, D)))
    found = em.fit(Y, np.ones(N), start, rule, tol=-np.inf, max_iter=60)
    assert np.diff(found.objective).min() > -1e-9
    assert found.objective[-1] > found.objective[0] + 1
