"""The three sides of an eigenproblem agree."""

import numpy as np
import pytest
from scipy import sparse

from skgen.kernels.linear import spectrum as s


def covariance_of(Y, total):
    return Y.T @ Y / total


@pytest.mark.parametrize("k", [1, 3, 20])
def test_top_eigenpairs(rng, k):
    Y = rng.standard_normal((50, 20))
    C = covariance_of(Y, 50)
    values, axes = s.top_eigenpairs(C, k)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(C)[::-1][:k])
    np.testing.assert_allclose(C @ axes.T, axes.T * values, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gram_side(rng, dtype):
    Y = rng.standard_normal((12, 60))
    Y -= Y.mean(0)
    values, axes = s.gram_eigenpairs(Y.astype(dtype), 12.0, 12)
    C = covariance_of(Y, 12)
    atol = 1e-4 if dtype == np.float32 else 1e-10
    np.testing.assert_allclose(values, np.linalg.eigvalsh(C)[::-1][:12], atol=atol)
    # The twelfth direction has no variance, yet the axes stay orthonormal.
    np.testing.assert_allclose(axes @ axes.T, np.eye(12), atol=atol)
    np.testing.assert_allclose(C @ axes.T, axes.T * values, atol=10 * atol)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("weighted", [False, True])
def test_randomized_side_of_a_decaying_spectrum(rng, kind, weighted):
    scales = 0.5 ** np.arange(40)
    X = rng.standard_normal((300, 40)) * scales + 2
    weight = rng.random(300) + 0.5 if weighted else None
    total = 300.0 if weight is None else weight.sum()
    mean = np.average(X, axis=0, weights=weight)
    A = s.centered_rows(kind(X), mean, weight)
    values, axes = s.randomized_eigenpairs(A, total, 5, np.random.RandomState(0))
    C = np.cov(X.T, aweights=weight, ddof=0)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(C)[::-1][:5], rtol=1e-6)
    np.testing.assert_allclose(axes @ axes.T, np.eye(5), atol=1e-10)
    assert s.total_variance(kind(X), mean, weight) == pytest.approx(np.trace(C))


def test_the_cheapest_side_is_chosen():
    assert s.cheapest_solver(20_000, 256, 16, full=False) == "covariance"
    assert s.cheapest_solver(60_000, 784, 64, full=False) == "covariance"
    assert s.cheapest_solver(100, 5000, 10, full=False) == "gram"
    assert s.cheapest_solver(20_000, 20_000, 10, full=False) == "randomized"
    assert s.cheapest_solver(20_000, 20_000, 10, full=True) == "covariance"
