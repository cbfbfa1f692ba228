"""Gibbs sampling of units that are joined pairwise, and annealing, for chains side by side.

A unit hears all others, so that the units of a chain are drawn one after the other. A block of
them gets its inputs by one matrix product, and each draw then corrects the inputs of those behind
it in the block alone: the same draws as unit by unit, nearly at the speed of the product.

U (m, n_chains) bits; W (m, m) symmetric with a zero diagonal; b (m,); all float32.
"""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.bernoulli_units import FAST, N_LANES, draw

BLOCK = 64


@njit(cache=True, nogil=True, fastmath=FAST)
def _pass_on(W, unit, first, changes, inputs):
    """Add to the inputs (., n_chains) of units from ``first`` on what changes of a unit make."""
    for row in range(inputs.shape[0]):
        w = W[first + row, unit]
        for c in range(inputs.shape[1]):
            inputs[row, c] += w * changes[c]


@njit(cache=True, nogil=True)
def sweep(U, W, b, kept, states, inputs):
    """Draw every unit given all others, in their order, in place.

    Where ``kept`` (m, n_chains) is True a unit keeps its state; of shape (0, 0) it keeps none.
    ``inputs`` (m, n_chains) gets the log-odds by which each unit was drawn. ``states`` of the
    random numbers advances.
    """
    m, n_chains = U.shape
    # The generators have lanes side by side, which are all used only in whole rows.
    width = -(-n_chains // N_LANES) * N_LANES
    no_bias = np.zeros(width, np.float32)
    padded, drawn = np.zeros((1, width), np.float32), np.empty((1, width), np.float32)
    changes = np.empty(n_chains, np.float32)
    for start in range(0, m, BLOCK):
        stop = min(start + BLOCK, m)
        np.dot(W[start:stop], U, inputs[start:stop])
        for i in range(start, stop):
            for c in range(n_chains):
                inputs[i, c] += b[i]
                padded[0, c] = inputs[i, c]
            draw(padded, no_bias, states, drawn)
            for c in range(n_chains):
                if kept.size and kept[i, c]:
                    drawn[0, c] = U[i, c]
                changes[c] = drawn[0, c] - U[i, c]
                U[i, c] = drawn[0, c]
            _pass_on(W, i, i + 1, changes, inputs[i + 1 : stop])


@njit(cache=True, nogil=True)
def sweeps(U, W, b, kept, states, n_steps):
    """As many sweeps; returns the inputs (m, n_chains) of the last one."""
    inputs = np.empty_like(U)
    for _ in range(n_steps):
        sweep(U, W, b, kept, states, inputs)
    return inputs


@njit(cache=True, nogil=True)
def anneal(U, W, b, base, betas, states):
    """Log-weights (n_chains,) of chains carried from p_0 to p_1, or along other betas; in place.

    p_beta(u) = exp((1 - beta) u base + beta (u b + u W u / 2)) / Z_beta. U are draws at the first
    beta; each step weighs, and then sweeps at the next beta (Neal 2001).
    """
    m, n_chains = U.shape
    kept = np.empty((0, 0), np.bool_)
    log_weights = np.zeros(n_chains)
    inputs, at_machine = np.empty_like(U), np.empty_like(U)
    for t in range(len(betas) - 1):
        np.dot(W, U, at_machine)
        rise = betas[t + 1] - betas[t]
        for i in range(m):
            for c in range(n_chains):
                own = b[i] - base[i] + np.float32(0.5) * at_machine[i, c]
                log_weights[c] += rise * U[i, c] * own
        beta = np.float32(betas[t + 1])
        sweep(U, beta * W, base + beta * (b - base), kept, states, inputs)
    return log_weights
