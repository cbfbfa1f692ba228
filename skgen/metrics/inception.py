"""Inception score of draws that a classifier has judged."""

import numpy as np
from scipy.special import xlogy
from sklearn.utils import check_array

# How far the probabilities of a row may be from adding up to one.
ROUNDING = 1e-3


def inception_score(X, *, classifier=None):
    r"""How sure a classifier is of each draw, and how evenly the draws spread over the classes.

    :math:`\exp E\,\mathrm{KL}(p(y \mid x) \,\|\, p(y))`, where p(y) is the mean of p(y | x) over
    the draws: 1 where all draws look alike to the classifier, the number of classes where each is
    surely of one class and all classes are equally frequent.

    Parameters
    ----------
    X : array-like of shape (n_draws, n_classes) or (n_draws, n_features)
        Probabilities of the classes for each draw; with a classifier the draws themselves.
    classifier : estimator or None, default=None
        A fitted classifier with ``predict_proba``, for the draws.

    Returns
    -------
    score : float
        Between 1 and the number of classes.

    Raises
    ------
    ValueError
        If rows are not probabilities.

    Notes
    -----
    The data play no part: draws that repeat one image of each class reach the best score, and so do
    images that only the classifier takes for digits (Barratt & Sharma 2018). With few draws it is
    too high. Scores by two classifiers do not compare.

    References
    ----------
    Salimans, T., Goodfellow, I., Zaremba, W., Cheung, V., Radford, A., and Chen, X. (2016).
    Improved techniques for training GANs. Advances in Neural Information Processing Systems.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skgen.metrics import inception_score
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = LogisticRegression(max_iter=100).fit(X / 16, y)
    >>> 7 < inception_score(X / 16, classifier=classifier) < 10
    True
    >>> inception_score([[0.5, 0.5], [0.5, 0.5]])
    1.0
    """
    if classifier is not None:
        if not hasattr(classifier, "predict_proba"):
            raise ValueError(
                f"{type(classifier).__name__} has no predict_proba; wrap it in "
                "CalibratedClassifierCV, or give a classifier that has."
            )
        X = classifier.predict_proba(X)
    P = check_array(X, dtype=np.float64, input_name="X")
    total = P.sum(axis=1)
    if (P < 0).any() or (np.abs(total - 1) > ROUNDING).any():
        worst = np.argmax(np.where((P < 0).any(axis=1), np.inf, np.abs(total - 1)))
        raise ValueError(
            f"Row {worst} of X holds no probabilities: values from {P[worst].min():.3g} with the "
            f"sum {total[worst]:.3g}; give predict_proba of the draws, or classifier."
        )
    P = P / total[:, None]
    marginal = P.mean(axis=0)
    divergence = float(xlogy(P, P).sum(axis=1).mean() - xlogy(marginal, marginal).sum())
    return float(np.exp(max(divergence, 0.0)))
