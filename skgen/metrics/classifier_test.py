"""Classifier two-sample test: can a classifier tell draws from data, and by which features?"""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state, check_scalar

from skgen.compose.drawing import with_seed
from skgen.kernels.blas_threads import openmp_after_fork
from skgen.kernels.two_sample.rank_test import auc, combined_p_value, rank_sum
from skgen.metrics.samples import two_samples

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class ClassifierTestResult:
    """How well a classifier tells the rows of Y from those of X.

    Attributes
    ----------
    auc : float
        Probability that a row of Y gets a higher probability of being one than a row of X, in folds
        that were left out of training: 0.5 by chance, 1 where all are told apart.
    accuracy : float
        Mean of the shares of X and of Y that are recognized in those folds; 0.5 by chance.
    p_value : float
        Probability of as high ranks of Y by chance, one-sided.
    probabilities : ndarray of shape (n_samples + n_draws,)
        Cross-fitted probability that a row is one of Y: first for the rows of X, then for Y.
    feature_importances : ndarray of shape (n_features,) or None
        Loss of ``auc`` when the values of a feature are shuffled in the folds left out.
    feature_names : ndarray of shape (n_features,) or None
        Names of the columns, where X is a frame.
    """

    auc: float
    accuracy: float
    p_value: float
    probabilities: np.ndarray
    feature_importances: np.ndarray | None
    feature_names: np.ndarray | None


@openmp_after_fork()
def classifier_two_sample_test(
    X, Y, *, classifier=None, n_splits=5, importances=True, random_state=None
):
    """Train a classifier to tell Y from X, and test whether it does better than chance.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Data; ``n_splits`` rows or more. Columns of strings or of a categorical type are categories,
        which the classifier sees as a column each.
    Y : array-like of shape (n_draws, n_features)
        Draws, or other data; ``n_splits`` rows or more.
    classifier : estimator or None, default=None
        Classifier with ``predict_proba``; clones are fitted. None takes the mean of a logistic
        regression, which has the most power against shifts, and of boosted small trees, which see
        all else.
    n_splits : int, default=5
        Folds; 2 or more.
    importances : bool, default=True
        Whether to find out which features give Y away, which takes as many predictions of all rows
        as there are features.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, of the shuffling and of the classifier, where it has none of its own.

    Returns
    -------
    result : ClassifierTestResult
        ``auc``, ``accuracy``, ``p_value``, ``probabilities``, ``feature_importances`` and
        ``feature_names``.

    Raises
    ------
    ValueError
        If X and Y have other columns, NaN or fewer rows than folds, or the classifier has no
        ``predict_proba``.

    Notes
    -----
    Folds share training rows, so that the ranks in one depend on those in another, and a test of
    cross-validated accuracy that takes them for independent finds differences where there are none.
    Here the p-value comes from classifiers of their own: the one that judges a fold was
    trained on the folds *before* it alone. By chance its ranks then have the null distribution
    of Wilcoxon and Mann-Whitney whatever the earlier folds were, and the sum over folds is
    calibrated for any classifier and any number of rows. Later folds, whose classifiers know more,
    have more weight.

    A high p-value says that this classifier saw no difference in so many rows, and no more.

    References
    ----------
    Lopez-Paz, D., and Oquab, M. (2017). Revisiting classifier two-sample tests. International
    Conference on Learning Representations.

    Podkopaev, A., and Ramdas, A. (2023). Sequential predictive two-sample and independence testing.
    Advances in Neural Information Processing Systems.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import classifier_two_sample_test
    >>> X, Y = np.random.default_rng(0).standard_normal((2, 100, 4))
    >>> classifier_two_sample_test(X, Y, random_state=0).p_value > 0.05
    True
    >>> Y[:, 2] += 2
    >>> result = classifier_two_sample_test(X, Y, random_state=0)
    >>> result.p_value < 1e-6, int(result.feature_importances.argmax())
    (True, 2)
    """
    check_scalar(n_splits, "n_splits", Integral, min_val=2)
    samples = two_samples(X, Y, center=False, least=n_splits)
    rng = check_random_state(random_state)
    Z = np.concatenate([samples.X, samples.Y])
    is_draw = np.arange(len(Z)) >= len(samples.X)
    model = _default() if classifier is None else clone(classifier)
    model = with_seed(model, rng.randint(LARGEST_SEED))
    splitter = StratifiedKFold(n_splits, shuffle=True, random_state=rng.randint(LARGEST_SEED))
    folds = [fold for _, fold in splitter.split(Z, is_draw)]
    test = [_fold_before(model, Z, is_draw, folds[:j], folds[j]) for j in range(1, n_splits)]
    judge = _CrossFit(model, Z, is_draw, folds)
    p = judge.probabilities()
    right = (p > is_draw.mean()) == is_draw
    return ClassifierTestResult(
        auc=judge.auc(p),
        accuracy=float((right[is_draw].mean() + right[~is_draw].mean()) / 2),
        p_value=combined_p_value(test),
        probabilities=p,
        feature_importances=judge.importances(samples.groups, rng) if importances else None,
        feature_names=samples.feature_names,
    )


def _default():
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    trees = HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=6)
    return VotingClassifier([("linear", linear), ("trees", trees)], voting="soft")


def _fitted(model, Z, is_draw):
    fitted = clone(model).fit(Z, is_draw.astype(int))
    if not hasattr(fitted, "predict_proba"):
        raise ValueError(
            f"{type(model).__name__} has no predict_proba; wrap it in CalibratedClassifierCV, or "
            "give a classifier that has."
        )
    return fitted


def _fold_before(model, Z, is_draw, earlier, fold):
    """Weight, rank sum and its variance of a fold, judged by what was trained on earlier folds."""
    rows = np.concatenate(earlier)
    p = _fitted(model, Z[rows], is_draw[rows]).predict_proba(Z[fold])[:, 1]
    return np.sqrt(len(rows)), *rank_sum(p, is_draw[fold])


class _CrossFit:
    """Classifiers that were each trained on all folds but one."""

    def __init__(self, model, Z, is_draw, folds):
        self.Z, self.is_draw, self.folds = Z, is_draw, folds
        every_row = np.arange(len(Z))
        rest = [np.setdiff1d(every_row, fold) for fold in folds]
        self.models = [_fitted(model, Z[rows], is_draw[rows]) for rows in rest]

    def probabilities(self, Z=None):
        """Probability of each row to be a draw, by the classifier that has not seen it."""
        Z = self.Z if Z is None else Z
        p = np.empty(len(Z))
        for model, fold in zip(self.models, self.folds):
            p[fold] = model.predict_proba(Z[fold])[:, 1]
        return p

    def auc(self, p):
        """Mean over the folds: classifiers of different folds are not on one scale."""
        return float(np.mean([auc(p[fold], self.is_draw[fold]) for fold in self.folds]))

    def importances(self, groups, rng):
        """Loss of AUC by shuffling the columns of each feature within the folds."""
        whole, Z = self.auc(self.probabilities()), self.Z.copy()
        lost = []
        for columns in groups:
            for fold in self.folds:
                Z[np.ix_(fold, columns)] = self.Z[np.ix_(rng.permutation(fold), columns)]
            lost.append(whole - self.auc(self.probabilities(Z)))
            Z[:, columns] = self.Z[:, columns]
        return np.array(lost)
