"""All states of a machine whose units are joined pairwise: log Z, moments, Fisher information.

The machine is p(u) = exp(u b + u W u / 2) / Z for bits u (m,), biases b (m,) and symmetric W (m, m)
without a diagonal. State number s has unit i on where bit i of s is set, so that the exponent of
all states is a sum over subsets, and moments of all orders are sums over supersets.
"""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.boltzmann_enumeration import bits, log_sum_exp

MOST_AT_ONCE = 20


@njit(cache=True, nogil=True)
def sum_subsets(f):
    """Write sum over A within S of f[A] to f[S], for f (2^m,)."""
    step = 1
    while step < len(f):
        for start in range(0, len(f), 2 * step):
            for s in range(start, start + step):
                f[s + step] += f[s]
        step *= 2


@njit(cache=True, nogil=True)
def sum_supersets(f):
    """Write sum over A that hold S of f[A] to f[S], for f (2^m,)."""
    step = 1
    while step < len(f):
        for start in range(0, len(f), 2 * step):
            for s in range(start, start + step):
                f[s] += f[s + step]
        step *= 2


def exponents(b, W):
    """Exponent u b + u W u / 2 of every state, (2^m,)."""
    units = 1 << np.arange(len(b))
    f = np.zeros(1 << len(b))
    f[units] = b
    i, j = np.triu_indices(len(b), 1)
    f[units[i] | units[j]] = W[i, j]
    sum_subsets(f)
    return f


def log_partition(b, W):
    """Log Z in nats; exact, 2^m terms, of which 2^20 are held at once."""
    low = min(len(b), MOST_AT_ONCE)
    rest = bits(len(b) - low)
    offsets = rest @ b[low:] + 0.5 * ((rest @ W[low:, low:]) * rest).sum(axis=1)
    parts = [
        offset + log_sum_exp(exponents(b[:low] + inputs, W[:low, :low]))
        for offset, inputs in zip(offsets, rest @ W[low:, :low])
    ]
    return log_sum_exp(np.array(parts))


def probabilities(b, W):
    """Probability of every state, (2^m,), and log Z."""
    p = exponents(b, W)
    log_Z = log_sum_exp(p)
    p -= log_Z
    np.exp(p, out=p)
    return p, log_Z


def joint_moments(b, W):
    """E of the product of the units in S, for every S, (2^m,), and log Z."""
    p, log_Z = probabilities(b, W)
    sum_supersets(p)
    return p, log_Z


def second_moments(b, W):
    """E[u u'] (m, m), with E[u] on the diagonal, and log Z."""
    # A state is a high and a low part, so that all that is long is two products of matrices.
    low = len(b) // 2
    of_low, of_high = bits(low), bits(len(b) - low)
    p = (of_high @ W[low:, :low]) @ of_low.T
    p += exponents(b[:low], W[:low, :low])
    p += exponents(b[low:], W[low:, low:])[:, None]
    largest = p.max()
    p -= largest
    np.exp(p, out=p)
    total = p.sum()
    across = of_high.T @ (p @ of_low)
    within_low = (of_low.T * p.sum(axis=0)) @ of_low
    within_high = (of_high.T * p.sum(axis=1)) @ of_high
    second = np.block([[within_low, across.T], [across, within_high]]) / total
    return second, float(largest + np.log(total))


def fisher_information(joint, m):
    """Covariance of all u_i, and then of all u_i u_j with i < j, from the joint moments."""
    units = 1 << np.arange(m)
    i, j = np.triu_indices(m, 1)
    sets = np.concatenate([units, units[i] | units[j]])
    return joint[sets[:, None] | sets] - np.outer(joint[sets], joint[sets])


@njit(cache=True, nogil=True)
def _exponents_given(inputs, pairs, f):
    """Write h inputs + h W h / 2 of every state of k units to f; ``pairs`` holds h W h / 2."""
    f[0] = 0.0
    for j in range(len(inputs)):
        half = 1 << j
        for s in range(half):
            f[half + s] = f[s] + inputs[j]
    f += pairs
    largest = f.max()
    total = 0.0
    for s in range(len(f)):
        f[s] = np.exp(f[s] - largest)
        total += f[s]
    return largest, total


@njit(cache=True, nogil=True)
def given_inputs(inputs, pairs, weight, log_sums, means, second):
    """Sum out k units that get inputs (n, k) from units which are known.

    ``pairs`` (2^k,) are the exponents of the k units without any input. Writes log sum_h exp(h
    inputs + h W h / 2) to log_sums (n,), E[h] to means (n, k), and adds up E[h h'] of the rows,
    by their weight (n,), in ``second`` (k, k).
    """
    n, k = inputs.shape
    f = np.empty(1 << k)
    for row in range(n):
        largest, total = _exponents_given(inputs[row], pairs, f)
        log_sums[row] = largest + np.log(total)
        sum_supersets(f)
        for i in range(k):
            means[row, i] = f[1 << i] / total
            for j in range(i):
                moment = weight[row] * f[(1 << i) | (1 << j)] / total
                second[i, j] += moment
                second[j, i] += moment
            second[i, i] += weight[row] * means[row, i]


@njit(cache=True, nogil=True)
def draw_given_inputs(inputs, pairs, uniform, out):
    """Draw k such units in each row by a uniform number (n,) of its own; bits go to out (n, k)."""
    n, k = inputs.shape
    f = np.empty(1 << k)
    for row in range(n):
        _, total = _exponents_given(inputs[row], pairs, f)
        rest, s = uniform[row] * total, 0
        while s < len(f) - 1 and rest >= f[s]:
            rest -= f[s]
            s += 1
        for i in range(k):
            out[row, i] = (s >> i) & 1
