"""Log-probabilities of independent bits given log-odds, and their derivatives, in one pass."""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.bernoulli_units import N_LANES, logistic

FAST = {"reassoc", "contract", "nsz", "arcp", "nnan", "ninf"}

# So many factors in [1/2, 1] are multiplied before a logarithm: their product stays in range.
_FACTORS_A_LOGARITHM = 96


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def log_probability_and_derivative(log_odds, x, out):
    """Write log p(x) of each row to out (n,), and its derivative x - p over ``log_odds`` (n, d).

    float32; values of x between 0 and 1 give minus the cross-entropy. Good to 2e-7 a bit.
    """
    n, d = log_odds.shape
    n_groups = d // N_LANES
    # log p = x a - max(a, 0) + log max(p, 1 - p), summed apart in lanes so that vectors do it.
    linear, product = np.empty(N_LANES, np.float32), np.empty(N_LANES, np.float32)
    for i in range(n):
        total = 0.0
        linear[:], product[:] = 0, 1
        for group in range(n_groups):
            start = group * N_LANES
            for lane in range(N_LANES):
                a, b = log_odds[i, start + lane], x[i, start + lane]
                p = logistic(a)
                linear[lane] += b * a - max(a, np.float32(0))
                product[lane] *= max(p, np.float32(1) - p)
                log_odds[i, start + lane] = b - p
            if group % _FACTORS_A_LOGARITHM == _FACTORS_A_LOGARITHM - 1:
                for lane in range(N_LANES):
                    total += np.log(product[lane])
                    product[lane] = 1
        for lane in range(N_LANES):
            total += linear[lane] + np.log(product[lane])
        for j in range(n_groups * N_LANES, d):
            a, b = log_odds[i, j], x[i, j]
            p = logistic(a)
            total += b * a - max(a, np.float32(0)) + np.log(max(p, np.float32(1) - p))
            log_odds[i, j] = b - p
        out[i] = total
