"""Factor analysis with loadings fixed at zero: confirmatory, with uncorrelated factors."""

import numpy as np
from scipy import optimize

from skgen.kernels.linear import lowrank_gaussian as lg


def objective(parameters, S, free):
    """Objective f = log det Sigma + tr(inverse(Sigma) S) and its gradient.

    ``parameters`` are the free loadings, row by row, and then log(psi); the log-likelihood a row
    is -(d log 2 pi + f) / 2.
    """
    d = len(S)
    W = np.zeros(free.shape)
    W[free] = parameters[:-d]
    psi = np.exp(parameters[-d:])
    P = lg.precision(W, psi)
    PS = P @ S
    f = lg.log_determinant(W, psi) + np.trace(PS)
    G = P - PS @ P
    return f, np.concatenate([(2 * W @ G)[free], np.diag(G) * psi])


def fit(S, W, psi, free, floor, *, tol, max_iter, report):
    """Minimize by L-BFGS-B from (W, psi), with psi between its floor and the variance.

    It also ends where ``report(W, psi, trace)`` says so. Returns W, psi, the trace of f at the
    start and after each iteration, and whether it converged.
    """
    d = len(S)

    def unpack(parameters):
        W = np.zeros(free.shape)
        W[free] = parameters[:-d]
        return W, np.exp(parameters[-d:])

    def callback(intermediate_result):
        trace.append(float(intermediate_result.fun))
        if report(*unpack(intermediate_result.x), trace):
            raise StopIteration

    bounds = [(None, None)] * int(free.sum())
    bounds += list(zip(np.log(floor), np.log(np.maximum(np.diag(S), floor))))
    start = np.concatenate([W[free], np.log(psi)])
    trace = [float(objective(start, S, free)[0])]
    result = optimize.minimize(
        objective,
        start,
        args=(S, free),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        callback=callback,
        # SciPy's ftol is relative to f, which is of the order of d.
        options={"maxiter": max_iter, "maxcor": 30, "ftol": tol / d, "gtol": 1e-7, "maxfun": 10**6},
    )
    return *unpack(result.x), trace, result.status == 0
