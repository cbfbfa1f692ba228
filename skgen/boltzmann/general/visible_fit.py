"""Fits of the weights between visible units: penalty, minimum, standard errors."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import logit

from skgen.boltzmann.general.objectives import Centered, ExactLikelihood, PseudoLikelihood
from skgen.kernels.boltzmann import penalized

# Units whose states are enumerated.
MOST_ENUMERATED = 20
# Parameters up to which matrices of them are made: 44 columns.
MOST_WITH_HESSIAN = 1000
# Prior standard deviation of a bias, which ends that of a constant column.
BIAS_SPREAD = 5.0
# Rows times alpha that "auto" tries under a ridge, and fractions of the least alpha that silences
# all weights under a lasso.
RIDGES = (256.0, 64.0, 16.0, 4.0, 1.0, 0.25)
LASSOS = (0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.007, 0.003)
HELD_OUT = 5  # one row of so many
FEWEST = 20  # rows of which some are held out


class Rows(NamedTuple):
    """Distinct rows V (r, d), their weights, which add up to 1, and the number of rows."""

    V: np.ndarray
    weight: np.ndarray
    n: float


class Plan(NamedTuple):
    """How a fit goes; ``solver`` is "exact" or "pseudo_likelihood"."""

    solver: str
    penalty: str
    tol: float
    max_iter: int


def distinct(X, weight):
    """``Rows`` of X (n, d), in an order that knows nothing of that of X."""
    weight = np.ones(len(X)) if weight is None else weight
    V, places = np.unique(X, axis=0, return_inverse=True)
    total = np.bincount(places.ravel(), weights=weight, minlength=len(V))
    return Rows(V.astype(np.float64), total / total.sum(), float(total.sum()))


def objective_of(rows, solver):
    """The objective of a solver."""
    if solver == "exact":
        return ExactLikelihood(rows.V, rows.weight, rows.V.shape[1])
    return PseudoLikelihood(rows.V, rows.weight)


def independent(rows):
    """Theta of independent units at the rates of the rows, a row added."""
    d = rows.V.shape[1]
    rate = (rows.n * (rows.weight @ rows.V) + 0.5) / (rows.n + 1)
    return np.concatenate([logit(rate), np.zeros(d * (d - 1) // 2)])


def penalties(m, n, of_pairs, penalty):
    """Weights of the ridge and of the lasso on theta; ``of_pairs`` is alpha, or one a pair.

    Where there is a penalty the biases have a wide prior.
    """
    of_pairs = np.broadcast_to(np.asarray(of_pairs, dtype=np.float64), m * (m - 1) // 2)
    of_bias = np.full(m, BIAS_SPREAD**-2 / n if np.any(of_pairs) else 0.0)
    if penalty == "l1":
        ridge = np.concatenate([of_bias, np.zeros(len(of_pairs))])
        return ridge, np.concatenate([np.zeros(m), of_pairs])
    return np.concatenate([of_bias, of_pairs]), np.zeros(m + len(of_pairs))


def minimum(rows, alpha, plan, start, report=lambda theta, gradient: False):
    """The ``Minimum`` of the penalized objective."""
    d = rows.V.shape[1]
    objective = objective_of(rows, plan.solver)
    ridge, lasso = penalties(d, rows.n, alpha, plan.penalty)
    how = {"tol": plan.tol, "max_iter": plan.max_iter, "report": report}
    if not lasso.any() and len(start) <= MOST_WITH_HESSIAN:
        return penalized.newton(objective, objective.hessian, start, ridge, **how)
    return quasi_newton(objective, rows.weight @ rows.V, start, ridge, lasso, **how)


def quasi_newton(objective, mean, start, ridge, lasso, *, tol, max_iter, report):
    """L-BFGS in centered parameters of units with these means (m,)."""
    m = len(mean)
    of_centered = Centered(objective, mean, ridge[:m])
    of_pairs = np.concatenate([np.zeros(m), ridge[m:]])
    how = {
        "tol": tol,
        "max_iter": max_iter,
        "report": lambda theta, gradient: report(of_centered.uncentered(theta), gradient),
    }
    start = of_centered.centered(start)
    if lasso.any():
        found = penalized.lasso(of_centered, start, of_pairs, lasso, **how)
    else:
        found = penalized.lbfgs(of_centered, start, of_pairs, **how)
    return found._replace(theta=of_centered.uncentered(found.theta))


def choose_alpha(rows, plan):
    """The alpha that gives rows held out the highest score under the objective.

    It is scaled to all rows: under a ridge it is that of a prior, which counts as so many rows.
    """
    train, test = thinned(rows)
    if test is None:
        return 1 / rows.n if plan.penalty == "l2" else 1 / np.sqrt(rows.n)
    judge, theta = objective_of(test, plan.solver), independent(train)
    best, best_loss = None, np.inf
    for alpha, scale in _path(train, plan, theta, rows.n / train.n):
        theta = minimum(train, alpha, plan._replace(tol=1e-4), theta).theta
        loss = judge(theta)[0]
        if best is not None and loss > best_loss:
            break
        best, best_loss = alpha / scale, loss
    return best


def _path(train, plan, theta, ratio):
    """Values of alpha from large to small, and by what more rows divide each."""
    if plan.penalty == "l2":
        return [(strength / train.n, ratio) for strength in RIDGES]
    d = train.V.shape[1]
    largest = np.abs(objective_of(train, plan.solver)(theta)[1][d:]).max(initial=1e-3)
    return [(fraction * largest, np.sqrt(ratio)) for fraction in LASSOS]


def thinned(rows):
    """Training rows, and a fifth held out; None where there are few.

    Every fifth row in an order by a hash, in which equal rows stand together: so a weight does what
    as many equal rows do, and rows that are frequent stand on both sides.
    """
    if rows.n < FEWEST:
        return rows, None
    mixture = np.random.RandomState(0).standard_normal(rows.V.shape[1])
    order = np.argsort(np.sin(1e4 * (rows.V @ mixture)), kind="stable")
    ends = np.round(np.cumsum(rows.weight[order]) * rows.n, 6)
    held = np.empty(len(ends))
    # Of the line of all rows every fifth unit is held out.
    before = _held_before(ends)
    held[order] = np.diff(before, prepend=0.0)
    kept = np.maximum(rows.weight * rows.n - held, 0)
    return _part(rows, kept), _part(rows, held)


def _held_before(ends):
    whole, rest = np.divmod(ends, HELD_OUT)
    return whole + np.maximum(rest - (HELD_OUT - 1), 0)


def _part(rows, weight):
    some = weight > 1e-6
    total = weight[some].sum()
    return Rows(rows.V[some], weight[some] / total, total)


def standard_errors(rows, theta, alpha, solver):
    """Covariance of the estimates of theta (p, p), about their mean, by the sandwich formula.

    Without a penalty, and by the exact likelihood, it is the inverse Fisher information over n. By
    pseudo-likelihood it is Godambe's.
    """
    objective = objective_of(rows, solver)
    ridge, _ = penalties(rows.V.shape[1], rows.n, alpha, "l2")
    H = objective.hessian(theta) + np.diag(ridge)
    H[np.diag_indices_from(H)] += penalized.LEAST_CURVATURE * np.trace(H) / len(H) + 1e-300
    factor = cho_factor(H)
    half = cho_solve(factor, objective.score_covariance(theta))
    return cho_solve(factor, half.T) / rows.n
