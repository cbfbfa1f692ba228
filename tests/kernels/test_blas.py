"""The products against NumPy's."""

import numpy as np
import pytest

from skgen.kernels import blas


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products(rng, dtype):
    Y, B = rng.standard_normal((30, 7)).astype(dtype), rng.standard_normal((7, 4)).astype(dtype)
    weight = rng.random(30).astype(dtype)
    rtol = 1e-4 if dtype == np.float32 else 1e-12
    for got, expected in [
        (blas.inner(Y), Y.T @ Y),
        (blas.product(Y, B), Y @ B),
        (blas.product(Y.T, Y), Y.T @ Y),
        (blas.column_sums(Y, weight), weight @ Y),
    ]:
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)
