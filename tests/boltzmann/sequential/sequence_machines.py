"""Machines of rows in time order with weights by hand, and their sums over all states."""

from itertools import product

import numpy as np
import torch
from sklearn.base import clone

from skgen import RNNRBM, ConditionalRBM

# Two sequences of bits, in which each row depends on the one before.
rng = np.random.default_rng(0)
X = (rng.random((40, 3)) < 0.5).astype(np.float64)
GROUPS = np.repeat([0, 1], (25, 15))

ESTIMATORS = [
    ConditionalRBM(4, lag=2, max_iter=1, random_state=0),
    ConditionalRBM(2, lag=0, max_iter=1, random_state=0),
    ConditionalRBM(4, lag=2, n_factors=3, max_iter=1, random_state=0),
    RNNRBM(4, n_recurrent=5, max_iter=1, random_state=0),
]
STATES = np.array(list(product((0.0, 1.0), repeat=3)))


def randomize(net, scale=0.7, seed=1):
    """Give every weight of a network a draw of its own."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=generator))
    return net


def model_of(estimator, scale=0.7):
    """A fitted model with weights that no training gave it."""
    model = clone(estimator).fit(X, groups=GROUPS)
    randomize(model.module_.net, scale)
    model._finish(X)
    return model


def biases_by_hand(model, past):
    """Biases of the machine that follows rows ``past`` (t, d), from the fitted attributes."""
    b, c = (a.astype(np.float64) for a in (model.intercept_visible_, model.intercept_hidden_))
    if isinstance(model, ConditionalRBM):
        for A, B, row in zip(model.visible_history_, model.hidden_history_, past[::-1]):
            b, c = b + A @ row, c + B @ row
        return b, c
    u = model.initial_state_.astype(np.float64)
    for row in past:
        from_row = model.intercept_recurrent_ + model.input_weights_ @ row
        u = np.tanh(from_row + model.recurrent_weights_ @ u)
    return b + model.visible_from_state_ @ u, c + model.hidden_from_state_ @ u


def weights_by_hand(model, past):
    """Weights of that machine."""
    W = model.components_.astype(np.float64)
    if isinstance(model, ConditionalRBM):
        gates = np.zeros(model.n_factors)
        for G, row in zip(model.history_factors_, past[::-1]):
            gates += G @ row
        return W + model.hidden_factors_.T @ np.diag(gates) @ model.visible_factors_
    return W


def joint_by_hand(model, past):
    """Log of exp(v b + h c + h W v) of all visible (rows) and hidden (columns) states."""
    b, c = biases_by_hand(model, past)
    hidden = np.array(list(product((0.0, 1.0), repeat=len(c))))
    W = weights_by_hand(model, past)
    return (STATES @ b)[:, None] + hidden @ c + STATES @ W.T @ hidden.T, hidden
