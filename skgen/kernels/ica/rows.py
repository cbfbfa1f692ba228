"""Densities and conditionals of rows of independent sources, on several threads."""

import numpy as np

from skgen.kernels.ica.conditional import complete_row
from skgen.kernels.ica.mixture_rows import add_log_density
from skgen.kernels.ica.source_density import cell_places
from skgen.kernels.ica.whitening import log_volume, outside
from skgen.kernels.threads import RowWorkers

ROWS = 1024  # of a slice whose sources are scored
GIBBS_ROWS = 8  # of a slice that is completed


def source_log_density(S, density):
    """Log-density (n,) of independent sources S (n, k)."""
    out = np.zeros(len(S))
    inverse = 1.0 / density.widths
    mixture = np.log(density.weights * inverse), density.centers, inverse

    def task(rows):
        add_log_density(S[rows], density.starts, *mixture, out[rows])

    with RowWorkers() as workers:
        workers.run(task, len(S), ROWS)
    return out


def negentropy(density, counts):
    """Nats by which each source's density beats a Gaussian on its counts (k, cells), shape (k,)."""
    fractions, places = counts / counts.sum(axis=1, keepdims=True), cell_places()
    seen = np.flatnonzero(counts.any(axis=0))
    inverse = 1.0 / density.widths
    log_weights = np.log(density.weights * inverse)
    log_p, starts = np.zeros((len(counts), len(seen))), density.starts
    y = np.ascontiguousarray(places[seen, None])
    for j, out in enumerate(log_p):
        add_log_density(y, starts[j : j + 2], log_weights, density.centers, inverse, out)
    mean = fractions @ places
    variance = fractions @ places**2 - mean**2
    gaussian = -0.5 * np.log(2 * np.pi * np.e * np.maximum(variance, np.finfo(float).tiny))
    return np.sum(fractions[:, seen] * log_p, axis=1) - gaussian


def log_density(Y, C, noise, density):
    """Log-density (n,) of centered rows Y (n, d) that C (k, d) unmixes, with noise beyond."""
    k, d = C.shape
    out = source_log_density(Y @ C.T, density) + log_volume(C)
    if k < d:
        beyond = outside(Y, C)
        squares = np.einsum("ij,ij->i", beyond, beyond) / noise
        out -= 0.5 * ((d - k) * np.log(2 * np.pi * noise) + squares)
    return out


def complete(Y, C, noise, density, n_burn_in, n_steps, seeds):
    """Conditional means and draws (2, n, d) of what is missing of centered rows Y (n, d).

    ``seeds`` (n,) start the random numbers of each row.
    """
    d = C.shape[1]
    Q = np.zeros((d, d)) if len(C) == d else outside(np.eye(d), C) / noise
    out = np.stack([Y, Y])
    open_rows = np.flatnonzero(np.isnan(Y).any(axis=1))
    mixture = np.log(density.weights), density.centers, density.widths
    C = np.ascontiguousarray(C)

    def task(part):
        for i in open_rows[part]:
            state = seeds[i : i + 1]
            row = np.empty((2, Y.shape[1]))
            complete_row(Y[i], C, Q, density.starts, mixture, n_burn_in, n_steps, state, row)
            out[:, i] = row

    with RowWorkers() as workers:
        workers.run(task, len(open_rows), GIBBS_ROWS)
    return out
