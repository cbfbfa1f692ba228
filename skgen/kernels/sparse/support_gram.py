"""Small linear algebra on the atoms in use: their inverse Gram matrix and the correlations."""

import numpy as np
from numba import njit

# Finite values are assumed throughout (the callers validate), so sums may be reordered.
FAST = {"nnan", "nsz", "arcp", "contract", "reassoc"}

# Atoms are scanned in blocks of this many, whose length the compiler must know to vectorize.
BLOCK = 64

# Four rows of the Gram matrix are combined at a time; lists of atoms are padded to match.
UNROLL = 4


def padded_gram(G):
    """G (K, K) with zero columns up to a multiple of ``BLOCK``."""
    K = len(G)
    padded = np.zeros((K, -(-K // BLOCK) * BLOCK), dtype=G.dtype)
    padded[:, :K] = G
    return padded


def order_mask(dtype, positive):
    """Two masks: bits by which the candidates of a row are ordered, bits of the magnitude.

    Finite IEEE numbers order as their bit patterns do. Without the sign bit that is the order of
    magnitudes; with it, negative numbers come below zero, which is what positive codes need.
    Integer maxima are vectorized where those of floats are not.
    """
    kind = np.dtype(f"i{np.dtype(dtype).itemsize}")
    magnitude = np.iinfo(kind).max
    return np.array([-1 if positive else magnitude, magnitude], dtype=kind)


def dependence(dtype):
    """Fraction of an atom's squared length below which its distance from a span is rounding."""
    return float(np.finfo(dtype).eps) ** 0.6


@njit(cache=True, nogil=True, fastmath=FAST)
def correlate(q, G, support, w, k, c):
    """Set c = q - sum_i w_i G[support_i]; entries k to k + 3 of w must be zero."""
    K = q.shape[0]
    for j in range(K):
        c[j] = q[j]
    for i in range(0, k, UNROLL):
        a0, a1, a2, a3 = support[i], support[i + 1], support[i + 2], support[i + 3]
        w0, w1, w2, w3 = w[i], w[i + 1], w[i + 2], w[i + 3]
        for j in range(K):
            c[j] -= (w0 * G[a0, j] + w1 * G[a1, j]) + (w2 * G[a2, j] + w3 * G[a3, j])


@njit(cache=True, nogil=True)
def block_peaks(bits, mask, peaks):
    """Set the largest masked value of each block; return the block of the largest of all."""
    at = 0
    for block in range(peaks.shape[0]):
        peak = bits.dtype.type(0)
        for j in range(block * BLOCK, (block + 1) * BLOCK):
            value = bits.dtype.type(bits[j] & mask)
            peak = value if value > peak else peak
        peaks[block] = peak
        if peak > peaks[at]:
            at = block
    return at


@njit(cache=True, nogil=True)
def locate(bits, mask, peaks, block):
    """Index of a block's largest entry."""
    for j in range(block * BLOCK, (block + 1) * BLOCK):
        if (bits[j] & mask) == peaks[block]:
            return j
    return block * BLOCK


@njit(cache=True, nogil=True, fastmath=FAST)
def multiply(inverse, k, b, z):
    """Set z = inverse b for the leading (k, k) block."""
    for i in range(k):
        total = 0.0
        for j in range(k):
            total += inverse[i, j] * b[j]
        z[i] = total


@njit(cache=True, nogil=True, fastmath=FAST)
def append(inverse, k, g, pivot, dependent, u):
    """Enlarge an inverse Gram matrix by one atom; False if the atom is dependent.

    ``g`` holds the atom's inner products with the k others and ``pivot`` its squared length. It
    is dependent if its squared distance from their span is at most the fraction ``dependent`` of
    that. ``u`` is set to the weights of the k others that come nearest to the atom.
    """
    multiply(inverse, k, g, u)
    schur = pivot
    for i in range(k):
        schur -= u[i] * g[i]
    if schur <= dependent * pivot:
        return False
    scale = 1.0 / schur
    for i in range(k):
        t = u[i] * scale
        for j in range(k):
            inverse[i, j] += t * u[j]
        inverse[i, k] = -t
        inverse[k, i] = -t
    inverse[k, k] = scale
    return True


@njit(cache=True, nogil=True, fastmath=FAST)
def remove(inverse, k, drop):
    """Shrink an inverse Gram matrix of k atoms by one; the last atom takes its place."""
    last = k - 1
    for j in range(k):
        inverse[drop, j], inverse[last, j] = inverse[last, j], inverse[drop, j]
    for i in range(k):
        inverse[i, drop], inverse[i, last] = inverse[i, last], inverse[i, drop]
    scale = 1.0 / inverse[last, last]
    for i in range(last):
        t = inverse[i, last] * scale
        for j in range(last):
            inverse[i, j] -= t * inverse[last, j]
