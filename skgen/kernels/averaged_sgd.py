"""Steps of gradient descent, with or without a running mean, in one pass over memory."""

import numpy as np
from numba import njit

FAST = {"contract", "nsz"}


@njit(cache=True, nogil=True, fastmath=FAST)
def step(weights, gradient, learning_rate, keep):
    """Move ``weights`` to ``keep * weights - learning_rate * gradient``; float32 vectors."""
    learning_rate, keep = np.float32(learning_rate), np.float32(keep)
    for i in range(len(weights)):
        weights[i] = keep * weights[i] - learning_rate * gradient[i]


@njit(cache=True, nogil=True, fastmath=FAST)
def step_and_average(weights, gradient, learning_rate, keep, average, fraction):
    """The same, and ``average`` moves a fraction of the way toward the new weights."""
    learning_rate, keep = np.float32(learning_rate), np.float32(keep)
    fraction = np.float32(fraction)
    for i in range(len(weights)):
        weights[i] = keep * weights[i] - learning_rate * gradient[i]
        average[i] += fraction * (weights[i] - average[i])
