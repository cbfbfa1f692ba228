"""Models that may learn labels beside the features: targets, predictions and draws by class."""

from abc import abstractmethod

import numpy as np
from sklearn.utils import ClassifierTags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skgen.base.labels import (
    MARK_THE_REST,
    announced_classes,
    checked_labels,
    has_label,
    knows_labels,
    one_hot,
    two_or_more_classes,
    with_label,
    with_labels,
)
from skgen.base.results.announced import AnnouncedClassesMixin
from skgen.base.results.predicted import ClassPredictionMixin
from skgen.base.results.size import check_n_rows
from skgen.base.wording import naming

LABEL_ALL = "label every row, or use use_labels=False"


class LabeledMixin(AnnouncedClassesMixin, ClassPredictionMixin):
    """Labels as targets, and ``sample_class``, of a model with ``use_labels``."""

    # Whether -1 marks rows without a label; otherwise it is a class as any other.
    _marks_unlabeled = False

    @abstractmethod
    def _label_probabilities(self, module, x):
        """Return P(label | x) of standardized rows, (n, n_classes)."""

    @abstractmethod
    def _sample_label(self, number, n_samples, rng):
        """Return draws whose label has this number among ``classes_``."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.use_labels:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags()
            tags.target_tags.required = True
        return tags

    def _targets(self, X, y, weight, resume, **about_targets):
        """A column a class; rows without a label have none that is 1."""
        if not self.use_labels:
            return super()._targets(X, y, weight, resume, **about_targets)
        y = checked_labels(X, y, MARK_THE_REST if self._marks_unlabeled else LABEL_ALL)
        known = np.ones(len(y), dtype=bool)
        if self._marks_unlabeled:
            # A call of a stream may hold no label at all.
            known = has_label(y) if about_targets else with_label(y)
        if known.any():
            with naming("y"):
                check_classification_targets(y[known])
        # A fit without labels, with which this call cannot go on, left no classes.
        resume = resume and "classes_" in vars(self)
        before = self.classes_ if resume else None
        if about_targets:
            classes = announced_classes(about_targets["classes"], before)
            self.classes_ = classes[has_label(classes)] if self._marks_unlabeled else classes
            if not len(self.classes_):
                raise ValueError(
                    f"classes={about_targets['classes']} names no class; -1 marks a row without a "
                    "label. Pass all labels that will come."
                )
        elif not resume:
            distinct = two_or_more_classes if self._marks_unlabeled else np.unique
            self.classes_ = distinct(y[known])
        # Where labels alone are learned, rows of NaN sit out the training.
        learns_rows = self.discriminative_weight < np.inf
        self._labeled_fraction = float(known.mean())
        self._partly_labeled = learns_rows and not known.all()
        columns = np.zeros((len(y), len(self.classes_)), dtype=np.float32)
        columns[~known] = 0.0 if learns_rows else np.nan
        columns[known] = one_hot(y[known], self.classes_)
        # A row more of each class: none is impossible.
        counts = columns[known].sum(axis=0) + 1
        self._label_shares = counts / counts.sum()
        return columns

    @property
    def _predicts(self):
        return knows_labels(self)

    def _class_probabilities(self, X):
        return self._apply(self._label_probabilities, self._standardize(X))

    @with_labels
    def sample_class(self, label, n_samples=1, random_state=None):
        """Draw new rows of one class: its label is clamped.

        Parameters
        ----------
        label : scalar
            One of ``classes_``.
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The draws; a frame where ``set_output`` asks for one.
        """
        check_is_fitted(self)
        check_n_rows(n_samples, "n_samples", n_values=self.n_features_in_)
        (found,) = np.nonzero(self.classes_ == label)
        if not len(found):
            raise ValueError(f"label={label!r} was not seen in fit; take one of {self.classes_}.")
        rows = self._sample_label(int(found[0]), int(n_samples), self._rng(random_state))
        return self._in_container(rows)
