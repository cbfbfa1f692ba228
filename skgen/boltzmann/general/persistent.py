"""Learning with persistent chains, which stand for the model's half of the gradient."""

from typing import NamedTuple

import numpy as np

from skgen.boltzmann.general.chains import Chains, bits_at
from skgen.boltzmann.general.units import expected_second_moments, hidden_given

HIGHEST_LEARNING_RATE = 1.5


class Course(NamedTuple):
    """How learning goes; ``alphas`` (m, m) is the ridge on each weight."""

    n_updates: int
    n_chains: int
    n_gibbs_steps: int
    batch_size: int
    learning_rate: float
    alphas: np.ndarray
    summed: bool


def automatic_learning_rate(V, weight):
    """Step that the curvature of correlated units allows."""
    centered = (V - weight @ V) * np.sqrt(weight)[:, None]
    # The Fisher information of the weights is near the product of two covariances.
    largest = np.linalg.eigvalsh(centered.T @ centered)[-1]
    return HIGHEST_LEARNING_RATE / max(1.0, largest) ** 2


def learn(rows, b, W, course, rng, report):
    """Biases, weights and the number of updates, of stochastic ascent of the likelihood from b, W.

    The gradient is centered in the middle between data and model; the second half of the updates
    is averaged (Polyak & Juditsky 1992), while steps fall to zero.
    """
    chains = Chains(b, W, bits_at(np.zeros(len(b)), course.n_chains, rng), rng)
    sum_b, sum_W, n_summed = np.zeros_like(b), np.zeros_like(W), 0
    half = course.n_updates // 2
    for update in range(course.n_updates):
        V, weight = _batch(rows, course.batch_size, rng)
        given = hidden_given(V, b, W, course.summed, weight)
        chains.follow(b, W)
        chains.sweep(course.n_gibbs_steps)
        of_model = (chains.U @ chains.U.T).astype(np.float64) / course.n_chains
        of_b, of_W = centered_gradient(expected_second_moments(V, given, weight), of_model)
        rate = course.learning_rate * min(1.0, 2 * (1 - update / course.n_updates))
        W = W + rate * (of_W - course.alphas * W)
        b = b + rate * of_b
        if update >= half:
            sum_b, sum_W, n_summed = sum_b + b, sum_W + W, n_summed + 1
        now, difference = (b, W), np.abs(of_b).max()
        stopped = report(
            lambda now=now: now, lambda now=difference: {"gradient of the biases": now}
        )
        if stopped:
            break
    if n_summed:
        b, W = sum_b / n_summed, sum_W / n_summed
    return b, W, update + 1


def centered_gradient(of_data, of_model):
    """Direction for b (m,) and W (m, m), given E[u u'] of the data and of the model.

    The enhanced gradient (Melchior, Fischer & Wiskott 2016), whose step is the same where the two
    states of a unit trade places.
    """
    middle = 0.5 * (np.diag(of_data) + np.diag(of_model))
    of_b = np.diag(of_data) - np.diag(of_model)
    of_W = of_data - of_model - np.outer(middle, of_b) - np.outer(of_b, middle)
    np.fill_diagonal(of_W, 0)
    return of_b - of_W @ middle, of_W


def _batch(rows, size, rng):
    """All rows, or as many as ``size`` that are drawn by weight, evenly."""
    if len(rows.V) <= size:
        return rows.V, rows.weight
    places = (np.arange(size) + rng.random_sample()) / size
    drawn = np.minimum(np.searchsorted(np.cumsum(rows.weight), places), len(rows.V) - 1)
    return rows.V[drawn], np.full(size, 1 / size)
