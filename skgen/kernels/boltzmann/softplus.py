"""Sums of softplus, log(1 + exp(x)), with one logarithm for hundreds of terms."""

import numpy as np
from numba import njit

FAST = {"reassoc", "contract", "nsz", "arcp", "nnan", "ninf"}

# So many factors in [1, 2] are multiplied before a logarithm: their product stays finite.
_FACTORS_A_LOGARITHM = 1000


@njit(inline="always", error_model="numpy")
def _decay(x):
    # exp(-|x|) = exp(-|x| / 128)^128 by Taylor's series: without a call the loop is vectorized.
    u = -min(abs(x), 40.0) / 128
    e = 1 + u / 12
    e = 1 + e * u / 11
    e = 1 + e * u / 10
    e = 1 + e * u / 9
    e = 1 + e * u / 8
    e = 1 + e * u / 7
    e = 1 + e * u / 6
    e = 1 + e * u / 5
    e = 1 + e * u / 4
    e = 1 + e * u / 3
    e = 1 + e * u / 2
    e = 1 + e * u
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return e * e


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def sum_softplus(x, y, scale):
    """Sum of log(1 + exp(x + scale y)) over two vectors; good to 1e-14 of it."""
    total = 0.0
    for start in range(0, len(x), _FACTORS_A_LOGARITHM):
        # log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|))
        linear, product = 0.0, 1.0
        for i in range(start, min(start + _FACTORS_A_LOGARITHM, len(x))):
            z = x[i] + scale * y[i]
            linear += max(z, 0.0)
            product *= 1.0 + _decay(z)
        total += linear + np.log(product)
    return total
