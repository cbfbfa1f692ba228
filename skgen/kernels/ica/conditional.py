"""Missing entries of rows given the others, by Gibbs sampling over the components of the sources.

Given a component for each source, the missing entries are Gaussian. The entries and the source
itself are integrated out while a component is drawn, so that separate modes are no obstacle.
"""

import math

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
LEAST_CAVITY = 1e-12


@njit(cache=True, nogil=True)
def uniform(state):
    """Number from [0, 1) by SplitMix64 (Steele, Lea & Flood 2014); moves the state (1,) on."""
    state[0] += GOLDEN
    z = state[0]
    z = (z ^ (z >> SHIFTS[0])) * MIX_1
    z = (z ^ (z >> SHIFTS[1])) * MIX_2
    z = z ^ (z >> SHIFTS[2])
    return float(z >> SHIFTS[3]) / 9007199254740992.0


@njit(cache=True, nogil=True)
def normal(state):
    """Standard normal number by the method of Box and Muller."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(state)))
    return radius * math.cos(2.0 * math.pi * uniform(state))


@njit(cache=True, nogil=True)
def _solve(W, Q, pull, precision, center, offset, S, L, mean):
    """Covariance S and mean (m,) of the missing entries given components; L is the Cholesky root.

    W (k, m) unmixes the missing entries, ``offset`` (k,) is what the observed ones add.
    """
    k, m = W.shape
    P = Q.copy()
    b = pull.copy()
    for j in range(k):
        beta = precision[j] * (center[j] - offset[j])
        for a in range(m):
            scaled = precision[j] * W[j, a]
            b[a] += beta * W[j, a]
            for c in range(a + 1):
                P[a, c] += scaled * W[j, c]
    for a in range(m):
        for c in range(a + 1):
            total = P[a, c]
            for e in range(c):
                total -= L[a, e] * L[c, e]
            if a == c:
                L[a, a] = math.sqrt(max(total, 1e-14 * P[a, a], 1e-300))
            else:
                L[a, c] = total / L[c, c]
    # The columns of the inverse, one solution after another.
    for column in range(m):
        for a in range(m):
            total = 1.0 if a == column else 0.0
            for e in range(a):
                total -= L[a, e] * S[e, column]
            S[a, column] = total / L[a, a]
        for a in range(m - 1, -1, -1):
            total = S[a, column]
            for e in range(a + 1, m):
                total -= L[e, a] * S[e, column]
            S[a, column] = total / L[a, a]
    for a in range(m):
        mean[a] = 0.0
        for c in range(m):
            mean[a] += S[a, c] * b[c]


@njit(cache=True, nogil=True)
def _draw_component(log_weights, centers, widths, mean, variance, state, log_p):
    """Number of a component given that its source is Gaussian but for it."""
    best = -np.inf
    for c in range(len(centers)):
        spread = widths[c] * widths[c] + variance
        gap = centers[c] - mean
        log_p[c] = log_weights[c] - 0.5 * (math.log(spread) + gap * gap / spread)
        best = max(best, log_p[c])
    total = 0.0
    for c in range(len(centers)):
        log_p[c] = math.exp(log_p[c] - best)
        total += log_p[c]
    left = uniform(state) * total
    for c in range(len(centers)):
        left -= log_p[c]
        if left < 0:
            return c
    return len(centers) - 1


@njit(cache=True, nogil=True)
def _sweep(W, starts, mixture, precision, center, offset, S, mean, state, h, log_p):
    """Draw a component for each source in turn; S and mean follow."""
    k, m = W.shape
    log_weights, centers, widths = mixture
    for j in range(k):
        own, along = 0.0, 0.0
        for a in range(m):
            h[a] = 0.0
            for c in range(m):
                h[a] += S[a, c] * W[j, c]
            own += h[a] * W[j, a]
            along += mean[a] * W[j, a]
        # The source given all but its own component.
        rest = 1.0 - own * precision[j]
        lo, hi = starts[j], starts[j + 1]
        if rest > LEAST_CAVITY:
            cavity = (along + offset[j] - own * precision[j] * center[j]) / rest
            variance = own / rest
            c = lo + _draw_component(
                log_weights[lo:hi], centers[lo:hi], widths[lo:hi], cavity, variance, state, log_p
            )
        else:
            left, c = uniform(state), lo
            while c < hi - 1:
                left -= math.exp(log_weights[c])
                if left < 0:
                    break
                c += 1
        new = 1.0 / (widths[c] * widths[c])
        change = new - precision[j]
        factor = 1.0 / (1.0 + change * own)
        beta = new * (centers[c] - offset[j]) - precision[j] * (center[j] - offset[j])
        push = factor * (beta - change * along)
        for a in range(m):
            mean[a] += push * h[a]
            for e in range(m):
                S[a, e] -= change * factor * h[a] * h[e]
        precision[j], center[j] = new, centers[c]


@njit(cache=True, nogil=True)
def complete_row(y, C, Q, starts, mixture, n_burn_in, n_steps, state, out):
    """Draw what is missing of a centered row y (d,), and average its conditional means.

    Parameters
    ----------
    y : ndarray of shape (d,)
        NaN marks what is missing.
    C : ndarray of shape (k, d)
        Unmixing matrix.
    Q : ndarray of shape (d, d)
        Precision of the noise outside the space of the sources.
    starts, mixture
        Where the components of each source begin; logarithms of their weights, centers, widths.
    n_burn_in, n_steps : int
        Sweeps that are dropped, and kept.
    state : ndarray of shape (1,), uint64
        Of the random numbers.
    out : ndarray of shape (2, d)
        Overwritten by the mean and a draw; what is observed stays.
    """
    k, d = C.shape
    missing = np.flatnonzero(np.isnan(y))
    m = len(missing)
    W, offset, pull = np.zeros((k, m)), np.zeros(k), np.zeros(m)
    block = np.zeros((m, m))
    for i in range(d):
        if not np.isnan(y[i]):
            out[:, i] = y[i]
            for j in range(k):
                offset[j] += C[j, i] * y[i]
            for a in range(m):
                pull[a] -= Q[missing[a], i] * y[i]
    for a in range(m):
        for j in range(k):
            W[j, a] = C[j, missing[a]]
        for e in range(m):
            block[a, e] = Q[missing[a], missing[e]]
    S, L, h = np.zeros((m, m)), np.zeros((m, m)), np.zeros(m)
    mean, total = np.zeros(m), np.zeros(m)
    log_p = np.empty(np.max(starts[1:] - starts[:-1]))
    # Before a component is drawn a source is as Gaussian as its moments.
    precision, center = np.empty(k), np.zeros(k)
    log_weights, centers, widths = mixture
    for j in range(k):
        second = 0.0
        for c in range(starts[j], starts[j + 1]):
            second += math.exp(log_weights[c]) * (centers[c] ** 2 + widths[c] ** 2)
        precision[j] = 1.0 / second
    for step in range(n_burn_in + n_steps):
        # Solved anew, so that the rounding of the updates does not add up.
        _solve(W, block, pull, precision, center, offset, S, L, mean)
        _sweep(W, starts, mixture, precision, center, offset, S, mean, state, h, log_p)
        if step >= n_burn_in:
            total += mean
    _solve(W, block, pull, precision, center, offset, S, L, mean)
    for a in range(m):
        h[a] = normal(state)
    for a in range(m - 1, -1, -1):
        for e in range(a + 1, m):
            h[a] -= L[e, a] * h[e]
        h[a] /= L[a, a]
    for a in range(m):
        out[0, missing[a]] = total[a] / max(n_steps, 1)
        out[1, missing[a]] = mean[a] + h[a]
