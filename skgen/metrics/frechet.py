"""Frechet distance of two sets of rows, each taken for a Gaussian."""

import numpy as np

from skgen.base.sklearn_compat import check_sample_weight
from skgen.kernels.moments import moments
from skgen.kernels.two_sample.frechet import squared_frechet
from skgen.metrics.samples import two_samples


def frechet_distance(X, Y, *, standardize=False, sample_weight=None):
    r"""Squared Frechet distance of the Gaussians with the moments of two sets of rows.

    .. math:: d^2 = |m_x - m_y|^2 + \mathrm{tr}(C_x + C_y - 2 (C_x C_y)^{1/2})

    of the means m and the unbiased covariances C. Of the features of an Inception network this is
    the "FID" of images (Heusel et al. 2017); figures from other features do not compare with it.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Data, or features of data that a network makes; two rows or more. Columns of strings or of
        a categorical type are categories.
    Y : array-like of shape (n_draws, n_features)
        Draws, or their features; two rows or more.
    standardize : bool, default=False
        Whether to divide the columns by their standard deviation in X, for tables whose columns
        have different units.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows of X; their scale is immaterial.

    Returns
    -------
    distance : float
        The squared distance, in squared units of X; 0 or more.

    Raises
    ------
    ValueError
        If X and Y have other columns, NaN or one row.

    Notes
    -----
    It sees means and covariances and nothing else: a lost mode that leaves both as they are costs
    nothing. From few rows it is too large, by an amount that falls as 1 / n and differs between
    models: compare figures of equally many rows only, and many (Chong & Forsyth 2020).

    References
    ----------
    Dowson, D. C., and Landau, B. V. (1982). The Frechet distance between multivariate normal
    distributions. Journal of Multivariate Analysis 12.

    Heusel, M., Ramsauer, H., Unterthiner, T., Nessler, B., and Hochreiter, S. (2017). GANs trained
    by a two time-scale update rule converge to a local Nash equilibrium. Advances in Neural
    Information Processing Systems.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import frechet_distance
    >>> X = np.random.default_rng(0).standard_normal((500, 2))
    >>> round(frechet_distance(X, X + [3, 4]), 6)
    25.0
    """
    samples = two_samples(X, Y, standardize=standardize)
    weight = None if sample_weight is None else check_sample_weight(sample_weight, samples.X)
    return squared_frechet(*_moments(samples.X, weight), *_moments(samples.Y, None))


def _moments(X, weight):
    """Mean and unbiased covariance; of weighted rows as if weights were their importance."""
    found = moments(X, weight, precise=True)
    shares = np.full(len(X), 1 / len(X)) if weight is None else weight / weight.sum()
    left = 1 - (shares**2).sum()
    if left <= 0:
        raise ValueError("sample_weight leaves one row of X; give weight to two rows or more.")
    return found.mean, found.covariance / left
