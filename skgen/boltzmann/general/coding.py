"""Codings of a binary feature, 0 and 1 or -1 and 1, and what their machines have in common."""

from typing import NamedTuple

import numpy as np

from skgen.base.data_range import FARTHEST_CHECKED, range_of_bits
from skgen.boltzmann.general.learning import choose_solver
from skgen.boltzmann.general.visible_fit import MOST_ENUMERATED
from skgen.training.columns import Columns


class Coding(NamedTuple):
    """Values ``low + step * bit`` of a bit; step is 1 of bits, and 2 of spins."""

    name: str
    low: float
    step: float

    def to_bits(self, X):
        """Probabilities of bits, float64; NaN stays."""
        return np.clip((X.astype(np.float64) - self.low) / self.step, 0, 1)

    def to_values(self, bits):
        """Values of bits, or means of values of probabilities."""
        return self.low + self.step * bits

    def shown(self, b, W):
        """Biases (m,) and weights (m, m) between units of this coding, of those between bits."""
        # u = (s - low) / step in both sums.
        weights = W / self.step**2
        return b / self.step - self.low * weights.sum(axis=1), weights

    def attributes(self, b, W, d):
        """Fitted attributes of a machine of d features, by name."""
        biases, weights = self.shown(b, W)
        return {
            "coding_": self.name,
            "interactions_": weights[:d, :d],
            "components_": weights[d:, :d],
            "hidden_interactions_": weights[d:, d:],
            "intercept_visible_": biases[:d],
            "intercept_hidden_": biases[d:],
        }

    def log_partition_shift(self, b, W):
        """By how much log Z of bits exceeds that of this coding: the exponent at u = 0 in it."""
        biases, weights = self.shown(b, W)
        units = np.full(len(b), self.low)
        return -float(units @ biases + 0.5 * units @ weights @ units)

    def standard_errors(self, covariance, d):
        """Standard errors of the biases (d,) and weights (d, d), of the covariance of theta."""
        if covariance is None:
            of_pairs = np.full((d, d), np.nan)
            np.fill_diagonal(of_pairs, 0)
            return np.full(d, np.nan), of_pairs
        i, j = np.triu_indices(d, 1)
        linear = np.zeros((d, len(covariance)))
        linear[:, :d] = np.eye(d) / self.step
        pairs = d + np.arange(len(i))
        linear[i, pairs] = linear[j, pairs] = -self.low / self.step**2
        of_pairs = np.zeros((d, d))
        of_pairs[i, j] = of_pairs[j, i] = np.sqrt(np.diag(covariance)[d:]) / self.step**2
        return np.sqrt(((linear @ covariance) * linear).sum(axis=1)), of_pairs


BINARY, SPIN = Coding("binary", 0.0, 1.0), Coding("spin", -1.0, 2.0)


def coding_of(X, asked, of_bits):
    """The ``Coding`` of rows, and the range of values that the fitted model takes."""
    spins = asked == "auto" and bool(np.isin(X, (-1, 1)).all() and (X < 0).any())
    if asked != "spin" and not spins:
        return BINARY, range_of_bits(Columns(X), *of_bits, FARTHEST_CHECKED)
    if np.abs(X).max() > 1:
        raise ValueError(
            f'coding="spin" describes values in [-1, 1], but X ranges from {X.min():.3g} to '
            f'{X.max():.3g}; scale X to [-1, 1], or use coding="binary" for values in [0, 1].'
        )
    return SPIN, (-1.0, 1.0)


def check_choices(estimator, n_features):
    """Refuse what so many units do not allow; return the solver."""
    k = estimator.n_hidden
    solver = choose_solver(estimator.solver, n_features, k)
    if solver == "exact" and n_features + k > MOST_ENUMERATED:
        raise ValueError(
            f'solver="exact" sums the states of {n_features + k} units, but takes at most '
            f'{MOST_ENUMERATED}; use solver="auto".'
        )
    if solver == "pseudo_likelihood" and k:
        raise ValueError(
            f'solver="pseudo_likelihood" knows no hidden units, but n_hidden={k}; use '
            'solver="persistent".'
        )
    if solver == "persistent" and estimator.penalty == "l1":
        raise ValueError(
            'penalty="l1" needs exact gradients to set weights to zero, but the solver is '
            '"persistent"; use penalty="l2", or a solver without chains.'
        )
    if estimator.inference == "exact" and k > MOST_ENUMERATED:
        raise ValueError(
            f'inference="exact" sums the states of n_hidden={k} units in each row, but takes at '
            f'most {MOST_ENUMERATED}; use inference="mean_field".'
        )
    return solver
