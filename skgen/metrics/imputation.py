"""Do draws of missing values cover the truth as often as they claim?"""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array

LEVELS = (0.5, 0.8, 0.9, 0.95)


class ImputationCalibration(NamedTuple):
    """How often intervals of draws cover values that were hidden.

    Attributes
    ----------
    levels : ndarray of shape (n_levels,)
        What the intervals claim to cover.
    coverage : ndarray of shape (n_levels,)
        Share of hidden values that they do cover.
    feature_coverage : ndarray of shape (n_levels, n_features)
        The same by feature; NaN where nothing was hidden.
    error : float
        Mean of ``|coverage - levels|``.
    width : ndarray of shape (n_levels,)
        Mean width of the intervals in standard deviations of the features: of two calibrated
        models the one with narrower intervals knows more.
    n_hidden : int
        Number of hidden values.
    """

    levels: np.ndarray
    coverage: np.ndarray
    feature_coverage: np.ndarray
    error: float
    width: np.ndarray
    n_hidden: int


def imputation_calibration(X, X_missing, draws, *, levels=LEVELS):
    """Coverage of hidden values by intervals of the draws that fill them.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The true values, numbers; NaN where even they are unknown, which then does not count.
    X_missing : array-like of shape (n_samples, n_features)
        The same rows with NaN in the place of what was hidden.
    draws : array-like of shape (n_draws, n_samples, n_features)
        Completed copies, from ``sample_conditional(X_missing, n_draws)``; a list of frames is
        legal.
    levels : array-like of float, default=(0.5, 0.8, 0.9, 0.95)
        Nominal coverage of central intervals, above 0 and below 1. ``n_draws`` must be at least
        2 / (1 - level) - 1, such as 39 for 0.95.

    Returns
    -------
    result : ImputationCalibration
        ``levels``, ``coverage``, ``feature_coverage``, ``error``, ``width`` and ``n_hidden``.

    Raises
    ------
    ValueError
        If the shapes differ, nothing was hidden, or there are too few draws for a level.

    Notes
    -----
    The ends of an interval are the draws of rank (1 -+ level) / 2 (n_draws + 1), interpolated
    between neighbors: where truth and draws have one distribution the expected coverage is the
    level, for any number of draws. Values equal to an end are covered, so that discrete features
    are covered more often. The draws of one fit leave out what is unknown of the model's
    parameters, and cover less of few rows.

    References
    ----------
    Gneiting, T., Balabdaoui, F., and Raftery, A. E. (2007). Probabilistic forecasts, calibration
    and sharpness. Journal of the Royal Statistical Society B 69.

    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.metrics import imputation_calibration
    >>> X = load_iris().data
    >>> hidden = np.random.default_rng(0).random(X.shape) < 0.2
    >>> X_missing = np.where(hidden, np.nan, X)
    >>> model = ProbabilisticPCA(2).fit(X_missing)
    >>> draws = model.sample_conditional(X_missing, 100, random_state=0)
    >>> result = imputation_calibration(X, X_missing, draws)
    >>> result.error < 0.05
    True
    """
    X, X_missing = (
        check_array(rows, dtype=np.float64, input_name=name, ensure_all_finite="allow-nan")
        for rows, name in ((X, "X"), (X_missing, "X_missing"))
    )
    draws = np.stack([np.asarray(draw, dtype=np.float64) for draw in draws])
    _check_shapes(X, X_missing, draws)
    levels = _checked_levels(levels, len(draws))
    rows, columns = np.nonzero(np.isnan(X_missing) & ~np.isnan(X))
    if not len(rows):
        raise ValueError("X_missing hides no value of X; put NaN where draws are to be judged.")
    hidden, filled = X[rows, columns], draws[:, rows, columns]
    if not np.isfinite(filled).all():
        raise ValueError("draws hold NaN or infinity where X_missing is NaN; give completed rows.")
    tails = np.concatenate([(1 - levels) / 2, (1 + levels) / 2])
    low, high = np.split(np.quantile(filled, tails, axis=0, method="weibull"), 2)
    covered = (low <= hidden) & (hidden <= high)
    n_hidden = np.bincount(columns, minlength=X.shape[1])
    n_covered = np.array([np.bincount(columns, c, minlength=X.shape[1]) for c in covered])
    by_feature = np.full(n_covered.shape, np.nan)
    np.divide(n_covered, n_hidden, out=by_feature, where=n_hidden > 0)
    scale = np.nanstd(X, axis=0)
    scale[scale == 0] = 1.0
    coverage = covered.mean(axis=1)
    return ImputationCalibration(
        levels=levels,
        coverage=coverage,
        feature_coverage=by_feature,
        error=float(np.abs(coverage - levels).mean()),
        width=((high - low) / scale[columns]).mean(axis=1),
        n_hidden=len(rows),
    )


def _check_shapes(X, X_missing, draws):
    if X.shape != X_missing.shape or draws.shape[1:] != X.shape:
        raise ValueError(
            f"X has the shape {X.shape}, X_missing {X_missing.shape} and draws {draws.shape}; "
            "draws need (n_draws, *X.shape), and X_missing the shape of X."
        )
    seen = ~np.isnan(X_missing) & ~np.isnan(X)
    if (X[seen] != X_missing[seen]).any():
        raise ValueError("X_missing has other values than X; it must differ by NaN alone.")


def _checked_levels(levels, n_draws):
    levels = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    if levels.ndim != 1 or not len(levels) or not ((levels > 0) & (levels < 1)).all():
        raise ValueError(f"levels={levels} must be above 0 and below 1.")
    needed = int(np.ceil(2 / (1 - levels.max()) - 1 - 1e-9))
    if n_draws < needed:
        raise ValueError(
            f"{n_draws} draws have no interval of the level {levels.max():g}; give {needed} or "
            "more, or lower levels."
        )
    return levels
