"""Partition functions of restricted Boltzmann machines, by enumeration of the smaller layer."""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.softplus import sum_softplus

# Units whose states are enumerated inside the loop.
_N_LOW = 10


def bits(k):
    """Every state of k binary units, shape (2^k, k) float64."""
    return ((np.arange(2**k)[:, None] >> np.arange(k)) & 1).astype(np.float64)


def log_sum_exp(values):
    """Logarithm of the sum of exp(values)."""
    largest = values.max()
    return float(largest + np.log(np.exp(values - largest).sum()))


def log_partition(W, b, c):
    """Log Z = log sum_{v, h} exp(v b + h c + h W v) in nats; W (k, d), b (d,), c (k,).

    Exact; 2^min(k, d) terms, each a sum over the other layer in closed form.
    """
    W, b, c = (np.asarray(a, dtype=np.float64) for a in (W, b, c))
    if W.shape[0] > W.shape[1]:
        W, b, c = W.T, c, b
    # A state is a high and a low part, so its inputs are one addition a unit.
    k_low = min(_N_LOW, len(c))
    low, high = bits(k_low), bits(len(c) - k_low)
    inputs_low = np.ascontiguousarray(low @ W[:k_low])
    terms = np.empty(len(low))
    parts = [
        log_sum_exp(_terms(inputs_low, row, low @ c[:k_low] + offset, terms))
        for row, offset in zip(high @ W[k_low:] + b, high @ c[k_low:])
    ]
    return log_sum_exp(np.array(parts))


def labeled_log_partition(W, b, c, n_classes):
    """The same where exactly one of the last ``n_classes`` visible units is on."""
    if not n_classes:
        return log_partition(W, b, c)
    d = len(b) - n_classes
    # Given its label a machine is an ordinary one, with other biases of the hidden units.
    parts = [b[j] + log_partition(W[:, :d], b[:d], c + W[:, j]) for j in range(d, len(b))]
    return log_sum_exp(np.array(parts))


@njit(cache=True, nogil=True)
def _terms(inputs_low, inputs_high, offsets, terms):
    """Offset + sum_i log(1 + exp(input_i)) of every low state beside one high state."""
    for s in range(len(inputs_low)):
        terms[s] = offsets[s] + sum_softplus(inputs_low[s], inputs_high, 1.0)
    return terms


def gaussian_log_partition(W, b, c, variance):
    """Log Z of E(v, h) = sum (v - b)^2 / (2 variance) - h c - h W (v / variance), in nats.

    Exact; 2^k terms in which v is integrated out. W (k, d), b (d,), c (k,), variance (d,).
    """
    W, b, c = (np.asarray(a, dtype=np.float64) for a in (W, b, c))
    variance = np.asarray(variance, dtype=np.float64)
    # int exp = prod sqrt(2 pi variance) exp(u b / variance + u^2 / (2 variance)), u = W' h.
    linear = W @ (b / variance) + c
    quadratic = 0.5 * (W / variance) @ W.T
    k_low = min(_N_LOW, len(c))
    low, high = bits(k_low), bits(len(c) - k_low)
    within = low @ linear[:k_low] + _quadratic(low, quadratic[:k_low, :k_low])
    across = 2 * quadratic[k_low:, :k_low]
    own = high @ linear[k_low:] + _quadratic(high, quadratic[k_low:, k_low:])
    parts = [log_sum_exp(within + low @ row + offset) for row, offset in zip(high @ across, own)]
    return log_sum_exp(np.array(parts)) + 0.5 * float(np.log(2 * np.pi * variance).sum())


def _quadratic(states, matrix):
    """State' matrix state of every row."""
    return ((states @ matrix) * states).sum(1)
