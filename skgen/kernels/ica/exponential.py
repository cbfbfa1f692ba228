"""The exponential of many numbers at once, in loops that a compiler turns into vectors."""

from numba import njit

# Products may fuse, but no sum is regrouped: the rounding below is meant.
FAST = {"contract", "nsz", "arcp"}
CHUNK = 1024  # numbers whose temporaries stay in the first cache
LEAST = -700.0  # exp underflows below it
LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93145751953125e-1
LN2_LOW = 1.4286068203094172e-6
# Added to a small number, it leaves the nearest integer in the last bits.
ROUND = 6755399441055744.0
BIAS = 1023
MANTISSA = 52


@njit(cache=True, nogil=True, fastmath=FAST, inline="always")
def exp_of_rest(r):
    """Taylor polynomial of exp for |r| <= ln(2) / 2, to the last digit."""
    p = r * (1 / 479001600) + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    return p * r + 1.0


@njit(cache=True, nogil=True, fastmath=FAST)
def exp_in_place(x, power, bits, m):
    """Overwrite the first m numbers of x, none above 0, by their exponentials.

    ``power`` is float64 scratch, and ``bits`` the same memory as int64.
    """
    for i in range(m):
        x[i] = max(x[i], LEAST)
        power[i] = x[i] * LOG2_E + ROUND
    for i in range(m):
        n = power[i] - ROUND
        x[i] = exp_of_rest((x[i] - n * LN2_HIGH) - n * LN2_LOW)
    for i in range(m):
        bits[i] = (bits[i] << MANTISSA) + (BIAS << MANTISSA)
    for i in range(m):
        x[i] *= power[i]
