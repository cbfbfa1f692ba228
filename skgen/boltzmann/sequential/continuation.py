"""Rows drawn one after the other from a fitted network, freely or beside what is observed."""

import numpy as np
import torch

from skgen.boltzmann.sampling import clamped_sweeps
from skgen.boltzmann.sequential.rows import sequences
from skgen.nets.boltzmann.rbm import gibbs


@torch.no_grad()
def continued(net, start, n_rows, means, n_sweeps, generator):
    """Rows (n_rows, d) that follow those of ``start``, or begin a sequence where it is None.

    The chain of each row begins at independent units of the given means (d,).
    """
    state, means = net.start(1), torch.from_numpy(means).float()
    for row in () if start is None else torch.from_numpy(start):
        state = net.advance(state, row.unsqueeze(0))
    out = np.empty((n_rows, len(means)), dtype=np.float32)
    for t in range(n_rows):
        v = gibbs(net.machines(state), _begun(means, 1, generator), n_sweeps, generator)
        out[t], state = v[0].numpy(), net.advance(state, v)
    return out


@torch.no_grad()
def filled_in_time(net, X, starts, means, n_sweeps, n_draws, generator):
    """Draws (n_draws, n, d) of rows X with NaN, and means (n, d), given the rows before each."""
    X, means = torch.from_numpy(X), torch.from_numpy(means).float()
    draws, filled = X.repeat(n_draws, 1, 1), X.clone()
    for rows in sequences(starts):
        state = net.start(n_draws)
        for t in range(rows.start, rows.stop):
            missing, v = X[t].isnan(), draws[:, t]
            if missing.any():
                v = torch.where(missing, _begun(means, n_draws, generator), v)
                sweeps = clamped_sweeps(net.machines(state), v, missing, n_sweeps, generator)
                *_, (v, mean) = sweeps
                draws[:, t], filled[t] = v, mean.mean(0)
            state = net.advance(state, v)
    return draws.numpy(), filled.numpy()


def _begun(means, n, generator):
    """Independent bits (n, d) of the given means."""
    uniform = torch.rand((n, len(means)), generator=generator, dtype=torch.float32)
    return (uniform < means).float()
