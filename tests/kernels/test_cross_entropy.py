import numpy as np
import pytest

from skgen.kernels.cross_entropy import log_probability_and_derivative


@pytest.mark.parametrize("d", [1, 16, 37, 3000])
def test_log_probability_and_derivative(d, rng):
    log_odds = (8 * rng.standard_normal((5, d))).astype(np.float32)
    log_odds[0, 0], log_odds[1, -1] = 90, -90
    x = rng.random((5, d)).astype(np.float32)
    x[2] = x[2] < 0.5
    a = log_odds.astype(float)
    expected = (x * a - np.logaddexp(0, a)).sum(1)
    derivative, found = log_odds.copy(), np.empty(5, np.float32)
    log_probability_and_derivative(derivative, x, found)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(derivative, x - 1 / (1 + np.exp(-a)), atol=5e-7)
