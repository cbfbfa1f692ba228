"""What a general machine minimizes: minus a mean log-likelihood or log-pseudo-likelihood.

Parameters are one vector theta: the biases b (m,), and then W (m, m) above its diagonal.
"""

import numpy as np

from skgen.boltzmann.general.units import expected_second_moments, hidden_given
from skgen.kernels.boltzmann import quadratic_pseudo_likelihood, quadratic_states


def unpacked(theta, m):
    """Biases (m,) and symmetric weights (m, m)."""
    W = np.zeros((m, m))
    upper = np.triu_indices(m, 1)
    W[upper] = theta[m:]
    return theta[:m], W + W.T


def packed(b, W):
    """Theta of biases and weights."""
    return np.concatenate([b, W[np.triu_indices(len(b), 1)]])


class ExactLikelihood:
    """Minus the mean log-likelihood of rows V (n, d), with the states of all m units summed.

    Where there are hidden units they are summed out in each row, or, unless ``summed``, replaced
    by mean field, so that the value is a bound.
    """

    def __init__(self, V, weight, m, summed=True):
        self._V, self._weight, self._m, self._summed = V, weight, m, summed
        self._second = None
        if m == V.shape[1]:
            given = hidden_given(V, np.zeros(m), np.zeros((m, m)), True, weight)
            self._second = packed_moments(expected_second_moments(V, given, weight))

    def __call__(self, theta):
        """Value and gradient."""
        b, W = unpacked(theta, self._m)
        second, log_Z = quadratic_states.second_moments(b, W)
        if self._second is not None:
            return log_Z - theta @ self._second, packed_moments(second) - self._second
        given = hidden_given(self._V, b, W, self._summed, self._weight)
        of_data = expected_second_moments(self._V, given, self._weight)
        return log_Z - self._weight @ given.log_sums, packed_moments(second - of_data)

    def hessian(self, theta):
        """Fisher information of the machine, which is the Hessian where no unit is hidden."""
        joint, _ = quadratic_states.joint_moments(*unpacked(theta, self._m))
        return quadratic_states.fisher_information(joint, self._m)

    def score_covariance(self, theta):
        """Covariance of the gradients of rows; that of the model is the Fisher information."""
        return self.hessian(theta)


def packed_moments(second):
    """Expectations of the statistics that theta multiplies, from E[u u']."""
    return packed(np.diag(second), second)


class PseudoLikelihood:
    """Minus the mean log-pseudo-likelihood of rows (Besag 1975), convex."""

    def __init__(self, V, weight):
        self._V, self._weight = V, weight

    def __call__(self, theta):
        """Value and gradient."""
        return quadratic_pseudo_likelihood.value_and_gradient(*self._arguments(theta))

    def hessian(self, theta):
        """Second derivative."""
        return quadratic_pseudo_likelihood.hessian(*self._arguments(theta))

    def score_covariance(self, theta):
        """Mean outer product of the gradients of the rows."""
        return quadratic_pseudo_likelihood.score_covariance(*self._arguments(theta))

    def _arguments(self, theta):
        return self._V, self._weight, *unpacked(theta, self._V.shape[1])


class Centered:
    """An objective in the biases of units that are measured from their means, c = b + W mean.

    These hardly depend on the weights where the objective is flat, as b do, so that a
    quasi-Newton method takes fewer steps. The ridge on b becomes a part of the value.
    """

    def __init__(self, objective, mean, ridge_of_bias):
        self._objective, self._mean, self._ridge = objective, mean, ridge_of_bias
        self._upper = np.triu_indices(len(mean), 1)

    def __call__(self, theta):
        """Value and gradient."""
        i, j = self._upper
        m, mean = len(self._mean), self._mean
        plain = self.uncentered(theta)
        value, gradient = self._objective(plain)
        of_bias = gradient[:m] + self._ridge * plain[:m]
        of_pairs = gradient[m:] - mean[j] * of_bias[i] - mean[i] * of_bias[j]
        value += 0.5 * self._ridge @ plain[:m] ** 2
        return value, np.concatenate([of_bias, of_pairs])

    def centered(self, theta):
        """Centered parameters of plain ones."""
        b, W = unpacked(theta, len(self._mean))
        return packed(b + W @ self._mean, W)

    def uncentered(self, theta):
        """Plain parameters of centered ones."""
        c, W = unpacked(theta, len(self._mean))
        return packed(c - W @ self._mean, W)
