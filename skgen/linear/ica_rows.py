"""Densities and conditionals of rows of independent sources, on several threads."""

import numpy as np

from skgen.kernels.ica.conditional import complete_row
from skgen.kernels.ica.mixture_rows import add_log_density
from skgen.kernels.threads import RowWorkers

ROWS = 1024  # of a slice whose sources are scored
GIBBS_ROWS = 8  # of a slice that is completed


def log_density(Y, density):
    """Log-density (n,) of independent sources Y (n, k)."""
    out = np.zeros(len(Y))
    inverse = 1.0 / density.widths
    mixture = np.log(density.weights * inverse), density.centers, inverse

    def task(rows):
        add_log_density(Y[rows], density.starts, *mixture, out[rows])

    with RowWorkers() as workers:
        workers.run(task, len(Y), ROWS)
    return out


def complete(Y, C, Q, density, n_burn_in, n_steps, seeds):
    """Conditional means and draws (2, n, d) of what is missing of centered rows Y (n, d).

    The unmixing matrix is C (k, d), Q (d, d) the precision of the noise outside its space, and
    ``seeds`` (n,) start the random numbers of each row.
    """
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
