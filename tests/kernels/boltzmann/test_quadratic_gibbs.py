"""Gibbs sampling of pairwise machines: transition counts, and annealing against log Z."""

import numpy as np
import pytest

from skgen.kernels.boltzmann import quadratic_gibbs, quadratic_states
from skgen.kernels.boltzmann.bernoulli_units import lane_states

M, N = 4, 400_000
NUMBERS = 1 << np.arange(M)
NONE_KEPT = np.empty((0, 0), dtype=bool)


def machine(m, scale=1.0, seed=0):
    rng = np.random.default_rng(seed)
    W = np.triu(scale * rng.normal(size=(m, m)), 1)
    return rng.normal(size=m).astype(np.float32), (W + W.T).astype(np.float32)


def every_state(n):
    """Chains (M, n), as many in each of the 16 states."""
    numbers = np.arange(n) % 2**M
    return ((numbers >> np.arange(M)[:, None]) & 1).astype(np.float32), numbers


def counted(before, after):
    """How often a chain went from each state to each, as fractions of those that were there."""
    counts = np.zeros((2**M, 2**M))
    np.add.at(counts, (before, after), 1)
    return counts / counts.sum(axis=1, keepdims=True)


def single_unit(b, W, unit):
    """Transition matrix of a draw of one unit given the others."""
    p, _ = quadratic_states.probabilities(b.astype(float), W.astype(float))
    T = np.zeros((2**M, 2**M))
    for s in range(2**M):
        on, off = s | (1 << unit), s & ~(1 << unit)
        T[s, on], T[s, off] = p[on] / (p[on] + p[off]), p[off] / (p[on] + p[off])
    return T


@pytest.mark.parametrize("unit", range(M))
def test_a_draw_of_a_unit_keeps_detailed_balance(unit):
    b, W = machine(M)
    U, before = every_state(N)
    kept = np.ones(U.shape, dtype=bool)
    kept[unit] = False
    quadratic_gibbs.sweeps(U, W, b, kept, lane_states(1), 1)
    T = counted(before, NUMBERS @ U.astype(int))
    p, _ = quadratic_states.probabilities(b.astype(float), W.astype(float))
    flow = p[:, None] * T
    error = np.sqrt(p[:, None] ** 2 * T * (1 - T) * 2**M / N)
    assert (np.abs(flow - flow.T) <= 5 * np.hypot(error, error.T) + 1e-12).all()
    assert flow[flow > 0].size == 2 * 2**M


@pytest.mark.parametrize("block", [64, 2])
def test_a_sweep_draws_the_units_one_after_the_other(block, monkeypatch):
    b, W = machine(M)
    expected = np.linalg.multi_dot([single_unit(b, W, unit) for unit in range(M)])
    U, before = every_state(N)
    # Without compilation a block may be shorter than the machine.
    monkeypatch.setattr(quadratic_gibbs, "BLOCK", block)
    sweep = quadratic_gibbs.sweep.py_func if block < M else quadratic_gibbs.sweep
    sweep(U, W, b, NONE_KEPT, lane_states(2), np.empty_like(U))
    T = counted(before, NUMBERS @ U.astype(int))
    error = np.sqrt(expected * (1 - expected) * 2**M / N)
    assert (np.abs(T - expected) <= 5 * error + 1e-12).all()


def test_more_units_than_a_block_have_the_moments_of_the_machine():
    m = 80
    assert m > quadratic_gibbs.BLOCK
    b, W = machine(m, 0.0)
    # Forty pairs, each of which is a machine of its own.
    for i in range(40):
        W[i, i + 40] = W[i + 40, i] = 2.0
    U = np.zeros((m, 20_000), np.float32)
    quadratic_gibbs.sweeps(U, W, b, NONE_KEPT, lane_states(3), 60)
    for i in range(40):
        two = [i, i + 40]
        second, _ = quadratic_states.second_moments(
            b[two].astype(float), W[np.ix_(two, two)].astype(float)
        )
        got = (U[two] @ U[two].T) / U.shape[1]
        assert np.abs(got - second).max() < 5 * 0.5 / np.sqrt(U.shape[1])


def test_inputs_are_the_log_odds_of_the_last_draws():
    b, W = machine(M)
    U, _ = every_state(64)
    inputs = quadratic_gibbs.sweeps(U, W, b, NONE_KEPT, lane_states(4), 3)
    # The last unit has heard the final states of all others.
    np.testing.assert_allclose(inputs[-1], W[-1] @ U + b[-1], atol=1e-5)


@pytest.mark.parametrize("backward", [False, True])
def test_annealing_within_three_standard_errors(backward):
    m, n = 12, 4000
    b, W = machine(m, 0.5)
    base = np.full(m, 0.3, np.float32)
    rng, log_Z = (
        np.random.default_rng(5),
        quadratic_states.log_partition(b.astype(float), W.astype(float)),
    )
    of_base = m * np.logaddexp(0, np.float64(np.float32(0.3)))
    betas = np.linspace(0, 1, 51)
    if backward:
        p, _ = quadratic_states.probabilities(b.astype(float), W.astype(float))
        drawn = rng.choice(2**m, n, p=p / p.sum())
        U = ((drawn >> np.arange(m)[:, None]) & 1).astype(np.float32)
        betas = betas[::-1].copy()
    else:
        U = (rng.random((m, n)) < 1 / (1 + np.exp(-0.3))).astype(np.float32)
    weights = np.exp(quadratic_gibbs.anneal(U, W, b, base, betas, lane_states(6)))
    error = weights.std() / np.sqrt(n)
    expected = np.exp(of_base - log_Z) if backward else np.exp(log_Z - of_base)
    assert abs(weights.mean() - expected) < 3 * error
    assert error < 0.1 * expected
