"""Steps of gradient descent, with or without a running mean, in one pass over memory."""

import numpy as np
from numba import njit

FAST = {"contract", "nsz"}


@njit(cache=True, nogil=True, fastmath=FAST)
def descend(weights, gradient, step, keep):
    """Move ``weights`` to ``keep * weights - step * gradient``; float32 vectors."""
    step, keep = np.float32(step), np.float32(keep)
    for i in range(len(weights)):
        weights[i] = keep * weights[i] - step * gradient[i]


@njit(cache=True, nogil=True, fastmath=FAST)
def descend_and_average(weights, gradient, step, keep, average, share):
    """The same, and ``average`` moves a share of the way towards the new weights."""
    step, keep, share = np.float32(step), np.float32(keep), np.float32(share)
    for i in range(len(weights)):
        weights[i] = keep * weights[i] - step * gradient[i]
        average[i] += share * (weights[i] - average[i])
