"""Classes of rows by models that learned them: ``predict`` and ``predict_proba``."""

from abc import ABCMeta, abstractmethod

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.base.blocks import by_blocks
from skgen.base.results.finite import finite


class ClassPredictionMixin(metaclass=ABCMeta):
    """``predict`` and ``predict_proba`` from ``_class_probabilities``."""

    @property
    def _predicts(self):
        """Whether the model knows classes and how probable rows make them."""
        return False

    @abstractmethod
    def _class_probabilities(self, X):
        """P(class | x) of validated rows, (n, n_classes)."""

    @available_if(lambda self: self._predicts)
    @by_blocks
    def predict_proba(self, X):
        """P(class | x), of labels and of conditions that are one column of classes.

        With ``use_labels`` a machine gives it exactly, given what its layers with labels see of x,
        a :class:`DeepBoltzmannMachine` by mean field, and a :class:`VAE` gives q(label | x), the
        classifier that its bound trains. With ``conditional`` it is that of Bayes: the scores of
        x under each class, weighted by how frequent the class was in training.

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
        return finite(self._class_probabilities, self._validate(X))

    @available_if(lambda self: self._predicts)
    @by_blocks
    def predict(self, X):
        """The most probable class of each row.

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
