"""Whitening: white rows and the way back, and which directions count as none."""

import numpy as np
import pytest

from skgen.kernels.ica import whitening


def test_white_rows_and_the_way_back(rng):
    X = rng.laplace(size=(300, 4)) @ rng.standard_normal((4, 4)) * [1, 1e6, 1e-6, 1] + 3
    mean = X.mean(axis=0)
    white = whitening.of_all(np.cov(X.T, ddof=0), np.zeros(4))
    Z = whitening.white_rows(X, mean, white.K)
    np.testing.assert_allclose(Z.T @ Z / len(Z), np.eye(4), atol=1e-9)
    np.testing.assert_allclose(mean + Z @ white.back.T, X, rtol=1e-9)
    assert white.noise == 0


def test_blocks_hold_all_rows(rng):
    X = rng.standard_normal((5001, 30))
    w = rng.uniform(size=len(X))
    blocks = whitening.cached_blocks(*X.shape)
    assert len(blocks) > 1
    np.testing.assert_array_equal(np.concatenate([np.arange(5001)[b] for b in blocks]), range(5001))
    K = rng.standard_normal((20, 30))
    np.testing.assert_allclose(whitening.white_rows(X, X[0], K), (X - X[0]) @ K.T, atol=1e-12)
    # The axes of the start diagonalize the moment that they are the axes of.
    V = whitening.fourth_order_start(X, w)
    M = V @ ((X * (w * (X**2).sum(axis=1))[:, None]).T @ X) @ V.T
    np.testing.assert_allclose(M, np.diag(np.diag(M)), atol=1e-7)
    assert (np.diff(np.diag(M)) <= 0).all()


def test_a_part_of_the_rows_is_fair_and_does_not_know_their_order(rng):
    Z = rng.laplace(size=(4000, 3))
    Q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    order = rng.permutation(4000)
    part = whitening.by_norm(Z)[::8]
    np.testing.assert_array_equal(order[whitening.by_norm(Z[order] @ Q)[::8]], part)
    squares = [np.mean(np.sum(rows**2, axis=1)) for rows in (Z, Z[part])]
    assert squares[1] == pytest.approx(squares[0], rel=0.02)


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("units", [[1.0, 1.0], [1e6, 1e-3]])
def test_what_rounding_may_have_made_is_no_direction(column, units):
    """The least eigenvalue of the correlations counts where it exceeds the share of rounding."""
    least, units = 1e-5, np.array(units)
    covariance = np.array([[1, 1 - least], [1 - least, 1]]) * np.outer(units, units)
    rounding = np.zeros(2)
    for share, counts in ((0.98 * least, True), (1.02 * least, False)):
        rounding[column] = share * units[column] ** 2
        assert (whitening.of_all(covariance, rounding) is not None) == counts
    assert whitening.of_all(covariance, np.zeros(2)) is not None
    # A column that varies by its rounding alone has no correlations.
    rounding[column] = units[column] ** 2
    assert whitening.of_all(np.diag(units**2), rounding) is None
