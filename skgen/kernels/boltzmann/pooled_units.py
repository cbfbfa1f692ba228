"""Units of which at most one in a block is on, on the CPU: probabilities and draws, float32.

Maps are (m, height, width), cut into blocks of ``size`` x ``size`` from the top left corner; those
at the bottom and on the right have the rows and columns that are left. ``bias`` has a number for
each map, modulo its length. Inputs beyond 80 count as 80: a unit of such a block is surely on.
"""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.bernoulli_units import N_LANES, advance

FAST = {"contract", "nsz", "arcp", "nnan", "ninf"}
LOWEST, HIGHEST = np.float32(-86.0), np.float32(80.0)
_LOG2_E = np.float32(1.44269504088896341)
# log 2 in two parts, the first with few digits, so that its multiples are exact.
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)


@njit(inline="always", error_model="numpy")
def _exponentials(inputs, bias, e, power):
    # exp(x) = 2^n exp(r), |r| <= log(2) / 2, by Taylor's series, within 2e-7; 2^n by its bits.
    for i in range(len(inputs)):
        x = min(max(inputs[i] + bias, LOWEST), HIGHEST)
        n = np.int32(x * _LOG2_E + np.float32(127.5))
        of_two = np.float32(n - np.int32(127))
        r = x - of_two * _LN2_HIGH - of_two * _LN2_LOW
        p = np.float32(1 / 720) * r + np.float32(1 / 120)
        p = p * r + np.float32(1 / 24)
        p = p * r + np.float32(1 / 6)
        p = p * r + np.float32(1 / 2)
        p = p * r + np.float32(1)
        e[i] = p * r + np.float32(1)
        power[i] = np.int32(n << np.int32(23))
    scale = power.view(np.float32)
    for i in range(len(inputs)):
        e[i] *= scale[i]


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def means(inputs, bias, size, out):
    """Probability of each unit, written to out."""
    m, height, width = inputs.shape
    flat, power = np.empty(height * width, np.float32), np.empty(height * width, np.int32)
    e = flat.reshape(height, width)
    for k in range(m):
        _exponentials(inputs[k].ravel(), bias[k % len(bias)], flat, power)
        for top in range(0, height, size):
            bottom = min(top + size, height)
            for left in range(0, width, size):
                right = min(left + size, width)
                total = np.float32(1)
                for i in range(top, bottom):
                    for j in range(left, right):
                        total += e[i, j]
                scale = np.float32(1) / total
                for i in range(top, bottom):
                    for j in range(left, right):
                        out[k, i, j] = e[i, j] * scale


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def draw(inputs, bias, size, states, out):
    """One state of each block, bits 0.0 or 1.0 written to out; ``states`` advances."""
    m, height, width = inputs.shape
    flat, power = np.empty(height * width, np.float32), np.empty(height * width, np.int32)
    e = flat.reshape(height, width)
    n_blocks = -(-height // size) * -(-width // size)
    uniform = np.empty(n_blocks + N_LANES, np.float32)
    for k in range(m):
        _exponentials(inputs[k].ravel(), bias[k % len(bias)], flat, power)
        for start in range(0, n_blocks, N_LANES):
            advance(states, uniform[start : start + N_LANES])
        block = 0
        for top in range(0, height, size):
            bottom = min(top + size, height)
            for left in range(0, width, size):
                right = min(left + size, width)
                total = np.float32(1)
                for i in range(top, bottom):
                    for j in range(left, right):
                        total += e[i, j]
                # The unit in whose part of the total the number lies is on; the first part
                # is that of the empty block.
                rest = uniform[block] * total - np.float32(1)
                block += 1
                for i in range(top, bottom):
                    for j in range(left, right):
                        before = rest >= 0
                        rest -= e[i, j]
                        out[k, i, j] = np.float32(before and rest < 0)
