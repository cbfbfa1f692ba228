"""Models that may learn labels beside the features: targets, predictions and draws by class."""

from abc import ABCMeta, abstractmethod

import numpy as np
from sklearn.utils import ClassifierTags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skgen.base.labels import (
    MARK_THE_REST,
    announced_classes,
    checked_labels,
    has_label,
    one_hot,
    two_or_more_classes,
    with_label,
    with_labels,
)
from skgen.base.results.size import check_n_rows
from skgen.base.sklearn_compat import validate_params, with_callbacks

LABEL_ALL = "label every row, or use use_labels=False"


class LabeledMixin(metaclass=ABCMeta):
    """``predict``, ``predict_proba`` and ``sample_class`` of a model with ``use_labels``."""

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

    @with_callbacks
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
        """Run one epoch over X, going on from where the last call stopped.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of this call.
        y : array-like of shape (n_samples,), default=None
            Their labels, with ``use_labels``; otherwise ignored.
        classes : array-like of shape (n_classes,), default=None
            All labels that the calls will hold: needed by the first call with ``use_labels``,
            and not by those after it or after ``fit``.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows within this call; their scale is immaterial.

        Returns
        -------
        self : object
            The estimator.
        """
        validate_params(self)
        how = {"resume": True, "max_iter": 1, "partial": True}
        return self._fit(X, y, sample_weight, **how, classes=classes)

    def _targets(self, X, y, weight, resume, **about_targets):
        """A column a class; rows without a label have none that is 1."""
        if not self.use_labels:
            vars(self).pop("classes_", None)
            _refuse_classes(about_targets.get("classes"))
            return None
        y = checked_labels(X, y, MARK_THE_REST if self._marks_unlabeled else LABEL_ALL)
        known = np.ones(len(y), dtype=bool)
        if self._marks_unlabeled:
            # A call of a stream may hold no label at all.
            known = has_label(y) if about_targets else with_label(y)
        if known.any():
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

    @with_labels
    def predict_proba(self, X):
        """P(label | x): of a machine exactly, given what its layers with labels see of x.

        Of a :class:`VAE` it is q(label | x), the classifier that its bound trains, and of a
        :class:`DeepBoltzmannMachine` that of mean field.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        return self._apply(self._label_probabilities, self._standardize(self._validate(X)))

    @with_labels
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


def _refuse_classes(classes):
    if classes is not None:
        raise ValueError(
            "classes are given, but with use_labels=False no label is learned; use "
            "use_labels=True, or pass weights of the rows by name, as sample_weight."
        )
