"""Adapters of the fine-tuned classifier, as a semi-supervised one and inside scikit-learn's."""

import sklearn.linear_model
import sklearn.neighbors
import sklearn.semi_supervised
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from benchmarks.compatibility.adapter import Adapter, refuse
from skgen import Autoencoder, FineTunedClassifier


def classifier():
    """A small network on iris that trains in a second."""
    encoder = Autoencoder(8, max_iter=20, batch_size=64)
    return FineTunedClassifier(encoder, max_iter=100, batch_size=64, random_state=0)


class ClassifierAdapter(ClassifierMixin, Adapter):
    """An adapter of a classifier."""

    def _stand_in(self):
        return classifier()

    def predict(self, X):
        check_is_fitted(self)
        return self.model_.predict(X)

    def predict_proba(self, X):
        check_is_fitted(self)
        return self.model_.predict_proba(X)


class SelfTrainingClassifier(ClassifierAdapter, of=sklearn.semi_supervised.SelfTrainingClassifier):
    """Pre-training on all rows in the place of rounds of labels: no base estimator."""

    def _stand_in(self):
        refuse(self, "criterion", "k_best", "max_iter", "verbose", "threshold")
        return super()._stand_in()


class LogisticRegression(ClassifierAdapter, of=sklearn.linear_model.LogisticRegression):
    """The network in the place of the linear model."""


class KNeighborsClassifier(ClassifierAdapter, of=sklearn.neighbors.KNeighborsClassifier):
    """The network in the place of the neighbors."""
