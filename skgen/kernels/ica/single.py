"""The contrast log cosh in single precision, for the way to the neighborhood of a solution."""

import numpy as np
from numba import njit

from skgen.kernels.ica.exponential import CHUNK, FAST

ONE, TWO = np.float32(1), np.float32(2)
LEAST = np.float32(-80)
LOG2_E = np.float32(1.4426950408889634)
LN2 = np.float32(0.6931471805599453)
# Added to a small number, it leaves the nearest integer in the last bits.
ROUND = np.float32(12582912.0)
BIAS, MANTISSA = np.int32(127), np.int32(23)
A3, A5, A7, A9, A11, A13 = (np.float32(1 / n) for n in (3, 5, 7, 9, 11, 13))
C2, C3, C4, C5, C6 = (np.float32(1 / f) for f in (2, 6, 24, 120, 720))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _scores(y, x, value, power, bits, m):
    """Overwrite x and value by tanh and log cosh of the first m numbers of y."""
    for i in range(m):
        x[i] = max(-TWO * abs(y[i]), LEAST)
        power[i] = x[i] * LOG2_E + ROUND
    for i in range(m):
        r = x[i] - (power[i] - ROUND) * LN2
        p = C6 * r + C5
        p = p * r + C4
        p = p * r + C3
        p = p * r + C2
        p = p * r + ONE
        x[i] = p * r + ONE
    for i in range(m):
        bits[i] = (bits[i] << MANTISSA) + (BIAS << MANTISSA)
    for i in range(m):
        e = x[i] * power[i]
        inverse = ONE / ((ONE + e) * (TWO + e))
        size = (ONE - e) * (TWO + e) * inverse
        x[i] = size if y[i] >= 0 else -size
        # log(1 + e) as 2 artanh(e / (2 + e)).
        t = e * (ONE + e) * inverse
        s = t * t
        p = A13 * s + A11
        p = p * s + A9
        p = p * s + A7
        p = p * s + A5
        p = p * s + A3
        value[i] = abs(y[i]) + (TWO * t * (p * s + ONE) - LN2)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def log_cosh(Y, w, P, loss, slope):
    """Contrast kernel of log cosh for float32 sources."""
    b, k = Y.shape
    step = max(1, CHUNK // k)
    x, power = np.empty(step * k, np.float32), np.empty(step * k, np.float32)
    bits = power.view(np.int32)
    value = np.empty(step * k, np.float32)
    own, losses = np.empty(k, np.float32), np.empty(k, np.float32)
    flat = Y.reshape(-1)
    for start in range(0, b, step):
        stop = min(start + step, b)
        _scores(flat[start * k : stop * k], x, value, power, bits, (stop - start) * k)
        own[:], losses[:] = 0, 0
        for i in range(start, stop):
            weight, at = np.float32(w[i]), (i - start) * k
            for j in range(k):
                t = x[at + j]
                losses[j] += weight * value[at + j]
                own[j] += weight * (ONE - t * t)
                P[i, j] = weight * t
        for j in range(k):
            loss[j] += losses[j]
            slope[j] += own[j]
