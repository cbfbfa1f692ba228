"""Factor analysis from a covariance or from rows, whatever the scales of the features."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.blas_threads import covariance_operations, threads_by
from skgen.kernels.linear import factor_em, factor_restricted
from skgen.kernels.linear import factor_profile as profile
from skgen.kernels.linear import lowrank_gaussian as lg
from skgen.kernels.linear.spectrum import gram_eigenpairs


def unwatched(W, psi, trace):
    """A report that never asks to stop."""
    return False


class Solution(NamedTuple):
    """Where a solver ended; likelihoods are nats a row."""

    W: np.ndarray  # (k, d)
    psi: np.ndarray  # (d,)
    trace: np.ndarray  # log-likelihood at the start and after each iteration
    gain: float  # what the solver expects another iteration to add
    at_floor: np.ndarray  # (d,) noise variances held at their bound


@threads_by(lambda S, *_, **__: 10.0 * len(S) ** 3)
def from_covariance(S, k, psi, floor, *, tol, max_iter, report):
    """Maximum likelihood from the covariance S (d, d); ``psi`` (d,) or None is where to start.

    Stops when ``tol`` nats a row are left to gain, or when ``report(W, psi, trace)`` says so.
    """
    if k == 0:
        return _independent(np.diag(S), floor)
    C, scale = _correlation(S, floor)
    start = profile.initial_noise(C, k) if psi is None else psi / scale**2
    pairs = profile.covariance_eigenpairs(C, k)
    return _minimize(start, pairs, scale, floor, profile.fisher_step, tol, max_iter, report)


@threads_by(lambda S, *_, **__: 10.0 * len(S) ** 3)
def by_em(S, k, psi, floor, *, tol, max_iter, report):
    """The same by EM, from the best loadings for the first noise variances."""
    rough = from_covariance(S, k, psi, floor, tol=np.inf, max_iter=1, report=unwatched)
    if k == 0:
        return rough
    # A factor without loadings would never get any: its EM update is zero.
    W = (
        rough.W
        + 1e-3 * np.sqrt(np.diag(S)) * np.eye(k, len(S)) * (rough.W == 0).all(axis=1)[:, None]
    )
    W, psi, trace, gain = factor_em.fit(
        S, W, rough.psi, floor, tol=tol, max_iter=max_iter, report=report
    )
    return Solution(W, psi, np.array(trace), gain, psi <= floor)


@threads_by(lambda S, *_, **__: 10.0 * len(S) ** 3)
def restricted(S, free, psi, floor, *, tol, max_iter, report):
    """The same with the loadings where ``free`` (k, d) is False fixed at zero."""
    C, scale = _correlation(S, floor)
    constant = -0.5 * len(S) * np.log(2 * np.pi) - np.log(scale).sum()
    rough = from_covariance(S, len(free), psi, floor, tol=1e-3, max_iter=30, report=unwatched)
    W, psi, trace, converged = factor_restricted.fit(
        C,
        rough.W / scale * free,
        rough.psi / scale**2,
        free,
        floor / scale**2,
        tol=2 * tol,
        max_iter=max_iter,
        report=lambda W, psi, trace: report(
            W * scale, psi * scale**2, constant - 0.5 * np.array(trace)
        ),
    )
    trace = constant - 0.5 * np.array(trace)
    psi = psi * scale**2
    return Solution(W * scale, psi, trace, 0.0 if converged else np.inf, psi <= floor * (1 + 1e-9))


def _correlation(S, floor):
    """S in units of the features' scales, and the scales; a constant feature has its floor's."""
    scale = np.sqrt(np.maximum(np.diag(S), floor))
    C = S / np.outer(scale, scale)
    C.flat[:: len(C) + 1] = 1.0
    return C, scale


@threads_by(lambda Y, *_, **__: covariance_operations(Y))
def from_rows(Y, total, k, psi, floor, *, tol, max_iter, report):
    """The same from centered, root-weighted rows (n, d) of total weight ``total``, for n < d.

    Every step costs O(n^2 d) through the Gram matrix; no d x d matrix is made.
    """
    variance = np.maximum(np.einsum("ij,ij->j", Y, Y) / total, floor)
    if k == 0:
        return _independent(variance, floor)
    scale = np.sqrt(variance)
    Y = Y / (scale * np.sqrt(total))

    def pairs(factor):
        return gram_eigenpairs(Y * factor, 1.0, k)

    # The principal axes of the scaled rows leave a first guess of the noise.
    values, axes = gram_eigenpairs(Y, 1.0, k)
    guess = 1 - np.minimum(values @ axes**2, 0.9)
    start = guess if psi is None else psi / variance
    return _minimize(start, pairs, scale, floor, profile.diagonal_step, tol, max_iter, report)


def _independent(variance, floor):
    """The maximum without factors, which needs no iteration."""
    psi = np.maximum(variance, floor)
    value = -0.5 * np.sum(np.log(2 * np.pi * psi) + variance / psi)
    return Solution(np.zeros((0, len(psi))), psi, np.array([value]), 0.0, variance <= floor)


def _minimize(start, pairs, scale, floor, metric, tol, max_iter, report):
    d = len(scale)
    constant = -0.5 * d * np.log(2 * np.pi) - np.log(scale).sum()
    low = floor / scale**2

    def unscaled(point):
        return point.loadings * scale, np.exp(point.u) * scale**2

    point, trace, gain, at_floor = profile.minimize(
        np.log(np.maximum(start, low)),
        pairs,
        np.ones(d),
        low,
        metric,
        tol=2 * tol,
        max_iter=max_iter,
        report=lambda point, trace: report(*unscaled(point), constant - 0.5 * np.array(trace)),
    )
    return Solution(*unscaled(point), constant - 0.5 * np.array(trace), gain / 2, at_floor)


def expected_log_density(E, W, psi):
    """Mean log density of rows whose mean outer product around the model's mean is E (d, d)."""
    scaled = W / psi
    # tr(inverse(Sigma) E) = tr(E / psi) - tr(B E B' V) with B = W / psi, by Woodbury.
    inner = np.sum(lg.solve_capacitance(W, psi, scaled @ E) * scaled)
    mahalanobis = np.sum(np.diag(E) / psi) - inner
    return -0.5 * (len(psi) * np.log(2 * np.pi) + lg.log_determinant(W, psi) + mahalanobis)
