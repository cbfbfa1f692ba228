"""Pseudo-likelihood of units that are joined pairwise: value, derivatives, and their covariance.

Each unit given all others is a logistic regression, and the weight between two units is in two of
them. Parameters are the biases b (d,), and then W (d, d) above its diagonal, row by row.
X (n, d) bits; weight (n,) adds up to 1.
"""

import numpy as np
from numba import njit
from scipy.special import expit

from skgen.kernels.boltzmann.bernoulli_units import FAST
from skgen.kernels.moments import row_blocks


def log_odds(X, b, W):
    """Log-odds of each unit given all others, (n, d)."""
    return X @ W + b


def log_pseudo_likelihood(X, odds):
    """Sum over the units of log P(x_j | the rest), nats, (n,)."""
    return (X * odds - np.logaddexp(0, odds)).sum(axis=1)


def value_and_gradient(X, weight, b, W):
    """Minus the mean log-pseudo-likelihood, and its gradient (d + d (d - 1) / 2,)."""
    error = log_odds(X, b, W)
    value = _losses_and_errors(X, weight, error)
    products = X.T @ error
    upper = np.triu_indices(len(b), 1)
    return value, np.concatenate([error.sum(axis=0), (products + products.T)[upper]])


@njit(cache=True, nogil=True, fastmath=FAST)
def _losses_and_errors(X, weight, odds):
    """Weighted sum of the losses; odds (n, d) become the weighted errors of the probabilities."""
    total = 0.0
    for i in range(X.shape[0]):
        loss, product = 0.0, 1.0
        for j in range(X.shape[1]):
            a = odds[i, j]
            decay = np.exp(-abs(a))
            loss += max(a, 0.0) - X[i, j] * a
            # One logarithm serves as many factors in [1, 2] as a product holds.
            product *= 1 + decay
            if j % 512 == 511:
                loss += np.log(product)
                product = 1.0
            p = (1.0 if a >= 0 else decay) / (1 + decay)
            odds[i, j] = weight[i] * (p - X[i, j])
        total += weight[i] * (loss + np.log(product))
    return total


def _places(d):
    """Numbers of the parameters that each unit's log-odds have, (d, d): bias, then weights."""
    pairs = np.empty((d, d), dtype=np.intp)
    i, j = np.triu_indices(d, 1)
    pairs[i, j] = pairs[j, i] = d + np.arange(len(i))
    np.fill_diagonal(pairs, np.arange(d))
    return pairs


def hessian(X, weight, b, W):
    """Second derivative of that value, (p, p)."""
    d = len(b)
    p = expit(log_odds(X, b, W))
    spread = weight[:, None] * p * (1 - p)
    H = np.zeros((d + d * (d - 1) // 2,) * 2)
    ones = np.array(X, copy=True)
    for j, places in enumerate(_places(d)):
        # In place of the unit itself stands the constant of its bias.
        ones[:, j] = 1
        H[np.ix_(places, places)] += (ones * spread[:, j, None]).T @ ones
        ones[:, j] = X[:, j]
    return H


def score_covariance(X, weight, b, W):
    """Mean over the rows of the outer product of each one's gradient, (p, p)."""
    d = len(b)
    i, j = np.triu_indices(d, 1)
    J = np.zeros((d + len(i),) * 2)
    for rows in row_blocks(len(X), len(J), itemsize=8):
        x = X[rows]
        error = x - expit(log_odds(x, b, W))
        scores = np.hstack([error, x[:, i] * error[:, j] + x[:, j] * error[:, i]])
        J += (scores * weight[rows, None]).T @ scores
    return J
