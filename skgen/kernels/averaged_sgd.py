"""A step of gradient descent and of a running mean of the weights, in one pass over memory."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def descend(weights, gradient, average, step, keep, share):
    """Move ``weights`` to ``keep * weights - step * gradient``, ``average`` a share towards them.

    All three are float32 vectors of one length; the first and the last are changed in place.
    """
    step, keep, share = np.float32(step), np.float32(keep), np.float32(share)
    for i in range(len(weights)):
        weights[i] = keep * weights[i] - step * gradient[i]
        average[i] += share * (weights[i] - average[i])
