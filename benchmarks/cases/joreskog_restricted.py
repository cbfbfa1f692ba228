"""Joreskog's nine tests, four factors, some loadings fixed at zero: evaluations to the maximum."""

import numpy as np

from benchmarks.core import Bound, Case, Contender

# Correlations of 145 pupils, upper triangle by columns (Joreskog 1967).
CORRELATIONS = """.554 .227 .296 .189 .219 .769 .461 .479 .237 .212 .506 .530 .243 .226 .520 .408
.425 .304 .291 .514 .473 .280 .311 .718 .681 .313 .348 .374 .241 .311 .730 .661 .245 .290 .306
.672"""


def load(setup):
    S = np.eye(9)
    S[np.tril_indices(9, -1)] = [float(r) for r in CORRELATIONS.split()]
    S = np.tril(S, -1) + np.tril(S, -1).T + np.eye(9)
    free = np.ones((4, 9), dtype=bool)
    free[2, 4:] = free[3, :4] = False
    return S, free


def nll(W, psi, S):
    C = W.T @ W + np.diag(psi)
    return 145 / 2 * (np.linalg.slogdet(C)[1] + np.trace(np.linalg.solve(C, S)))


def fit_restricted(data, seed):
    from skgen.kernels.linear import factor_fit, factor_restricted

    S, free = data
    objective, calls = factor_restricted.objective, []

    def counted(*args):
        calls.append(1)
        return objective(*args)

    factor_restricted.objective = counted
    try:
        solution = factor_fit.restricted(
            S, free, None, np.full(9, 1e-4), tol=1e-12, max_iter=1000, report=factor_fit.unwatched
        )
    finally:
        factor_restricted.objective = objective
    return solution.W, solution.psi, len(calls)


def fit_em(data, seed):
    """EM from the same start, until an iteration gains 1e-9 of the negative log-likelihood."""
    from skgen.kernels.linear import factor_fit
    from skgen.kernels.linear import lowrank_gaussian as lg

    S, free = data
    start = factor_fit.from_covariance(
        S, 4, None, np.full(9, 1e-4), tol=1e-3, max_iter=30, report=factor_fit.unwatched
    )
    W, psi, last, iterations = start.W * free, start.psi, np.inf, 0
    while iterations < 50_000:
        iterations += 1
        V = lg.posterior_covariance(W, psi)
        SB = S @ (V @ (W / psi)).T
        E = V + (V @ (W / psi)) @ SB
        for j in range(9):
            own = free[:, j]
            W[own, j] = np.linalg.solve(E[np.ix_(own, own)], SB[j, own])
            psi[j] = S[j, j] - W[own, j] @ SB[j, own]
        value = nll(W, psi, S)
        if last - value < 1e-9:
            break
        last = value
    return W, psi, iterations


def evaluate(fit, data):
    W, psi, calls = fit
    return {"evaluations": calls, "negative log-likelihood": nll(W, psi, data[0])}


CASE = Case(
    title="Restricted factor analysis, Joreskog's nine tests",
    family="Linear-Gaussian",
    description=(
        "Four uncorrelated factors with nine loadings fixed at zero; evaluations of the likelihood "
        "and its gradient to nll 327.690628. Published for the same problem: EM 14666, ECME 6407, "
        "SQUAREM 872."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_restricted), Contender("EM", fit_em)],
    objective="evaluations",
    digits=0,
    repeats=3,
    assertions=[
        Bound("skgen", "evaluations", at_most=250, statistic="max"),
        Bound("skgen", "negative log-likelihood", at_most=327.690629, statistic="max"),
    ],
)
