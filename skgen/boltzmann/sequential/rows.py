"""Rows in time order, and the states of a fitted network before each of them."""

import numpy as np
import torch
from sklearn.utils import check_consistent_length, column_or_1d

from skgen.base.wording import naming
from skgen.kernels.sequences.steps import starts_of
from skgen.training.rows import as_tensor

# Sequences that are carried along side by side.
N_AT_ONCE = 64


def sequence_starts(X, groups):
    """Which rows begin a sequence, (n,), as groups tell; None is one sequence."""
    if groups is None:
        return starts_of(len(X), None)
    with naming("groups"):
        check_consistent_length(X, groups)
        return starts_of(len(X), column_or_1d(groups))


def sequences(starts):
    """Slices of the sequences, in order."""
    first = np.flatnonzero(starts)
    return [slice(*ends) for ends in zip(first, [*first[1:], len(starts)])]


def states_before(net, X, starts):
    """State of a network before each row of X (n, d), (n, n_state) in its own type."""
    # Of alike lengths, so that few rows are padding.
    spans = sorted(sequences(starts), key=lambda rows: rows.stop - rows.start)
    out = np.empty((len(X), net.to_visible.shape[1]), dtype=X.dtype)
    for number in range(0, len(spans), N_AT_ONCE):
        few = spans[number : number + N_AT_ONCE]
        lengths = [rows.stop - rows.start for rows in few]
        x = np.zeros((len(few), max(lengths), X.shape[1]), dtype=X.dtype)
        for own, rows, length in zip(x, few, lengths):
            own[:length] = X[rows]
        # What follows the end of a sequence changes no state before it.
        known = torch.ones(x.shape[:2], dtype=torch.bool)
        states = net.states(as_tensor(x), known).numpy()
        for own, rows, length in zip(states, few, lengths):
            out[rows] = own[:length]
    return out
