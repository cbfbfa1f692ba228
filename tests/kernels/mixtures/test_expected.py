"""What clusters are expected to be: the correlation of all of them in scales of their own."""

import numpy as np
import pytest

from skgen.kernels.mixtures.expected import ROWS_OF_SCALE, Expected, within
from skgen.kernels.mixtures.moments import weighted_variances

D, M = 4, 3


def clusters(seed=0, n=60):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % M
    Y = 5 * rng.standard_normal((M, D))[labels] + rng.standard_normal((n, D)) * (
        1 + labels[:, None]
    )
    return Y, labels, rng.uniform(0.5, 2.0, n)


def expectation(Y, labels, weight, *, isotropic):
    _, mean, variances = weighted_variances(Y, np.eye(M)[labels] * weight[:, None])
    return within(Y, weight, labels, mean, variances, isotropic=isotropic)


def test_the_correlation_is_that_within_clusters_in_their_scales():
    Y, labels, weight = clusters()
    found = expectation(Y, labels, weight, isotropic=False)
    total = np.bincount(labels, weight)
    own = [(Y[labels == c], weight[labels == c]) for c in range(M)]
    S = np.array([np.cov(rows.T, aweights=w, bias=True) for rows, w in own])
    variances = np.diagonal(S, axis1=1, axis2=2)
    trust, pooled = (total / (total + ROWS_OF_SCALE))[:, None], total @ variances / total.sum()
    np.testing.assert_allclose(found.scale**2, trust * variances + (1 - trust) * pooled)
    sums = sum(n * C / np.outer(s, s) for n, C, s in zip(total, S, found.scale))
    root = np.sqrt(np.diag(sums))
    np.testing.assert_allclose(found.correlation, sums / np.outer(root, root), atol=1e-12)


def test_what_is_expected_turns_with_isotropic_rows():
    Y, *rest = clusters()
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((D, D)))[0]
    found = expectation(Y @ Q, *rest, isotropic=True).matrices()
    np.testing.assert_allclose(
        found, Q.T @ expectation(Y, *rest, isotropic=True).matrices() @ Q, atol=1e-10
    )


@pytest.mark.parametrize("isotropic", [False, True])
def test_a_constant_feature_is_expected_to_be_constant(isotropic):
    Y, *rest = clusters()
    found = expectation(np.column_stack([Y, np.ones(len(Y))]), *rest, isotropic=isotropic)
    np.testing.assert_allclose(found.matrices()[:, -1], 0.0, atol=1e-12)
    assert np.isfinite(found.correlation).all()
    np.testing.assert_allclose(found.bounded(0.25).scale[:, -1], 0.5)


def test_products_are_those_with_the_matrices():
    rng = np.random.default_rng(2)
    found = Expected(np.corrcoef(rng.standard_normal((D, 9))), rng.uniform(0.5, 2.0, (M, D)))
    B = rng.standard_normal((M, 2, D))
    np.testing.assert_allclose(found.times(B), B @ found.matrices(), atol=1e-12)
    np.testing.assert_allclose(found.of([1]).matrices(), found.matrices()[1:2])
