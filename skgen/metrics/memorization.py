"""Does a model repeat its training rows?"""

from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_scalar

from skgen.kernels.blas_threads import openmp_after_fork
from skgen.kernels.two_sample.record_test import level_threshold, near_p_value
from skgen.metrics.samples import two_samples


class CopiesResult(NamedTuple):
    """Draws that are nearer to a training row than new rows of the data would be.

    Attributes
    ----------
    fraction : float
        Share of draws no farther than ``threshold`` from a training row.
    expected : float
        The same share of held-out rows, which a model that has memorized nothing keeps to.
    p_value : float
        Probability of so many such draws of a model that draws as held-out rows are.
    threshold : float
        Distance up to which a draw counts, in the units of X (of standardized columns where asked).
    is_copy : ndarray of shape (n_draws,)
        Which draws count.
    distances : ndarray of shape (n_draws,)
        Distance of each draw from its nearest training row.
    """

    fraction: float
    expected: float
    p_value: float
    threshold: float
    is_copy: np.ndarray
    distances: np.ndarray


def nearest_record_distance(X, Y, *, standardize=False):
    """Distance from each row of Y to the nearest row of X.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Data, such as the training rows. Columns of strings or of a categorical type are categories:
        two that differ are at distance one.
    Y : array-like of shape (n_draws, n_features)
        Draws.
    standardize : bool, default=False
        Whether to divide the columns by their standard deviation in X, for tables whose columns
        have different units.

    Returns
    -------
    distances : ndarray of shape (n_draws,)
        Euclidean distances in the units of X; exactly zero for an exact copy.

    Raises
    ------
    ValueError
        If X and Y have other columns or NaN.

    References
    ----------
    Park, N., Mohammadi, M., Gorde, K., Jajodia, S., Park, H., and Kim, Y. (2018). Data synthesis
    based on generative adversarial networks. Proceedings of the VLDB Endowment 11.

    Examples
    --------
    >>> from skgen.metrics import nearest_record_distance
    >>> nearest_record_distance([[0.0, 0.0], [9.0, 9.0]], [[3.0, 4.0], [9.0, 9.0]])
    array([5., 0.])
    """
    return _nearest(X, Y, standardize, ("X", "Y"))


@openmp_after_fork()
def _nearest(X, Y, standardize, names):
    pair = two_samples(X, Y, standardize=standardize, least=1, names=names)
    nearest = NearestNeighbors(n_neighbors=1).fit(pair.X).kneighbors(pair.Y, return_distance=False)
    # Once more: distances of many columns come from products, with the rounding of these.
    return np.linalg.norm(pair.Y - pair.X[nearest[:, 0]], axis=1)


def copies(X, Y, X_held_out, *, level=0.05, standardize=False):
    """Find draws that repeat training rows, by the measure of rows that were held out.

    A draw counts as a copy where it lies nearer to a training row than all but a share ``level``
    of the held-out rows do. Rows of the same distribution that the model never saw do so in that
    share, and so does a model that has learned the distribution and no row by heart.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The rows that the model was trained on. Columns of strings or of a categorical type are
        categories: two that differ are at distance one.
    Y : array-like of shape (n_draws, n_features)
        Draws of the model.
    X_held_out : array-like of shape (n_held_out, n_features)
        Rows of the same distribution that were kept from the model, apart by chance.
    level : float, default=0.05
        Share of the held-out rows that counts as near; above 0 and below 1.
    standardize : bool, default=False
        Whether to divide the columns by their standard deviation in X, for tables whose columns
        have different units.

    Returns
    -------
    result : CopiesResult
        ``fraction``, ``expected``, ``p_value``, ``threshold``, ``is_copy`` and ``distances``.

    Raises
    ------
    ValueError
        If the arrays have other columns or NaN, or ``level`` is not between 0 and 1.

    Notes
    -----
    The p-value is exact for any distribution without equal distances, and conservative with them.
    Where held-out rows equal training rows (few categories), the threshold is zero and equal draws
    are no sign of memory. A model that draws too narrowly around the middle of the data is near
    its rows as well: look at ``density_coverage`` before calling it memory.

    References
    ----------
    Meehan, C., Chaudhuri, K., and Dasgupta, S. (2020). A non-parametric test to detect data-copying
    in generative models. International Conference on Artificial Intelligence and Statistics.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import copies
    >>> X, fresh, held_out = np.random.default_rng(0).standard_normal((3, 200, 2))
    >>> copies(X, fresh, held_out).p_value > 0.05
    True
    >>> result = copies(X, np.concatenate([fresh[:150], X[:50] + 1e-4]), held_out)
    >>> result.p_value < 1e-6, bool(result.is_copy[150:].all())
    (True, True)
    """
    check_scalar(level, "level", Real, min_val=0, max_val=1, include_boundaries="neither")
    distances = _nearest(X, Y, standardize, ("X", "Y"))
    held_out = _nearest(X, X_held_out, standardize, ("X", "X_held_out"))
    threshold = level_threshold(held_out, level)
    is_copy = distances <= threshold
    return CopiesResult(
        fraction=float(is_copy.mean()),
        expected=float((held_out <= threshold).mean()),
        p_value=near_p_value(distances, held_out, threshold),
        threshold=float(threshold),
        is_copy=is_copy,
        distances=distances,
    )
