"""Contrasts of sources: losses, scores and slopes of a block of rows, summed by source.

A contrast is a smooth function f of one source; its score is f', its slope f''. Each kernel takes

Y : ndarray of shape (b, k)
    Sources.
w : ndarray of shape (b,)
    Weights of the rows.
P : ndarray of shape (b, k)
    Overwritten by the weighted scores.
loss, slope : ndarray of shape (k,)
    The weighted sums of f and f'' are added to them, in float64.
"""

import numpy as np
from numba import njit

from skgen.kernels.ica.exponential import CHUNK, FAST, exp_in_place

LN2 = 0.6931471805599453


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST, inline="always")
def artanh_series(s):
    """artanh(t) / t for s = t^2 <= 1/9, whose powers fall by nine from term to term."""
    p = s * (1 / 31) + 1 / 29
    p = p * s + 1 / 27
    p = p * s + 1 / 25
    p = p * s + 1 / 23
    p = p * s + 1 / 21
    p = p * s + 1 / 19
    p = p * s + 1 / 17
    p = p * s + 1 / 15
    p = p * s + 1 / 13
    p = p * s + 1 / 11
    p = p * s + 1 / 9
    p = p * s + 1 / 7
    p = p * s + 1 / 5
    p = p * s + 1 / 3
    return p * s + 1.0


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def _log_cosh(y, a, power, bits, score, value, m):
    for i in range(m):
        a[i] = -2.0 * abs(y[i])
    exp_in_place(a, power, bits, m)
    for i in range(m):
        # log cosh y = |y| - log 2 + log(1 + e), and the last is 2 artanh(e / (2 + e)).
        e = a[i]
        inverse = 1.0 / ((1.0 + e) * (2.0 + e))
        t = e * (1.0 + e) * inverse
        size = (1.0 - e) * (2.0 + e) * inverse
        score[i] = size if y[i] >= 0 else -size
        value[i] = abs(y[i]) + (2.0 * t * artanh_series(t * t) - LN2)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def log_cosh(Y, w, P, loss, slope):
    """Contrast log cosh y, with the score tanh y."""
    b, k = Y.shape
    step = max(1, CHUNK // k)
    y, a, power = np.empty(step * k), np.empty(step * k), np.empty(step * k)
    score, value = np.empty(step * k), np.empty(step * k)
    bits = power.view(np.int64)
    flat = Y.reshape(-1)
    for start in range(0, b, step):
        stop = min(start + step, b)
        m = (stop - start) * k
        for i in range(m):
            y[i] = flat[start * k + i]
        _log_cosh(y, a, power, bits, score, value, m)
        for i in range(start, stop):
            at = (i - start) * k
            for j in range(k):
                t = score[at + j]
                loss[j] += w[i] * value[at + j]
                slope[j] += w[i] * (1.0 - t * t)
                P[i, j] = w[i] * t


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def gauss(Y, w, P, loss, slope):
    """Contrast -exp(-y^2 / 2), which bounds the pull of outliers."""
    b, k = Y.shape
    step = max(1, CHUNK // k)
    y, a, power = np.empty(step * k), np.empty(step * k), np.empty(step * k)
    bits = power.view(np.int64)
    flat = Y.reshape(-1)
    for start in range(0, b, step):
        stop = min(start + step, b)
        m = (stop - start) * k
        for i in range(m):
            y[i] = flat[start * k + i]
            a[i] = -0.5 * y[i] * y[i]
        exp_in_place(a, power, bits, m)
        for i in range(start, stop):
            at = (i - start) * k
            for j in range(k):
                e, s = a[at + j], y[at + j]
                loss[j] -= w[i] * e
                slope[j] += w[i] * ((1.0 - s * s) * e)
                P[i, j] = w[i] * (s * e)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)
def quartic(Y, w, P, loss, slope):
    """Contrast y^4 / 4, the kurtosis, with the score y^3."""
    b, k = Y.shape
    for i in range(b):
        for j in range(k):
            y = np.float64(Y[i, j])
            s = y * y
            loss[j] += w[i] * (0.25 * s * s)
            slope[j] += w[i] * (3.0 * s)
            P[i, j] = w[i] * (s * y)


CONTRASTS = {"logcosh": log_cosh, "exp": gauss, "cube": quartic}
