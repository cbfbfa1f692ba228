"""Precision, recall, density and coverage: draws among the nearest neighbors of data."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances_chunked
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_scalar

from skgen.base.sklearn_compat import check_sample_weight
from skgen.kernels.blas_threads import openmp_after_fork
from skgen.kernels.two_sample.coverage import perfect_coverage, radii_with_copies
from skgen.kernels.two_sample.distances import resolution
from skgen.metrics.samples import two_samples


class PrecisionRecallF1(NamedTuple):
    """Shares of the draws that look like data and of the data that the draws reach, 0 to 1.

    Attributes
    ----------
    precision : float
        Share of the draws within the data's neighborhoods.
    recall : float
        Share of the data within the draws' neighborhoods.
    f1 : float
        Harmonic mean of both.
    """

    precision: float
    recall: float
    f1: float


class DensityCoverage(NamedTuple):
    """How densely draws lie where data are, and how many data have a draw near them.

    Attributes
    ----------
    density : float
        Neighborhoods of data that a draw lies in, over what is expected of a perfect model: 1 by
        expectation, more where draws crowd at the modes.
    coverage : float
        Share of the rows of data with a draw in their neighborhood, 0 to 1.
    expected_coverage : float
        Expected coverage by as many draws of the distribution of the data.
    """

    density: float
    coverage: float
    expected_coverage: float


def precision_recall_f1(X, Y, *, n_neighbors=3, standardize=False):
    """How many draws look like data, and how much of the data the draws reach.

    The neighborhood of a set of rows is the union of the balls around each row up to its neighbor
    number ``n_neighbors``. Precision is the share of draws in that of the data, recall the
    share of data in that of the draws.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Data, or features of data; more rows than ``n_neighbors``. Columns of strings or of a
        categorical type are categories: two that differ are at distance one.
    Y : array-like of shape (n_draws, n_features)
        Draws, or their features; more rows than ``n_neighbors``.
    n_neighbors : int, default=3
        Neighbor up to which a ball reaches, the row itself not counted.
    standardize : bool, default=False
        Whether to divide the columns by their standard deviation in X, for tables whose columns
        have different units.

    Returns
    -------
    result : PrecisionRecallF1
        ``precision``, ``recall`` and ``f1``.

    Raises
    ------
    ValueError
        If X and Y have other columns, NaN or too few rows.

    Notes
    -----
    Draws of a perfect model do not reach 1: compare with the figures of other data in the place of
    the draws. One outlier has a ball so large that it takes in many bad draws, which
    ``density_coverage`` mends (Naeem et al. 2020). Many distances are computed, in blocks of the
    ``working_memory`` of scikit-learn's configuration.

    References
    ----------
    Kynkaanniemi, T., Karras, T., Laine, S., Lehtinen, J., and Aila, T. (2019). Improved precision
    and recall metric for assessing generative models. Advances in Neural Information Processing
    Systems.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import precision_recall_f1
    >>> X, Y = np.random.default_rng(0).standard_normal((2, 300, 2))
    >>> result = precision_recall_f1(X, Y / 4)  # too narrow: right, and too few kinds
    >>> result.precision > 0.95, result.recall < 0.5
    (True, True)
    """
    check_scalar(n_neighbors, "n_neighbors", Integral, min_val=1)
    samples = two_samples(X, Y, standardize=standardize, least=n_neighbors + 1)
    precision = _share_within(samples.Y, samples.X, n_neighbors)
    recall = _share_within(samples.X, samples.Y, n_neighbors)
    total = precision + recall
    return PrecisionRecallF1(precision, recall, 2 * precision * recall / total if total else 0.0)


@openmp_after_fork()
def _share_within(rows, centers, k):
    """Share of rows in a ball around any of the centers up to its neighbor number k."""
    distances, _ = NearestNeighbors(n_neighbors=k).fit(centers).kneighbors()
    radii = _rounded_up(distances[:, -1] ** 2, centers)

    def within(block, start):
        return (block <= radii).any(axis=1)

    blocks = pairwise_distances_chunked(rows, centers, reduce_func=within)
    return float(np.concatenate(list(blocks)).mean())


def _rounded_up(squared_radii, centers):
    """Radii of balls whose borders belong to them: rows on a grid are often equally far."""
    return np.sqrt(squared_radii + resolution(centers) ** 2)


def density_coverage(X, Y, *, n_neighbors=5, standardize=False, sample_weight=None):
    """How densely draws lie where the data are, and how much of the data they cover.

    Around each row of X is a ball up to its neighbor number ``n_neighbors`` in X. Density is the
    mean number of balls that a draw lies in, divided by ``n_neighbors``; coverage the share of
    balls with a draw in them.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Data, or features of data; more rows than ``n_neighbors``, and not all the same. Columns of
        strings or of a categorical type are categories: two that differ are at distance one.
    Y : array-like of shape (n_draws, n_features)
        Draws, or their features.
    n_neighbors : int, default=5
        Neighbor up to which a ball reaches, the row itself not counted.
    standardize : bool, default=False
        Whether to divide the columns by their standard deviation in X, for tables whose columns
        have different units.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows of X in both means; the balls are those of all rows.

    Returns
    -------
    result : DensityCoverage
        ``density``, ``coverage`` and ``expected_coverage``.

    Raises
    ------
    ValueError
        If X and Y have other columns, NaN or too few rows, or all rows of X are the same.

    Notes
    -----
    Of a perfect model the expected density is 1 and the expected coverage
    ``1 - prod_i (n - i) / (m + n - i)``, i = 1 ... ``n_neighbors``, whatever the distribution. A
    row that is as often in X as there are neighbors has a ball of half the distance to the next
    row that differs, and density counts a ball by the rows that are in it; so discrete data have
    an expected density of 1, too, to within a tenth or so, and a higher coverage. Density may be
    high where coverage is low: read both. Distances are computed in blocks of the
    ``working_memory`` of scikit-learn's configuration, a GiB unless set.

    References
    ----------
    Naeem, M. F., Oh, S. J., Uh, Y., Choi, Y., and Yoo, J. (2020). Reliable fidelity and diversity
    metrics for generative models. International Conference on Machine Learning.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import density_coverage
    >>> X, Y = np.random.default_rng(0).standard_normal((2, 1000, 2))
    >>> result = density_coverage(X, Y)
    >>> round(result.density, 1), round(result.coverage, 2), round(result.expected_coverage, 2)
    (1.0, 0.98, 0.97)
    >>> density_coverage(X, Y[Y[:, 0] > 0]).coverage < 0.6  # half of the data is lost
    True
    """
    check_scalar(n_neighbors, "n_neighbors", Integral, min_val=1)
    pair = two_samples(X, Y, standardize=standardize, least=1)
    X, Y = pair.X, pair.Y
    if len(X) <= n_neighbors:
        raise ValueError(
            f"X has {len(X)} rows, but n_neighbors={n_neighbors} needs more rows than that."
        )
    rows, copy_of, counts = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    if len(rows) == 1:
        raise ValueError("All rows of X are the same, so that nothing says what is near them.")
    weight = counts
    if sample_weight is not None:
        weight = np.bincount(copy_of.ravel(), check_sample_weight(sample_weight, X))
    n_nearest = min(n_neighbors + 1, len(rows))
    with openmp_after_fork():
        distances, nearest = NearestNeighbors(n_neighbors=n_nearest).fit(rows).kneighbors(rows)
    squares, expected = radii_with_copies(distances**2, counts[nearest], n_neighbors)
    reached = _n_within(rows, Y, _rounded_up(squares, rows))
    return DensityCoverage(
        density=float(np.average(reached / expected, weights=weight) * len(X) / len(Y)),
        coverage=float(np.average(reached > 0, weights=weight)),
        expected_coverage=perfect_coverage(len(X), len(Y), n_neighbors),
    )


def _n_within(centers, Y, radii):
    """How many rows of Y lie in the ball around each center."""

    def counted(block, start):
        return (block <= radii[start : start + len(block), None]).sum(axis=1)

    return np.concatenate(list(pairwise_distances_chunked(centers, Y, reduce_func=counted)))
