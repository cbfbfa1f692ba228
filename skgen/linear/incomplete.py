"""Fits of the linear-Gaussian models to rows with missing values."""

import numpy as np

from skgen.kernels.linear import factor_fit, held_out, masked_gaussian, missing_em, ppca
from skgen.kernels.linear.spectrum import top_eigenpairs

MOST_CHOSEN = 32  # EM costs k^2 a feature, so the search for k goes no further
ROUGH = {"tol": 1e-2, "max_iter": 30, "report": lambda state: False}


def even_start(C, k, noise_floor):
    """Probabilistic PCA of a covariance: W, psi and the floor of psi."""
    d, total = len(C), np.trace(C)
    floor = max(noise_floor * total / d, 1e-12)
    values, axes = top_eigenpairs(C, k)
    sigma2, scales = ppca.closed_form(np.maximum(values, 0), total, d, floor)
    return scales[:, None] * axes, np.full(d, sigma2), floor


def choose(Y, weight, start, *, isotropic, bounds=(0.0,)):
    """Number of latent dimensions k, and bound of the noise, by held-out likelihood.

    Tries k = 1, 2, 4, ... until the third of the rows that is held out becomes less likely twice
    in a row, then the two numbers around the best; each with the bound that serves it best.
    """
    folds = held_out.fold_of_rows(np.nan_to_num(Y, nan=0.0))
    train = folds != folds[0]
    if train.sum() < 2:
        return 1, bounds[0]
    C = missing_em.pairwise_covariance(Y[train], weight[train])
    tried = {}

    def attempt(k):
        if k not in tried:
            W, psi, floor = start(C, k)
            first = missing_em.State(np.zeros(len(psi)), W, psi)
            state, *_ = missing_em.fit(
                Y[train], weight[train], first, isotropic=isotropic, floor=floor, **ROUGH
            )
            rest, w = Y[~train] - state.mean, weight[~train]
            tried[k] = max(
                (mean_log_density(rest, w, state.W, np.maximum(state.psi, b)), b) for b in bounds
            )
        return tried[k]

    most = min(MOST_CHOSEN, Y.shape[1] - 1, int(train.sum()) - 1)
    if isotropic:
        # With more dimensions than half of what a row observes, EM creeps for hundreds of
        # iterations toward no noise at all.
        most = min(most, int(0.5 * np.mean(np.sum(~np.isnan(Y), axis=1))))
    most = max(1, most)
    k, failures = 1, 0
    while k <= most and failures < 2:
        failures = failures + 1 if attempt(k) < max(tried.values()) else 0
        k *= 2
    k = max(sorted(tried), key=attempt)
    for near in (max(1, 3 * k // 4), min(most, 3 * k // 2)):
        attempt(near)
    k = max(sorted(tried), key=attempt)
    return k, tried[k][1]


def mean_log_density(Y, weight, W, psi):
    """Weighted mean log density of what the centered rows observe."""
    return np.average(masked_gaussian.log_density(Y, W, psi), weights=weight)


def fit(Y, weight, start, *, isotropic, floor, tol, max_iter, report):
    """EM from ``start``, a pair (W, psi), to a solution in nats a row, and the mean's offset."""
    W, psi = start
    state, trace, gain = missing_em.fit(
        Y,
        weight,
        missing_em.State(np.zeros(len(psi)), W, psi),
        isotropic=isotropic,
        floor=floor,
        tol=tol,
        max_iter=max_iter,
        report=report,
    )
    trace = np.array(trace) / weight.sum()
    return state.mean, factor_fit.Solution(state.W, state.psi, trace, gain, state.psi <= floor)
