"""Moments in one pass against two-pass NumPy in float64."""

import numpy as np
import pytest
from scipy import sparse

from skgen.kernels import moments as m


def test_dense_moments(rng):
    X = rng.standard_normal((5000, 9)) @ rng.standard_normal((9, 9)) + 3
    got = m.moments(X)
    assert got.weight == 5000
    np.testing.assert_allclose(got.mean, X.mean(0), rtol=1e-12)
    np.testing.assert_allclose(got.covariance, np.cov(X.T, bias=True), rtol=1e-10, atol=1e-10)


def test_float32_far_from_zero_keeps_its_digits(rng):
    X = (1e4 + rng.standard_normal((20_000, 5))).astype(np.float32)
    exact = np.cov(X.astype(np.float64).T, bias=True)
    got = m.moments(X)
    np.testing.assert_allclose(got.covariance, exact, atol=1e-5)
    np.testing.assert_allclose(got.mean, X.mean(0, dtype=np.float64), rtol=1e-9)


def test_weights_are_repeated_rows(rng):
    X = rng.standard_normal((300, 4))
    weight = rng.integers(1, 4, 300).astype(float)
    repeated = m.moments(np.repeat(X, weight.astype(int), axis=0))
    weighted = m.moments(X, weight)
    for a, b in zip(weighted[:3], repeated[:3]):
        np.testing.assert_allclose(a, b, atol=1e-12)
    assert (weighted.n_rows, repeated.n_rows) == (300, weight.sum())


@pytest.mark.parametrize("weighted", [False, True])
def test_sparse_moments_are_the_dense_ones(rng, weighted):
    X = rng.standard_normal((200, 30)) * (rng.random((200, 30)) < 0.1)
    weight = rng.random(200) if weighted else None
    for a, b in zip(m.moments(sparse.csr_array(X), weight), m.moments(X, weight)):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_merging_parts_gives_the_whole(rng):
    X = rng.standard_normal((100, 4)) + np.arange(100)[:, None]
    merged = m.merge(m.moments(X[:1]), m.moments(X[1:]))
    for a, b in zip(merged, m.moments(X)):
        np.testing.assert_allclose(a, b, rtol=1e-12)
