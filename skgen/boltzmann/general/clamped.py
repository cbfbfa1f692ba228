"""Missing visible units given those of their row that are known."""

import numpy as np
from scipy.special import expit

from skgen.boltzmann.general.chains import N_PARALLEL, Chains, bits_at
from skgen.boltzmann.general.units import MOST_SUMMED, given_inputs
from skgen.kernels.boltzmann import quadratic_states


def patterns(missing):
    """Rows of each distinct pattern of missing columns (n, d), and the columns, one by one."""
    distinct, places = np.unique(missing, axis=0, return_inverse=True)
    for number, pattern in enumerate(distinct):
        if pattern.any():
            yield np.flatnonzero(places.ravel() == number), np.flatnonzero(pattern)


def _inputs(X, rows, columns, b, W):
    """Unknown units of rows with these missing columns, and what they get from the known ones."""
    d = X.shape[1]
    unknown = np.concatenate([columns, np.arange(d, len(b))])
    known = np.setdiff1d(np.arange(d), columns)
    return unknown, X[np.ix_(rows, known)] @ W[np.ix_(known, unknown)] + b[unknown]


def means(X, b, W, base, n_thinning, rng):
    """X (n, d) with each NaN at its probability given the known units of the row.

    Exact where at most ten units are unknown; otherwise the mean over sweeps of Gibbs sampling.
    """
    filled, many = X.copy(), []
    for rows, columns in patterns(np.isnan(X)):
        unknown, inputs = _inputs(X, rows, columns, b, W)
        if len(unknown) > MOST_SUMMED:
            many.append(rows)
            continue
        given = given_inputs(inputs, W[np.ix_(unknown, unknown)], True)
        filled[np.ix_(rows, columns)] = given.means[:, : len(columns)]
    for rows in _blocks(many):
        chains = _clamped_chains(X[rows], b, W, base, rng)
        chains.sweep(n_thinning)
        total = 0.0
        for _ in range(n_thinning):
            total = total + expit(chains.sweep(1)[: X.shape[1]].T.astype(np.float64))
        filled[rows] = np.where(np.isnan(X[rows]), total / n_thinning, X[rows])
    return filled


def draws(X, b, W, base, n_burn_in, rng):
    """X (n, d) with each NaN drawn given the known units of the row."""
    filled, many = X.copy(), []
    for rows, columns in patterns(np.isnan(X)):
        unknown, inputs = _inputs(X, rows, columns, b, W)
        if len(unknown) > MOST_SUMMED:
            many.append(rows)
            continue
        pairs = quadratic_states.exponents(np.zeros(len(unknown)), W[np.ix_(unknown, unknown)])
        bits = np.empty(inputs.shape)
        uniform = rng.random_sample(len(rows))
        quadratic_states.draw_given_inputs(np.ascontiguousarray(inputs), pairs, uniform, bits)
        filled[np.ix_(rows, columns)] = bits[:, : len(columns)]
    for rows in _blocks(many):
        chains = _clamped_chains(X[rows], b, W, base, rng)
        chains.sweep(n_burn_in)
        filled[rows] = np.where(np.isnan(X[rows]), chains.U[: X.shape[1]].T, X[rows])
    return filled


def _blocks(many):
    """Numbers of rows, so many at once as chains run side by side."""
    rows = np.concatenate(many) if many else np.empty(0, dtype=np.intp)
    return [rows[start : start + N_PARALLEL] for start in range(0, len(rows), N_PARALLEL)]


def _clamped_chains(X, b, W, base, rng):
    """A chain for each row, in which its known units are kept."""
    n, d = X.shape
    U = bits_at(base, n, rng).astype(np.float32)
    kept = np.zeros(U.shape, dtype=bool)
    kept[:d] = ~np.isnan(X.T)
    U[:d] = np.where(kept[:d], X.T, U[:d])
    return Chains(b, W, U, rng, kept)
