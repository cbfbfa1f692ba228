"""Maximum mean discrepancy, with a permutation test."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from skgen.base.sklearn_compat import check_sample_weight
from skgen.kernels.two_sample.distances import length_scales
from skgen.kernels.two_sample.mmd import weighted_mmd2
from skgen.metrics.samples import two_samples

BLOCK_BYTES = 1 << 26
N_ROWS_OF_MEDIAN = 1000


class MMDResult(NamedTuple):
    """Squared maximum mean discrepancy, its p-value, and the bandwidths of the kernel.

    Attributes
    ----------
    statistic : float
        Unbiased estimate of MMD^2, without a unit; below zero by chance.
    p_value : float
        Share of permutations with as large a statistic; NaN without permutations.
    bandwidths : ndarray of shape (n_bandwidths,)
        Bandwidths of the Gaussian kernels, in the units of X.
    """

    statistic: float
    p_value: float
    bandwidths: np.ndarray


def maximum_mean_discrepancy(
    X,
    Y,
    *,
    bandwidth="median",
    n_permutations=0,
    standardize=False,
    sample_weight=None,
    random_state=None,
):
    r"""Squared distance of two distributions in the space of a Gaussian kernel, from their rows.

    :math:`\mathrm{MMD}^2 = E k(x, x') + E k(y, y') - 2 E k(x, y)` where
    :math:`k(a, b) = e^{-|a - b|^2 / (2 h^2)}`,
    as the mean over all pairs of different rows: unbiased, and zero in expectation if and only if X
    and Y have one distribution.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Data, two rows or more. Columns of strings or of a categorical type are categories: two that
        differ are at distance one.
    Y : array-like of shape (n_draws, n_features)
        Draws, or other data; two rows or more.
    bandwidth : float, array-like of float or "median", default="median"
        Bandwidth h in the units of X; of several the mean of the kernels is taken. "median" is the
        median distance of two of the pooled rows, or of 1000 of them.
    n_permutations : int, default=0
        Permutations of the rows between X and Y for the p-value, such as 200; 0 leaves it out.
    standardize : bool, default=False
        Whether to divide the columns by their standard deviation in X, for tables whose columns
        have different units.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows of X; not together with permutations.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations, and of the rows for the median.

    Returns
    -------
    result : MMDResult
        ``statistic``, ``p_value`` and ``bandwidths``.

    Raises
    ------
    ValueError
        If X and Y have other columns, NaN or one row, or a bandwidth is not above zero.

    Notes
    -----
    The p-value is exact: under the null hypothesis it is at most p with probability at most p, for
    any numbers of rows. Time grows as the square of the number of rows, memory does not.

    References
    ----------
    Gretton, A., Borgwardt, K. M., Rasch, M. J., Schoelkopf, B., and Smola, A. (2012). A kernel
    two-sample test. Journal of Machine Learning Research 13.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import maximum_mean_discrepancy
    >>> X, Y = np.random.default_rng(0).standard_normal((2, 200, 3))
    >>> result = maximum_mean_discrepancy(X, Y, n_permutations=99, random_state=0)
    >>> result.p_value > 0.05
    True
    >>> maximum_mean_discrepancy(X, Y + 1, n_permutations=99, random_state=0).p_value
    0.01
    """
    check_scalar(n_permutations, "n_permutations", Integral, min_val=0)
    samples = two_samples(X, Y, standardize=standardize)
    X, Y = samples.X, samples.Y
    rng = check_random_state(random_state)
    Z, n = np.concatenate([X, Y]), len(X)
    bandwidths = _bandwidths(bandwidth, Z, rng)
    A, B = _indicators(n, len(Z), n_permutations, rng)
    if sample_weight is not None:
        if n_permutations:
            raise ValueError(
                "sample_weight was given, but weighted rows cannot be permuted; set "
                "n_permutations=0."
            )
        weight = check_sample_weight(sample_weight, X)
        A[:n, 0] = weight / weight.sum()
        if A.max() == 1:
            raise ValueError("sample_weight leaves one row of X; give weight to two rows or more.")
    values = weighted_mmd2(Z, A, B, bandwidths, max(1, BLOCK_BYTES // (8 * len(Z))))
    # Rounding must not part permutations that only exchange equal rows.
    as_large = (values >= values[0] - 1e-12).sum()
    p_value = as_large / (n_permutations + 1) if n_permutations else np.nan
    return MMDResult(float(values[0]), float(p_value), bandwidths)


def _bandwidths(bandwidth, Z, rng):
    if isinstance(bandwidth, str):
        if bandwidth != "median":
            raise ValueError(f"bandwidth={bandwidth!r} is neither numbers nor 'median'.")
        # Rows are chosen without regard to X and Y, which keeps the test exact.
        some = Z if len(Z) <= N_ROWS_OF_MEDIAN else Z[rng.permutation(len(Z))[:N_ROWS_OF_MEDIAN]]
        return np.array([length_scales(some)[1]])
    widths = np.atleast_1d(np.asarray(bandwidth, dtype=np.float64))
    if widths.ndim != 1 or not len(widths) or not (np.isfinite(widths) & (widths > 0)).all():
        raise ValueError(f"bandwidth={bandwidth!r} must be positive and finite, or 'median'.")
    return widths


def _indicators(n, n_all, n_permutations, rng):
    """Weights of the rows in either sample: as given, then permuted, two (n_all, 1 + p) arrays."""
    first = np.zeros((n_all, n_permutations + 1), dtype=bool)
    first[:n, 0] = True
    for column in range(1, n_permutations + 1):
        first[rng.permutation(n_all)[:n], column] = True
    return first / n, ~first / (n_all - n)
