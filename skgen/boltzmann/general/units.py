"""Visible rows beside the hidden units of a general machine, which are summed out or drawn."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.boltzmann import quadratic_mean_field, quadratic_states

# Hidden units, or missing ones beside them, whose states are summed in each row.
MOST_SUMMED = 10
# Of mean field.
MOST_STEPS, TOL = 200, 1e-8


class Given(NamedTuple):
    """Units given known ones.

    log_sums : (n,), logarithm of the sum over states, or a bound on it, with what known units add.
    means : (n, k), their probabilities.
    second : (k, k), weighted sum over the rows of E[h h'].
    """

    log_sums: np.ndarray
    means: np.ndarray
    second: np.ndarray


def quadratic(X, b, W):
    """X b + X W X / 2 of each row, (n,)."""
    return X @ b + 0.5 * ((X @ W) * X).sum(axis=1)


def is_summed(inference, n_units):
    """Whether the states of so many units are summed, or mean field is taken."""
    return n_units <= MOST_SUMMED if inference == "auto" else inference == "exact"


def given_inputs(inputs, W, exact, weight=None):
    """``Given`` of units that are joined by W (k, k) and get inputs (n, k)."""
    n, k = inputs.shape
    inputs, W = np.ascontiguousarray(inputs), np.ascontiguousarray(W)
    weight = np.full(n, 1 / n) if weight is None else weight
    given = Given(np.zeros(n), np.zeros((n, k)), np.zeros((k, k)))
    if k == 0:
        return given
    if exact:
        pairs = quadratic_states.exponents(np.zeros(k), W)
        quadratic_states.given_inputs(inputs, pairs, weight, *given)
    else:
        quadratic_mean_field.given_inputs(inputs, W, weight, MOST_STEPS, TOL, *given)
    return given


def hidden_given(V, b, W, exact, weight=None):
    """``Given`` of the units behind the visible ones V (n, d), of all units' b (m,), W (m, m)."""
    d = V.shape[1]
    given = given_inputs(V @ W[:d, d:] + b[d:], W[d:, d:], exact, weight)
    return given._replace(log_sums=given.log_sums + quadratic(V, b[:d], W[:d, :d]))


def expected_second_moments(V, given, weight):
    """Weighted sum over the rows of E[u u'] (m, m) of all units, E[u] on the diagonal."""
    across = (V * weight[:, None]).T @ given.means
    visible = (V * weight[:, None]).T @ V
    # A value between 0 and 1 is the probability of a bit.
    np.fill_diagonal(visible, weight @ V)
    return np.block([[visible, across], [across.T, given.second]])


def log_odds_by_sums(V, log_sums):
    """Log-odds of each visible unit given the others, (n, d), by two log-sums a unit."""
    odds = np.empty(V.shape)
    for j in range(V.shape[1]):
        on, off = V.copy(), V.copy()
        on[:, j], off[:, j] = 1, 0
        odds[:, j] = log_sums(on) - log_sums(off)
    return odds
