"""Factor analysis by EM on the covariance (Rubin & Thayer 1982)."""

import numpy as np

from skgen.kernels.linear import lowrank_gaussian as lg


def em_step(S, W, psi, floor):
    """One EM update of (W, psi) and the log-likelihood a row at the old ones.

    The data enter only through S (d, d), so a step costs O(d^2 k) whatever the number of rows.
    """
    d = len(psi)
    V = lg.posterior_covariance(W, psi)
    B = V @ (W / psi)
    SB = S @ B.T
    # tr(inverse(Sigma) S) = tr(S / psi) - tr(B S W' / psi), by Woodbury.
    mahalanobis = np.sum(np.diag(S) / psi) - np.sum(SB * (W / psi).T)
    log_likelihood = -0.5 * (d * np.log(2 * np.pi) + lg.log_determinant(W, psi) + mahalanobis)
    W = np.linalg.solve(V + B @ SB, SB.T)
    psi = np.maximum(np.diag(S) - np.einsum("kd,dk->d", W, SB), floor)
    return W, psi, log_likelihood


def fit(S, W, psi, floor, *, tol, max_iter, report):
    """Iterate until the log-likelihood gains less than ``tol`` nats a row.

    It also ends where ``report(W, psi, trace)`` says so. Returns W, psi, the trace of
    log-likelihoods a row at the start and after each iteration, and the last gain.
    """
    *proposal, log_likelihood = em_step(S, W, psi, floor)
    trace, gain = [log_likelihood], np.inf
    for _ in range(max_iter):
        W, psi = proposal
        *proposal, log_likelihood = em_step(S, W, psi, floor)
        gain = log_likelihood - trace[-1]
        trace.append(log_likelihood)
        if report(W, psi, trace) or gain < tol:
            break
    return W, psi, trace, gain
