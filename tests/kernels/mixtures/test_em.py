"""EM of mixtures of low-rank Gaussians climbs, and its parts are what they say."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from skgen.kernels.linear import masked_gaussian
from skgen.kernels.mixtures import em, incomplete_rows
from skgen.kernels.mixtures.expected import Expected
from skgen.kernels.mixtures.loadings import best_loadings
from skgen.kernels.mixtures.model import (
    Mixture,
    canonical,
    count_parameters,
    joint_log_density,
    stacked_log_density,
)
from skgen.kernels.mixtures.moments import (
    SMALL,
    explicit,
    merged,
    weighted_moments,
    weighted_variances,
)

D, M = 5, 3


def mixture(k, seed=0, d=D):
    rng = np.random.default_rng(seed)
    return Mixture(
        rng.dirichlet(np.ones(M)),
        2 * rng.standard_normal((M, d)),
        rng.standard_normal((M, k, d)),
        rng.uniform(0.1, 0.5, (M, d)),
    )


def rows(n=120, holes=0.0, seed=1, d=D):
    rng = np.random.default_rng(seed)
    Y = 2 * rng.standard_normal((M, d))[rng.integers(M, size=n)]
    Y += rng.standard_normal((n, 2)) @ rng.standard_normal((2, d))
    Y += 0.3 * rng.standard_normal((n, d))
    Y[rng.random(Y.shape) < holes] = np.nan
    return Y


def sorted_rows(Y):
    """Incomplete rows, prepared in the order in which they then stand."""
    data = masked_gaussian.prepare(Y)
    return data._replace(order=np.arange(len(Y))), data.order


def expected(d=D, seed=3):
    """Covariances of three clusters before the rows."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((2 * d, d))
    return Expected(np.corrcoef(A.T), rng.uniform(0.5, 2.0, (M, d)))


def covariances(parts):
    return [W.T @ W + np.diag(psi) for W, psi in zip(parts.loadings, parts.noise)]


def brute_force(Y, parts):
    """Joint log-densities by scipy, one row at a time, of what each observes."""
    out = np.empty((len(Y), M))
    for i, y in enumerate(Y):
        seen = ~np.isnan(y)
        for c, C in enumerate(covariances(parts)):
            marginal = multivariate_normal(parts.means[c][seen], C[np.ix_(seen, seen)])
            out[i, c] = np.log(parts.weights[c]) + marginal.logpdf(y[seen])
    return out


@pytest.mark.parametrize("k", [0, 1, 3])
def test_densities_are_those_of_scipy(k):
    parts, Y = mixture(k), rows(20)
    expected = brute_force(Y, parts)
    np.testing.assert_allclose(joint_log_density(Y, parts), expected, rtol=1e-10)
    np.testing.assert_allclose(stacked_log_density(Y, parts), expected, rtol=1e-10)
    Y[0, 1:] = Y[3:9, :2] = Y[5, 4] = np.nan
    found = joint_log_density(masked_gaussian.prepare(Y), parts)
    np.testing.assert_allclose(found, brute_force(Y, parts), rtol=1e-10)
    data, order = sorted_rows(Y)
    found = incomplete_rows.stacked_log_density(data, parts)
    np.testing.assert_allclose(found, brute_force(Y[order], parts), rtol=1e-10)


RULES = [(isotropic, shared) for isotropic in (False, True) for shared in (False, True)]


@pytest.mark.parametrize("prior_weight", [0.0, 7.0])
@pytest.mark.parametrize("holes", [0.0, 0.3])
@pytest.mark.parametrize("k", [0, 2])
@pytest.mark.parametrize(("isotropic", "shared"), RULES)
def test_the_objective_never_falls(isotropic, shared, k, holes, prior_weight):
    Y = rows(holes=holes)
    rule = em.Rule(isotropic, shared, 1e-3, prior_weight).among(expected(), np.ones(D))
    data, weight = Y, np.random.default_rng(2).uniform(0.5, 2.0, len(Y))
    if holes:
        data, order = sorted_rows(Y)
        weight = weight[order]
    start = mixture(k)
    start = start._replace(noise=np.ones((M, D)))
    found = em.fit(data, weight, start, rule, tol=-np.inf, max_iter=60)
    assert np.diff(found.objective).min() > -1e-9
    assert found.objective[-1] > found.objective[0] + 0.1
    noise = found.mixture.noise
    assert not isotropic or np.ptp(noise, axis=1).max() < 1e-12
    assert not shared or np.ptp(noise, axis=0).max() < 1e-12


@pytest.mark.parametrize("k", [0, 2, 7])
def test_the_objective_never_falls_with_many_features(k):
    d = 2 * SMALL
    Y = rows(300, d=d)
    rule = em.Rule(False, False, 1e-3, 7.0).among(expected(d), np.ones(d))
    found = em.fit(Y, np.ones(300), mixture(k, d=d), rule, tol=-np.inf, max_iter=80)
    assert np.diff(found.objective).min() > -1e-9
    assert found.objective[-1] > found.objective[0] + 1


def test_loadings_of_many_features_climb_to_the_best():
    d, k = 2 * SMALL, 3
    Y, R = rows(300, d=d), np.random.default_rng(0).dirichlet(np.ones(M), 300)
    S, psi = weighted_moments(Y, R).covariance, mixture(k, d=d).noise
    W = mixture(k, d=d).loadings

    def explained(W):
        """Log-likelihood of the covariances, up to what does not depend on W."""
        C = [w.T @ w + np.diag(p) for w, p in zip(W, psi)]
        return -sum(np.linalg.slogdet(c)[1] + np.trace(np.linalg.solve(c, s)) for c, s in zip(C, S))

    trace = [explained(W)]
    for _ in range(60):
        W, _ = best_loadings(explicit(S), W, psi)
        trace.append(explained(W))
    assert np.diff(trace).min() > -1e-9
    # From nothing they are the leading eigenvectors at once.
    best = explained(best_loadings(explicit(S), np.zeros_like(W), psi)[0])
    assert trace[1] < best - 1e-3
    assert trace[-1] == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("prior_weight", [0.0, 5.0])
