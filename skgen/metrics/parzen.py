"""Parzen-window estimate of the log-likelihood of a model that only draws."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.two_sample.distances import evenly_spaced, length_scales
from skgen.kernels.two_sample.parzen import parzen_log_density
from skgen.metrics.samples import two_samples

BLOCK_BYTES = 1 << 25
N_BANDWIDTHS = 20
N_ROWS_OF_CHOICE = 500


class ParzenResult(NamedTuple):
    """Mean log-density of rows under windows around draws.

    Attributes
    ----------
    log_likelihood : float
        Mean over the rows of X, in nats a row.
    standard_error : float
        Standard error of that mean, for the rows of X alone; NaN of one row.
    bandwidth : float
        Standard deviation of the windows, in the units of X.
    """

    log_likelihood: float
    standard_error: float
    bandwidth: float


def parzen_log_likelihood(X, Y, *, bandwidth=None):
    r"""Mean log-density of held-out rows under Gaussian windows around the draws of a model.

    :math:`\log p(x) = \log \frac1m \sum_j N(x; y_j, h^2 I)`. It is here to repeat figures of
    papers; do not choose models by it (see Notes).

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Held-out data, numbers.
    Y : array-like of shape (n_draws, n_features)
        Draws; two or more.
    bandwidth : float or None, default=None
        Standard deviation h of the windows in the units of X. None takes the one of 20 under
        which draws are most probable given the other draws, so that X is not looked at.

    Returns
    -------
    result : ParzenResult
        ``log_likelihood``, ``standard_error`` and ``bandwidth``.

    Raises
    ------
    ValueError
        If X and Y have other columns or NaN, or the bandwidth is not above zero.

    Notes
    -----
    A known fault: in more than a few dimensions it is far from the log-likelihood, however many
    draws there are, and does not even rank models. Of small images it prefers the centers of
    k-means to draws of the true distribution (Theis et al. 2016, section 3.2). A model with
    ``score_samples`` has a better answer.

    References
    ----------
    Breuleux, O., Bengio, Y., and Vincent, P. (2011). Quickly generating representative samples from
    an RBM-derived process. Neural Computation 23.

    Theis, L., van den Oord, A., and Bethge, M. (2016). A note on the evaluation of generative
    models. International Conference on Learning Representations.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import parzen_log_likelihood
    >>> X, Y = np.random.default_rng(0).standard_normal((2, 2000, 1))
    >>> truth = -0.5 * np.log(2 * np.pi) - 0.5  # mean log-density of a standard normal row
    >>> bool(abs(parzen_log_likelihood(X, Y).log_likelihood - truth) < 0.05)
    True
    """
    pair = two_samples(X, Y, least=1)
    X, Y = pair.X, pair.Y
    if len(Y) < 2:
        raise ValueError("Y has 1 row, but windows need draws around it; give two rows or more.")
    if bandwidth is None:
        bandwidth = _most_probable(Y)
    elif not (np.isfinite(bandwidth) and bandwidth > 0):
        raise ValueError(f"bandwidth={bandwidth!r} must be positive and finite, or None.")
    scores = parzen_log_density(X, Y, [bandwidth], _block_rows(Y))[0]
    error = scores.std(ddof=1) / np.sqrt(len(scores)) if len(scores) > 1 else np.nan
    return ParzenResult(float(scores.mean()), float(error), float(bandwidth))


def _block_rows(Y):
    return max(1, BLOCK_BYTES // (8 * len(Y)))


def _most_probable(Y):
    """The bandwidth under which draws are most probable given the others."""
    fine, coarse = length_scales(evenly_spaced(Y, 1000))
    candidates = np.geomspace(fine / 8, 2 * coarse, N_BANDWIDTHS)
    chosen = evenly_spaced(np.arange(len(Y)), N_ROWS_OF_CHOICE)
    scores = parzen_log_density(Y[chosen], Y, candidates, _block_rows(Y), left_out=chosen)
    return candidates[np.argmax(scores.mean(axis=1))]
