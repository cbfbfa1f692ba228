"""What labels find in codes: a linear probe, and clusters."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array, check_consistent_length, check_scalar, column_or_1d
from sklearn.utils.multiclass import type_of_target

from skgen.kernels.blas_threads import openmp_after_fork


class LinearProbeScore(NamedTuple):
    """Accuracy, or R^2, of a linear model of codes.

    Attributes
    ----------
    score : float
        Mean over the folds: accuracy (0 to 1) of labels, R^2 (at most 1) of numbers.
    standard_deviation : float
        Standard deviation of the folds.
    scores : ndarray of shape (n_splits,)
        Score of each fold.
    """

    score: float
    standard_deviation: float
    scores: np.ndarray


class ClusterAgreement(NamedTuple):
    """How well clusters of codes agree with labels.

    Attributes
    ----------
    nmi : float
        Mutual information of cluster and label over the mean of their entropies, 0 to 1.
    ari : float
        Adjusted Rand index: 1 where they are the same, 0 by chance.
    clusters : ndarray of shape (n_samples,)
        Cluster of each row.
    """

    nmi: float
    ari: float
    clusters: np.ndarray


def linear_probe_score(Z, y, *, cv=5, estimator=None):
    """Cross-validated score of a linear model that predicts y from codes.

    Parameters
    ----------
    Z : array-like of shape (n_samples, n_components)
        Codes, such as ``transform(X)`` of a model.
    y : array-like of shape (n_samples,)
        Labels, or numbers that are not whole.
    cv : int or cross-validation generator, default=5
        Number of folds, shuffled under a fixed seed, or scikit-learn's splitter.
    estimator : estimator or None, default=None
        The probe. None standardizes the columns, and takes ``LogisticRegression`` for labels and
        ``Ridge`` for numbers.

    Returns
    -------
    result : LinearProbeScore
        ``score``, ``standard_deviation`` and ``scores``.

    Raises
    ------
    ValueError
        If Z has NaN, the lengths differ, or a class has fewer rows than there are folds.

    Notes
    -----
    A model that was fitted to the rows of the folds left out has seen them, if not their labels;
    put it into a ``Pipeline`` and cross-validate that where this matters.

    References
    ----------
    Alain, G., and Bengio, Y. (2017). Understanding intermediate layers using linear classifier
    probes. International Conference on Learning Representations, workshop.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.metrics import linear_probe_score
    >>> X, y = load_iris(return_X_y=True)
    >>> linear_probe_score(ProbabilisticPCA(2).fit_transform(X), y).score > 0.9
    True
    """
    Z, y = _codes_and_labels(Z, y)
    is_number = type_of_target(y) == "continuous"
    if estimator is None:
        model = Ridge() if is_number else LogisticRegression(max_iter=1000)
        estimator = make_pipeline(StandardScaler(), model)
    if isinstance(cv, Integral):
        # Data often come in the order of their labels.
        kind = StratifiedKFold if is_classifier(estimator) else KFold
        cv = kind(cv, shuffle=True, random_state=0)
    scores = cross_val_score(estimator, Z, y, cv=cv)
    return LinearProbeScore(float(scores.mean()), float(scores.std()), scores)


def cluster_agreement(Z, y, *, n_clusters=None, n_init=10, random_state=None):
    """Agreement of the clusters that k-means finds in codes with labels it does not see.

    Parameters
    ----------
    Z : array-like of shape (n_samples, n_components)
        Codes, such as ``transform(X)`` of a model. k-means takes them in their units.
    y : array-like of shape (n_samples,)
        Labels.
    n_clusters : int or None, default=None
        Number of clusters; None takes the number of labels.
    n_init : int, default=10
        Starts of k-means, of which the best is kept.
    random_state : int, RandomState instance or None, default=None
        Seed of the starts.

    Returns
    -------
    result : ClusterAgreement
        ``nmi``, ``ari`` and ``clusters``.

    Raises
    ------
    ValueError
        If Z has NaN, the lengths differ, or there are more clusters than rows.

    References
    ----------
    Hubert, L., and Arabie, P. (1985). Comparing partitions. Journal of Classification 2.

    Strehl, A., and Ghosh, J. (2002). Cluster ensembles: a knowledge reuse framework for combining
    multiple partitions. Journal of Machine Learning Research 3.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skgen.metrics import cluster_agreement
    >>> Z, y = make_blobs(200, centers=[[0, 0], [9, 9], [0, 9]], random_state=0)
    >>> result = cluster_agreement(Z, y, random_state=0)
    >>> round(result.nmi, 6), round(result.ari, 6)
    (1.0, 1.0)
    """
    Z, y = _codes_and_labels(Z, y)
    n_clusters = len(np.unique(y)) if n_clusters is None else n_clusters
    check_scalar(n_clusters, "n_clusters", Integral, min_val=1, max_val=len(Z))
    with openmp_after_fork():
        model = KMeans(n_clusters, n_init=n_init, random_state=random_state).fit(Z)
    return ClusterAgreement(
        nmi=float(normalized_mutual_info_score(y, model.labels_)),
        ari=float(adjusted_rand_score(y, model.labels_)),
        clusters=model.labels_,
    )


def _codes_and_labels(Z, y):
    Z = check_array(Z, dtype=np.float64, input_name="Z")
    y = column_or_1d(y)
    check_consistent_length(Z, y)
    return Z, y
