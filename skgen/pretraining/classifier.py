"""Classifier whose network starts at the weights of an unsupervised model."""

from dataclasses import replace

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from torch.nn import functional as F

from skgen.base.labels import (
    MARK_THE_REST,
    checked_labels,
    one_hot,
    two_or_more_classes,
    with_label,
)
from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, one_of, param
from skgen.base.sklearn_compat import check_sample_weight
from skgen.base.wording import naming
from skgen.kernels.row_blocks import RowBlocks
from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.pretraining.base import ADDED, BaseFineTuned
from skgen.pretraining.neighbors import Teacher, quarter_gap
from skgen.pretraining.virtual_adversarial import draw_rows, virtual_adversarial_loss
from skgen.training import as_tensor, representatives, standardized

# Rounds: with labels of neighbors among the rows, then among the codes, too, then without.
N_ROUNDS = 3
N_MEASURED = 10_000  # rows among which the gap between rows is measured
N_OF_EACH = 5_000  # rows with a label, and without, that stand for rows in blocks


class FineTunedClassifier(ClassifierMixin, BaseFineTuned):
    r"""Softmax classifier on the encoder of an unsupervised model, trained by backpropagation.

    First ``estimator`` learns from all rows x, labeled or not; then its encoder f and a softmax
    layer learn from the labeled rows x_i, and on request from all, with
    :math:`P(y \mid x) = \mathrm{softmax}(A f(x) + a)`:

    .. math:: \min \; & -\mathrm{mean}_i \log P(y_i \mid x_i)
        + \mathrm{mean}_x \, \mathrm{KL}\bigl(P(\cdot \mid x) \,\|\, P(\cdot \mid x + r)\bigr) \\
        & - \mathrm{mean}_x \sum_y \bigl[q(y \mid x) + c P(y \mid x)\bigr] \log P(y \mid x)

    In the second term r is a perturbation of length ``adversarial_radius`` in the direction that
    changes the prediction the most, so that classes part where rows are rare (Miyato et al. 2019).
    In the third, where labels are few, q are probabilities that spread from the labels along a
    graph of ``n_neighbors`` nearest neighbors (Zhou et al. 2003), at first among the rows and later
    among their codes f(x), too; and c = 0.3 weighs the entropy of the predictions, which wants
    every row to be sure of its class (Grandvalet & Bengio 2005). At last q falls silent and c is
    1, so that a mistake of the neighbors can be mended.

    Without an estimator both terms are there, and nothing needs choosing: that is the default for
    few labels.

    Parameters
    ----------
    class_weight : dict, "balanced" or None, default=None
        Factors of the weights of the rows by their label, 1 for labels that are not in the dict;
        "balanced" gives all classes the same weight in sum. They count in pre-training, too.
    adversarial_radius : float or "auto", default="auto"
        Length of the perturbation r of a row, labeled or not, that should not change its
        prediction; in the units that the network sees, those of the data where they lie in
        [0, 1], and else standard deviations. 0 leaves the second term out; with it an update takes
        about three times as long. "auto" is 0 with an estimator, and without one a quarter of the
        median distance of a row to the nearest other.
    n_neighbors : int, "auto" or None, default="auto"
        Neighbors from which a row without a label takes one; None leaves the third term out.
        "auto" is None with an estimator, and 5 without one. The graph takes the time of all
        distances: a minute or two for 60 000 rows of 784 features.
    %(shared_parameters)s

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, without the -1 that marks rows without one.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        No row has a label, all labels are of one class, or one is None or NaN; ``prefit`` with an
        estimator of other features, or ``freeze`` of more layers than there are.
    NotFittedError
        With ``prefit``: the estimator is not fitted.

    See Also
    --------
    FineTunedRegressor : The same for numbers instead of labels.

    Notes
    -----
    ``max_iter="auto"`` makes 3 000 updates, however few the labels are, and more where these do
    not see each row 30 times, 128 at once: the labeled rows, and the others where they take part.
    The labels of neighbors last for two rounds of a third of the updates each; the probabilities of
    both are multiplied, and keep the shares that the classes have among the labels.

    Rows whose label is the number -1 have none, as in scikit-learn's semi-supervised classifiers:
    it is never a class, so that two classes are coded by 0 and 1 and not by -1 and 1. Beside names,
    -1 takes an array of dtype object. ``score`` leaves such rows out, so that a search over partly
    labeled rows counts what is known. None and NaN are refused. Where few rows have a label, split
    by ``StratifiedKFold``: a part in which a single class is left cannot train a classifier.

    References
    ----------
    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Srivastava, N. et al. (2014). Dropout: a simple way to prevent neural networks from
    overfitting. JMLR.

    Zhou, D. et al. (2003). Learning with local and global consistency. NIPS.

    Zelnik-Manor, L. & Perona, P. (2004). Self-tuning spectral clustering. NIPS.

    Grandvalet, Y. & Bengio, Y. (2005). Semi-supervised learning by entropy minimization. NIPS.

    Miyato, T., Maeda, S., Koyama, M. & Ishii, S. (2019). Virtual adversarial training: a
    regularization method for supervised and semi-supervised learning. IEEE TPAMI.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import FineTunedClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> y_known = y.copy()
    >>> y_known[100:] = -1
    >>> model = FineTunedClassifier(random_state=0).fit(X / 16, y_known)
    >>> bool(model.score(X[100:] / 16, y[100:]) > 0.9)
    True
    """

    _former_defaults = {**ADDED, "class_weight": None, "n_neighbors": None}
    class_weight: dict | str | None = param(dict, one_of("balanced"), None, default=None)
    adversarial_radius: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    n_neighbors: int | str | None = param(COUNT, AUTO, None, default="auto")

    def _row_weights(self, X, y, sample_weight):
        if self.class_weight is None:
            return sample_weight
        y = checked_labels(X, y, MARK_THE_REST)
        known, weight = with_label(y), check_sample_weight(sample_weight, X)
        weight[known] *= class_factors(self.class_weight, y[known], weight[known])
        return weight

    def _targets(self, X, y, weight, resume):
        y = checked_labels(X, y, MARK_THE_REST)
        known = with_label(y)
        with naming("y"):
            check_classification_targets(y[known])
        sees_all = self._choice("adversarial_radius", "auto") or self._choice("n_neighbors", 5)
        self._n_seen = len(y) if sees_all else int(known.sum())
        if not resume:
            self.classes_ = two_or_more_classes(y[known])
        # Rows of NaN sit out the training.
        columns = np.full((len(y), len(self.classes_)), np.nan, dtype=np.float32)
        columns[known] = one_hot(y[known], self.classes_)
        if isinstance(X, RowBlocks):
            chosen = _standing_for_all(known)
            self._all_rows = X[chosen], columns[chosen]
            return columns
        self._all_rows = X, columns
        if not known.all() and weight is not None:
            chosen = representatives(weight, len(weight)).numpy()
            self._all_rows = X[chosen], columns[chosen]
        return columns

    @property
    def _n_outputs(self):
        return len(self.classes_)

    def _losses(self, module, n_features):
        d = n_features
        pool, radius = self._pool(next(module.parameters()).device), self._radius()
        teacher = self._teacher = self._teacher_of(pool)

        def cross_entropy(rows, generator):
            return F.cross_entropy(module(rows[:, :d]), rows[:, d:])

        def with_all_rows(rows, generator):
            loss, x = cross_entropy(rows, generator), rows[:, :d]
            if teacher is not None:
                x, labels = teacher.draw(generator)
                loss = loss + teacher.loss(module(x), labels)
            elif pool is not None:
                x = draw_rows(pool, generator)
            if radius:
                loss = loss + virtual_adversarial_loss(module, x, radius, generator)
            return loss

        if teacher is None and not radius:
            return "cross_entropy", cross_entropy, None
        return "cross_entropy", with_all_rows, cross_entropy

    def _pool(self, device):
        """All rows as a tensor where some have no label, otherwise None."""
        if self._all_rows is None or not np.isnan(self._all_rows[1]).any():
            return None
        X, _ = self._all_rows
        return as_tensor(standardized(X, self._center, self._scale)).to(device)

    def _choice(self, name, alone):
        """Value of a parameter; "auto" is ``alone`` without an estimator and None with one."""
        value = getattr(self, name)
        if value != "auto":
            return value
        return alone if self.estimator is None else None

    def _radius(self):
        """Length of the perturbation in the units of the networks, or None."""
        radius = self._choice("adversarial_radius", "auto")
        if radius != "auto":
            return radius
        if self._all_rows is None:
            return None
        some = evenly_spaced(self._all_rows[0], N_MEASURED)
        return quarter_gap(standardized(some, self._center, self._scale))

    def _teacher_of(self, pool):
        """Labels that the rows of a pool take from their neighbors, or None."""
        n_neighbors = self._choice("n_neighbors", 5)
        # Weights may leave no labeled row among those that stand for all.
        if pool is None or n_neighbors is None or np.isnan(self._all_rows[1]).all():
            return None
        return Teacher(pool, self._all_rows[1], n_neighbors)

    def _stages(self, module):
        (stage,) = super()._stages(module)
        teacher, encoder = self._teacher, module[0]
        if teacher is None:
            return [stage]
        first = replace(stage, fraction=1 / N_ROUNDS, changes=(teacher,))
        return [
            first,
            replace(first, prepare=lambda: teacher.learn_from(encoder)),
            replace(first, prepare=teacher.retire),
        ]

    def _finish(self, X):
        """Let go of the rows; nothing is left to set, and ``_stages`` can do without."""
        self._all_rows = self._teacher = None

    def predict_proba(self, X):
        """P(y | x) of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        return self._outputs(X, lambda logits: torch.softmax(logits, -1))

    def predict(self, X):
        """The most probable label of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Values of ``classes_``.
        """
        numbers = self.predict_proba(X).argmax(axis=1)
        return self.classes_[numbers]

    def score(self, X, y, sample_weight=None):
        """Accuracy on the rows that have a label.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,)
            Labels; rows with -1 are left out.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows.

        Returns
        -------
        accuracy : float
            Fraction of the labels that are predicted.

        Raises
        ------
        ValueError
            No row has a label, or one is None or NaN.
        """
        y = checked_labels(X, y, MARK_THE_REST)
        weight = check_sample_weight(sample_weight, y)
        return float(np.average(self.predict(X) == y, weights=weight * with_label(y)))


def class_factors(class_weight, y, weight):
    """Factor of each row, (n,) float64, by its label."""
    classes, numbers = np.unique(y, return_inverse=True)
    if class_weight == "balanced":
        totals = np.bincount(numbers, weights=weight)
        # Without any weight a class has nothing to balance.
        return (weight.sum() / (len(classes) * np.where(totals > 0, totals, 1.0)))[numbers]
    own = [class_weight.get(label) for label in classes.tolist()]
    unknown = [label for label in class_weight if label not in classes]
    # A part of the rows may lack a class, but then no other is forgotten.
    if unknown and None in own:
        raise ValueError(
            f"class_weight has the label {unknown[0]!r}, but y has {classes.tolist()}; give the "
            "weights of these."
        )
    return np.array([1.0 if factor is None else factor for factor in own])[numbers]


def _standing_for_all(known):
    """Sorted numbers of rows with a label, and of as many without, where there are more."""
    parts = [np.flatnonzero(own) for own in (known, ~known) if own.any()]
    return np.sort(np.concatenate([evenly_spaced(part, N_OF_EACH) for part in parts]))
