"""Mean field of units that are joined pairwise and get inputs from known ones."""

import numpy as np
from numba import njit


@njit(inline="always")
def _sigmoid(a):
    e = np.exp(-abs(a))
    return 1 / (1 + e) if a >= 0 else e / (1 + e)


@njit(cache=True, nogil=True)
def _settle(inputs, W, means, max_iter, tol):
    """Set each mean to that given the others', in turn, until none moves by more than tol."""
    k = len(inputs)
    for i in range(k):
        means[i] = _sigmoid(inputs[i])
    for _ in range(max_iter):
        largest = 0.0
        for i in range(k):
            a = inputs[i]
            for j in range(k):
                a += W[i, j] * means[j]
            mean = _sigmoid(a)
            largest = max(largest, abs(mean - means[i]))
            means[i] = mean
        if largest <= tol:
            break


@njit(cache=True, nogil=True)
def _bound(inputs, W, means):
    """E_q[h inputs + h W h / 2] plus the entropy of q."""
    total = 0.0
    for i in range(len(inputs)):
        p = means[i]
        a = inputs[i]
        for j in range(i):
            a += W[i, j] * means[j]
        total += p * a
        if 0 < p < 1:
            total -= p * np.log(p) + (1 - p) * np.log1p(-p)
    return total


@njit(cache=True, nogil=True)
def given_inputs(inputs, W, weight, max_iter, tol, bounds, means, second):
    """Independent units nearest to those that get inputs (n, k), joined by W (k, k).

    Writes the bound E_q[h inputs + h W h / 2] + H(q) on the logarithm of the sum over states to
    bounds (n,), the means of q to means (n, k), and adds up E_q[h h'] of the rows, by their weight
    (n,), in ``second`` (k, k). Coordinate ascent, so that the bound rises with each step.
    """
    n, k = inputs.shape
    for row in range(n):
        _settle(inputs[row], W, means[row], max_iter, tol)
        bounds[row] = _bound(inputs[row], W, means[row])
        for i in range(k):
            for j in range(k):
                of_pair = means[row, i] * (1.0 if i == j else means[row, j])
                second[i, j] += weight[row] * of_pair
