"""The score of log cosh in single precision, for steps that need neither losses nor many digits."""

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
C2, C3, C4, C5, C6 = (np.float32(1 / f) for f in (2, 6, 24, 120, 720))


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _tanh(y, x, power, bits, m):
    """Overwrite x by the hyperbolic tangents of the first m numbers of y."""
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
        t = (ONE - e) / (ONE + e)
        x[i] = t if y[i] >= 0 else -t


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def tanh(Y, w, P, loss, slope):
    """Contrast kernel of log cosh for float32 sources, which leaves the losses alone."""
    b, k = Y.shape
    step = max(1, CHUNK // k)
    x, power = np.empty(step * k, np.float32), np.empty(step * k, np.float32)
    bits = power.view(np.int32)
    own = np.empty(k, np.float32)
    flat = Y.reshape(-1)
    for start in range(0, b, step):
        stop = min(start + step, b)
        _tanh(flat[start * k : stop * k], x, power, bits, (stop - start) * k)
        own[:] = 0
        for i in range(start, stop):
            weight, at = np.float32(w[i]), (i - start) * k
            for j in range(k):
                t = x[at + j]
                own[j] += weight * (ONE - t * t)
                P[i, j] = weight * t
        for j in range(k):
            slope[j] += own[j]
