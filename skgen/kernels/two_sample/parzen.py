"""Gaussian window estimates of a log-density."""

import numpy as np
from scipy.special import logsumexp

from skgen.kernels.two_sample.distances import squared_distances


def parzen_log_density(X, Y, bandwidths, block_rows, left_out=None):
    """Log-density in nats at the rows X (n, d) of windows around Y (m, d), shape (h, n).

    One row for each bandwidth. ``left_out`` (n,) is the row of Y that each row of X is, and that
    does not count for it.
    """
    n, d = X.shape
    m = len(Y) - (left_out is not None)
    values = np.empty((len(bandwidths), n))
    for start in range(0, n, block_rows):
        rows = slice(start, start + block_rows)
        squares = squared_distances(X[rows], Y)
        if left_out is not None:
            squares[np.arange(len(squares)), left_out[rows]] = np.inf
        for i, h in enumerate(bandwidths):
            values[i, rows] = logsumexp(squares * (-0.5 / h**2), axis=1)
    widths = np.asarray(bandwidths)[:, None]
    return values - np.log(m) - d * np.log(widths * np.sqrt(2 * np.pi))
