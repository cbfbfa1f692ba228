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
