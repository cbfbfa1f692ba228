"""Logistic units on the CPU: probabilities and random bits in one pass over memory."""

import numpy as np
from numba import njit

# Independent generators side by side, so that the loop over them becomes vector instructions.
N_LANES = 16

FAST = {"contract", "nsz", "arcp", "nnan", "ninf"}

_U32 = np.uint32
# 2^-24: the upper 24 bits of a word make a float32 in [0, 1) without rounding.
_SPACING = np.float32(2.0**-24)


def lane_states(seed):
    """States (4, N_LANES) uint32 of the generators, from a seed."""
    words = np.random.SeedSequence(seed).generate_state(4 * N_LANES, np.uint32)
    return (words | np.uint32(1)).reshape(4, N_LANES)


@njit(inline="always", error_model="numpy")
def logistic(a):
    """1 / (1 + exp(-a)) of a float32, within 2e-7."""
    # 1 / (1 + exp(-a)) = 1/2 + tanh(a / 2) / 2; the quotient of polynomials is good to 2e-7.
    half = np.float32(0.5)
    x = min(max(half * a, np.float32(-7.9)), np.float32(7.9))
    s = x * x
    p = np.float32(-2.76076847742355e-16)
    p = p * s + np.float32(2.00018790482477e-13)
    p = p * s + np.float32(-8.60467152213735e-11)
    p = p * s + np.float32(5.12229709037114e-08)
    p = p * s + np.float32(1.48572235717979e-05)
    p = p * s + np.float32(6.37261928875436e-04)
    p = p * s + np.float32(4.89352455891786e-03)
    q = np.float32(1.19825839466702e-06)
    q = q * s + np.float32(1.18534705686654e-04)
    q = q * s + np.float32(2.26843463243900e-03)
    q = q * s + np.float32(4.89352518554385e-03)
    return half + half * x * p / q


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def probabilities(inputs, bias, out):
    """P(unit = 1) for inputs (n, k) float32 and bias (k,), written to out."""
    n, k = inputs.shape
    for i in range(n):
        for j in range(k):
            out[i, j] = logistic(inputs[i, j] + bias[j])


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def draw(inputs, bias, states, out):
    """Bits 0.0 or 1.0 of logistic units with inputs (n, k) and bias (k,), written to out.

    ``states`` advances: xoshiro128+ (Blackman & Vigna 2021, Scrambled linear pseudorandom
    number generators), a generator a lane.
    """
    n, k = inputs.shape
    whole = k - k % N_LANES
    uniform = np.empty(N_LANES, np.float32)
    for i in range(n):
        for start in range(0, whole, N_LANES):
            advance(states, uniform)
            for lane in range(N_LANES):
                p = logistic(inputs[i, start + lane] + bias[start + lane])
                out[i, start + lane] = np.float32(1) if uniform[lane] < p else np.float32(0)
        if whole < k:
            advance(states, uniform)
            for j in range(whole, k):
                p = logistic(inputs[i, j] + bias[j])
                out[i, j] = np.float32(1) if uniform[j - whole] < p else np.float32(0)


@njit(inline="always", error_model="numpy")
def advance(states, uniform):
    """Next floats in [0, 1) of the generators, written to uniform (N_LANES,)."""
    # numba widens sums and shifts of 32-bit words: _U32 cuts them back.
    for lane in range(N_LANES):
        a, b, c, d = states[0, lane], states[1, lane], states[2, lane], states[3, lane]
        uniform[lane] = np.float32(np.int32(_U32(a + d) >> _U32(8))) * _SPACING
        shifted = _U32(b << _U32(9))
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        states[0, lane] = a
        states[1, lane] = b
        states[2, lane] = c
        states[3, lane] = _U32(d << _U32(11)) | _U32(d >> _U32(21))


@njit(cache=True, nogil=True)
def skip(n, k, states):
    """Advance ``states`` as ``draw`` does for inputs (n, k)."""
    uniform = np.empty(N_LANES, np.float32)
    for _ in range(n * (-(-k // N_LANES))):
        advance(states, uniform)


@njit(cache=True, nogil=True)
def draw_columns(d, n, states):
    """Integers (n,) below d, uniform up to 2^-24."""
    uniform = np.empty(N_LANES, np.float32)
    out = np.empty(n, np.int64)
    for i in range(n):
        if i % N_LANES == 0:
            advance(states, uniform)
        out[i] = np.int64(uniform[i % N_LANES] * d)
    return out
