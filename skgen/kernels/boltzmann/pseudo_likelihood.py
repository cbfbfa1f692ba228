"""Pseudo-likelihood of a restricted Boltzmann machine: each unit given all the others."""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.bernoulli_units import draw_columns
from skgen.kernels.boltzmann.softplus import sum_softplus

# All kernels: V (n, d) bits; inputs (n, k) log-odds of the hidden units, float64;
# WT (d, k) float64, a row a visible unit; b (d,).


@njit(cache=True, nogil=True)
def _log_conditional(v, inputs, column, bias):
    """Log P(v_j | the rest) of one row for the unit j with this column of weights."""
    flip = 1 - 2 * v
    log_odds = flip * bias + sum_softplus(inputs, column, flip)
    log_odds -= sum_softplus(inputs, column, 0.0)
    # -log(1 + exp(log_odds)): the flipped row is exp(log_odds) times as likely.
    return -(max(log_odds, 0.0) + np.log1p(np.exp(-abs(log_odds))))


@njit(cache=True, nogil=True)
def log_pseudo_likelihood(V, inputs, WT, b):
    """Sum over the units of log P(v_j | the rest), nats, shape (n,); O(n d k)."""
    n, d = V.shape
    out = np.zeros(n)
    for i in range(n):
        for j in range(d):
            out[i] += _log_conditional(V[i, j], inputs[i], WT[j], b[j])
    return out


@njit(cache=True, nogil=True)
def sampled_pseudo_likelihood(V, inputs, W, b, c, columns):
    """Mean over rows of d times log P(v_j | the rest), with one unit j a row; nats.

    Here W is (k, d), and inputs lack the biases c (k,); any float dtype.
    """
    n, d = V.shape
    total = 0.0
    x, y = np.empty(len(c)), np.empty(len(c))
    for i in range(n):
        j = columns[i]
        for u in range(len(c)):
            x[u], y[u] = inputs[i, u] + c[u], W[u, j]
        total += _log_conditional(np.float64(V[i, j]), x, y, np.float64(b[j]))
    return d * total / n


@njit(cache=True, nogil=True)
def watched_pseudo_likelihood(V, inputs, W, b, c, n, states):
    """The same of the first n rows, with units that are drawn; ``states`` advances."""
    columns = draw_columns(V.shape[1], n, states)
    return sampled_pseudo_likelihood(V[:n], inputs, W, b, c, columns)
