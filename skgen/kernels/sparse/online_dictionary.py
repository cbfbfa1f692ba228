"""Online dictionary learning: sufficient statistics and the atom step (Mairal et al. 2009)."""

import numpy as np
from numba import njit

from skgen.kernels.sparse.support_gram import FAST

# Atoms updated between two matrix products with all of them.
_ATOMS = 32


@njit(cache=True, nogil=True, fastmath=FAST)
def accumulate(codes, X, weight, A, B):
    """Add the weighted sums of a a' to A (K, K) and of a x' to B (K, d), reading only non-zeros."""
    K, d = B.shape
    support = np.empty(K, np.int64)
    for r in range(codes.shape[0]):
        k = 0
        for j in range(K):
            if codes[r, j] != 0:
                support[k] = j
                k += 1
        for i in range(k):
            row = support[i]
            a = codes[r, row] * weight[r]
            for j in range(k):
                A[row, support[j]] += a * codes[r, support[j]]
            for f in range(d):
                B[row, f] += a * X[r, f]


def update_atoms(D, A, B, positive):
    """One pass of block coordinate descent over the unit-norm atoms, in place.

    Atom j becomes the direction of ``A_jj d_j + b_j - sum_i A_ji d_i``, which minimizes
    ``trace(D' A D) / 2 - trace(D' B)`` over unit vectors with the other atoms held fixed.
    Atoms that no code used stay as they are.
    """
    for first in range(0, len(D), _ATOMS):
        atoms = slice(first, min(first + _ATOMS, len(D)))
        # What the other blocks contribute is one matrix product.
        _update_block(D[atoms], A[atoms, atoms], B[atoms] - A[atoms] @ D, positive)


@njit(cache=True, nogil=True, fastmath=FAST)
def _update_block(D, A, R, positive):
    """The pass over a few atoms, given R = B - A D; R is overwritten."""
    K, d = D.shape
    u = np.empty(d, D.dtype)
    for j in range(K):
        if A[j, j] <= 0:
            continue
        square = 0.0
        for f in range(d):
            u[f] = R[j, f] + A[j, j] * D[j, f]
            if positive and u[f] < 0:
                u[f] = 0
            square += np.float64(u[f]) * u[f]
        if square <= 0:
            continue
        scale = D.dtype.type(1.0 / np.sqrt(square))
        for f in range(d):
            u[f] = u[f] * scale - D[j, f]
            D[j, f] += u[f]
        for i in range(j + 1, K):
            if A[i, j] != 0:
                for f in range(d):
                    R[i, f] -= A[i, j] * u[f]


def initial_atoms(X, n_atoms, positive, rng):
    """Unit-norm atoms from distinct rows of X (n, d), blurred by noise; noise where rows run out.

    The noise, a tenth of an atom's length, keeps copies of one row apart.
    """
    d = X.shape[1]
    atoms = np.zeros((n_atoms, d))
    lengths = np.linalg.norm(X, axis=1)
    usable = np.flatnonzero(lengths > 1e-3 * lengths.max(initial=0.0))
    chosen = rng.permutation(usable)[:n_atoms]
    atoms[: len(chosen)] = X[chosen] / lengths[chosen, None]
    noise = rng.standard_normal((n_atoms, d))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    atoms += np.where(np.arange(n_atoms) < len(chosen), 0.1, 1.0)[:, None] * noise
    return normalized_rows(atoms, positive).astype(X.dtype)


def normalized_rows(atoms, positive):
    """Rows scaled to unit length, after their absolute value is taken where ``positive``."""
    atoms = np.abs(atoms) if positive else atoms
    lengths = np.linalg.norm(atoms, axis=1, keepdims=True)
    return atoms / np.where(lengths > 0, lengths, 1.0)


def replace_atoms(D, A, B, dead, residuals, shortest, positive):
    """Point dead atoms along the largest residuals (m, d), in place; return how many.

    Each residual serves one atom, and what its new atom explains is taken from those left; once
    none is longer than ``shortest``, the remaining atoms stay as they are.
    """
    R = np.array(residuals, dtype=np.float64)
    if positive:
        R = np.maximum(R, 0)
    replaced = 0
    for j in dead:
        square = np.sum(R * R, axis=1)
        worst = int(np.argmax(square)) if len(R) else -1
        if worst < 0 or square[worst] <= shortest**2:
            break
        atom = R[worst] / np.sqrt(square[worst])
        D[j] = atom
        A[j], A[:, j], B[j] = 0, 0, 0
        R -= np.outer(R @ atom, atom)
        R[worst] = 0
        if positive:
            R = np.maximum(R, 0)
        replaced += 1
    return replaced
