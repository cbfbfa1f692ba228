"""What a network with labels at its top takes and gives: the verbs of a classifier."""

from numbers import Integral

import numpy as np
import torch
from sklearn.utils import ClassifierTags, check_scalar
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skgen.base.labels import announced_classes, checked_labels, one_hot
from skgen.base.sklearn_compat import validate_params, with_callbacks
from skgen.nets.boltzmann.dbn import Labeled


def _has_labels(estimator):
    return estimator.use_labels


class LabelVerbs:
    """Labels in, predictions and draws of a class out; ``use_labels`` says whether."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.use_labels:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags()
            tags.target_tags.required = True
        return tags

    @with_callbacks
    def partial_fit(self, X, y=None, classes=None):
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

        Returns
        -------
        self : object
            The estimator.
        """
        validate_params(self)
        how = {"resume": True, "max_iter": 1, "partial": True}
        return self._fit(X, y, **how, classes=classes)

    def _targets(self, X, y, resume, **of_stream):
        if not self.use_labels:
            return None
        y = checked_labels(X, y, "pass it, or use use_labels=False")
        check_classification_targets(y)
        known = self.classes_ if resume else None
        if of_stream:
            self.classes_ = announced_classes(known=known, **of_stream)
        elif not resume:
            self.classes_ = np.unique(y)
        return one_hot(y, self.classes_)

    @available_if(_has_labels)
    def predict_proba(self, X):
        """P(label | x), exactly that of the top given the probabilities passed up to it.

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

        def shares(machine, x):
            net = machine.net()
            return torch.softmax(-net.class_free_energies(net.up_means(x)), -1)

        return self._apply(shares, self._standardize(self._validate(X)))

    @available_if(_has_labels)
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

    @available_if(_has_labels)
    def sample_class(self, label, n_samples=1, random_state=None):
        """Draw new rows of one class: the chains at the top hold its label.

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
            The draws.
        """
        check_is_fitted(self)
        check_scalar(n_samples, "n_samples", Integral, min_val=1)
        (found,) = np.nonzero(self.classes_ == label)
        if not len(found):
            raise ValueError(f"label={label!r} was not seen in fit; take one of {self.classes_}.")
        number = int(found[0])
        rng = self._rng(random_state)
        return self._drawn(n_samples, rng, lambda m: Labeled(m.net().top, number))