def test_complete_rows_are_rows_with_no_hole(prior_weight):
    """The steps differ, what they lead to does not."""
    Y = rows()
    rule = em.Rule(False, False, 1e-2, prior_weight).among(expected(), np.ones(D))
    data, _ = sorted_rows(Y)
    start = em.fit(Y, np.ones(len(Y)), mixture(1), rule, tol=1e-10, max_iter=3000)
    on = em.fit(data, np.ones(len(Y)), start.mixture, rule, tol=-np.inf, max_iter=30)
    assert on.objective[0] == pytest.approx(start.objective[-1], abs=1e-10)
    assert 0 <= on.objective[-1] - start.objective[-1] < 1e-6


def test_log_prior_is_that_of_pseudo_rows_in_their_units():
    parts, prior = mixture(2), expected()
    rule = em.Rule(False, False, 1e-3, 4.0).among(prior, np.ones(D))
    found = 0.0
    for S, scale in zip(covariances(parts), prior.scale):
        S = S / np.outer(scale, scale)
        trace = np.trace(np.linalg.solve(S, prior.correlation))
        found -= 2.0 * (np.linalg.slogdet(S)[1] + trace)
    assert em.log_prior(parts, rule) == pytest.approx(found, rel=1e-10)


def test_one_cluster_has_no_prior():
    one = expected().of([0])
    assert em.Rule(False, False, 1e-3, 4.0).among(one, np.ones(D)).prior_weight == 0


@pytest.mark.parametrize("holes", [0.0, 0.3])
@pytest.mark.parametrize("shared", [False, True])
def test_each_feature_has_a_floor_of_its_own(shared, holes):
    Y, unit = rows(holes=holes), np.where(np.arange(D) < 2, 1e3, 1.0)
    data, weight = (sorted_rows(Y)[0] if holes else Y), np.ones(len(Y))
    rule = em.Rule(False, shared, 1e-2).among(None, unit)
    noise = em.fit(data, weight, mixture(1), rule, tol=0.0, max_iter=20).mixture.noise
    np.testing.assert_array_equal(noise[:, :2], 10.0)
    assert 1e-2 <= noise[:, 2:].min() < 10.0


@pytest.mark.parametrize("d", [D, 2 * SMALL])
def test_moments_of_parts_add_up(d):
    Y, R = rows(d=d), np.random.default_rng(0).dirichlet(np.ones(M), 120)
    R[:40, 0] = 0
    both = merged(weighted_moments(Y[:50], R[:50]), weighted_moments(Y[50:], R[50:]))
    for found, expected in zip(both, weighted_moments(Y, R)):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    for c in range(M):
        expected = np.cov(Y.T, aweights=R[:, c], bias=True)
        np.testing.assert_allclose(both.covariance[c], expected, atol=1e-12)
    _, mean, variances = weighted_variances(Y, R)
    np.testing.assert_allclose(mean, both.mean, atol=1e-12)
    diagonal = np.diagonal(both.covariance, axis1=1, axis2=2)
    np.testing.assert_allclose(variances, diagonal, atol=1e-12)


def test_a_feature_that_a_cluster_never_sees_keeps_its_marginal():
    Y = rows()
    Y[:, 4] = np.nan
    Y[0, 4] = 0.5
    data, _ = sorted_rows(Y)
    R = np.full((len(Y), M), 1 / M)
    sees = data.observed[data.pattern][:, 4] > 0
    R[sees] = [1.0, 0.0, 0.0]
    before = mixture(2)
    after = em.maximization(data, R, before, em.Rule(False, False, 1e-3))
    for c in (1, 2):
        assert after.means[c, 4] == pytest.approx(before.means[c, 4], abs=1e-9)
        variances = [covariances(parts)[c][4, 4] for parts in (before, after)]
        assert variances[0] == pytest.approx(variances[1], rel=1e-9)


def test_loadings_of_zero_come_back_to_life():
    start = mixture(2)._replace(loadings=np.zeros((M, 2, D)))
    rule = em.Rule(False, False, 1e-3)
    found = em.fit(rows(), np.ones(120), start, rule, tol=1e-6, max_iter=100).mixture
    assert np.abs(found.loadings).sum(axis=(1, 2)).min() > 0.1


def test_canonical_order_changes_no_density():
    parts, Y = mixture(3), rows(20)
    turned = canonical(parts)
    assert np.all(np.diff(turned.weights) <= 0)
    for W, psi in zip(turned.loadings, turned.noise):
        products = (W / psi) @ W.T
        np.testing.assert_allclose(products, np.diag(np.diag(products)), atol=1e-9)
        assert np.all(np.diff(np.diag(products)) <= 0)
    found, expected = (logsumexp(joint_log_density(Y, p), axis=1) for p in (turned, parts))
    np.testing.assert_allclose(found, expected)


def test_numbers_of_parameters():
    # Weights 2, means 15; a covariance: loadings 5 * 2 - 1 and noise.
    assert count_parameters(mixture(2), isotropic=False, shared=False) == 17 + 3 * (9 + 5)
    assert count_parameters(mixture(2), isotropic=True, shared=False) == 17 + 3 * (9 + 1)
    assert count_parameters(mixture(2), isotropic=False, shared=True) == 17 + 3 * 9 + 5
    assert count_parameters(mixture(5), isotropic=False, shared=False) == 17 + 3 * 15
