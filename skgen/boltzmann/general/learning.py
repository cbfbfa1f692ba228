"""How a general machine learns: which solver, from which start, with which penalty."""

from typing import NamedTuple

import numpy as np

from skgen.boltzmann.general import persistent, visible_fit
from skgen.boltzmann.general.objectives import ExactLikelihood, packed, unpacked
from skgen.boltzmann.general.units import is_summed
from skgen.boltzmann.general.visible_fit import MOST_ENUMERATED, MOST_WITH_HESSIAN, Plan

# Iterations of a solver, and updates of chains, that max_iter="auto" stands for.
MOST_ITERATIONS, MOST_WITH_HIDDEN, N_UPDATES = 1000, 200, 4000
# Standard deviation of the first weights of hidden units, and rows an update.
INIT_SCALE, BATCH_SIZE = 0.5, 200


class Settings(NamedTuple):
    """What a fit is asked for: the parameters of the constructor by their names."""

    n_hidden: int
    solver: str
    penalty: str
    alpha: float | str
    summed: bool
    tol: float
    max_iter: int | str
    learning_rate: float | str
    n_chains: int
    n_gibbs_steps: int

    def most(self):
        """Iterations, or updates of chains."""
        if self.max_iter != "auto":
            return self.max_iter
        if self.solver == "persistent":
            return N_UPDATES
        return MOST_WITH_HIDDEN if self.n_hidden else MOST_ITERATIONS

    def should_converge(self):
        """Whether an end above the tolerance is worth a word: it is planned with hidden units."""
        return self.n_hidden == 0 or self.max_iter != "auto"


def settings_of(estimator, solver):
    """``Settings`` of an estimator, with what "auto" stands for in the solver and the inference."""
    own = set(Settings._fields) - {"solver", "summed"}
    summed = is_summed(estimator.inference, estimator.n_hidden)
    given = {name: getattr(estimator, name) for name in own}
    return Settings(solver=solver, summed=summed, **given)


class Fit(NamedTuple):
    """Biases b (m,) and weights W (m, m) of all units, visible ones first, and how they came about.

    covariance : (p, p) of the estimates, or None where it is not known.
    """

    b: np.ndarray
    W: np.ndarray
    alpha: float
    n_iter: int
    gradient: float
    covariance: np.ndarray | None = None


def choose_solver(solver, n_features, n_hidden):
    """The solver that "auto" stands for."""
    if solver != "auto":
        return solver
    if n_features + n_hidden <= MOST_ENUMERATED:
        return "exact"
    return "persistent" if n_hidden else "pseudo_likelihood"


def fit(rows, settings, rng, report):
    """Learn from distinct ``Rows``; ``report(b_and_W, numbers)`` is told of each iteration."""
    d = rows.V.shape[1]
    is_last = settings.n_hidden == 0 and settings.solver != "persistent"
    solver = settings.solver
    if not is_last:
        solver = "exact" if d <= MOST_ENUMERATED else "pseudo_likelihood"
    tol, most = settings.tol, settings.most() if is_last else MOST_ITERATIONS
    plan = Plan(solver, settings.penalty, tol, most)
    alpha = settings.alpha
    if alpha == "auto":
        alpha = visible_fit.choose_alpha(rows, plan)
    watch = _watch(d, report) if is_last else (lambda theta, gradient: False)
    start = visible_fit.independent(rows)
    found = visible_fit.minimum(rows, alpha, plan, start, watch)
    b, W = unpacked(found.theta, d)
    if is_last:
        covariance = None
        if settings.penalty == "l2" and len(found.theta) <= MOST_WITH_HESSIAN:
            covariance = visible_fit.standard_errors(rows, found.theta, alpha, solver)
        return Fit(b, W, alpha, max(1, found.n_iter), found.gradient, covariance)
    b, W = with_hidden(rows, b, W, settings.n_hidden, rng)
    # What suits pairs of features says nothing of hidden units, which need large weights.
    of_hidden = min(alpha, 0.1 / rows.n) if settings.alpha == "auto" else alpha
    alphas = np.full(W.shape, of_hidden)
    alphas[:d, :d] = alpha
    if settings.solver == "exact":
        b, W, n_iter, gradient = _by_enumeration(rows, b, W, alphas, settings, report)
    else:
        b, W, n_iter = _by_chains(rows, b, W, alphas, settings, rng, report)
        gradient = np.nan
    return Fit(b, W, alpha, n_iter, gradient)


def _watch(m, report):
    """A report of theta and its gradient."""
    return lambda theta, gradient: report(
        lambda: unpacked(theta, m), lambda: {"gradient": gradient}
    )


def with_hidden(rows, b, W, n_hidden, rng):
    """Biases and weights with hidden units behind the visible ones, which they hardly touch."""
    d = len(b)
    U = INIT_SCALE * rng.standard_normal((n_hidden, d))
    bigger = np.zeros((d + n_hidden,) * 2)
    bigger[:d, :d], bigger[d:, :d], bigger[:d, d:] = W, U, U.T
    # Each is on in about half of the rows, and the mean row hears nothing new.
    of_hidden = -U @ (rows.weight @ rows.V)
    return np.concatenate([b - 0.5 * U.sum(axis=0), of_hidden]), bigger


def _by_enumeration(rows, b, W, alphas, settings, report):
    m, alpha = len(b), alphas[np.triu_indices(len(b), 1)]
    objective = ExactLikelihood(rows.V, rows.weight, m, settings.summed)
    ridge, lasso = visible_fit.penalties(m, rows.n, alpha, settings.penalty)
    how = {"tol": settings.tol, "max_iter": settings.most(), "report": _watch(m, report)}
    mean = np.concatenate([rows.weight @ rows.V, np.full(settings.n_hidden, 0.5)])
    found = visible_fit.quasi_newton(objective, mean, packed(b, W), ridge, lasso, **how)
    return *unpacked(found.theta, m), found.n_iter, found.gradient


def _by_chains(rows, b, W, alphas, settings, rng, report):
    learning_rate = settings.learning_rate
    if learning_rate == "auto":
        learning_rate = persistent.automatic_learning_rate(rows.V, rows.weight)
    course = persistent.Course(
        settings.most(),
        settings.n_chains,
        settings.n_gibbs_steps,
        BATCH_SIZE,
        learning_rate,
        alphas,
        settings.summed,
    )
    return persistent.learn(rows, b, W, course, rng, report)
