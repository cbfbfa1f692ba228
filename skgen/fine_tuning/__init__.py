"""Classifiers that start from what an unsupervised model has learned."""

from skgen.fine_tuning.classifier import FineTunedClassifier

__all__ = ["FineTunedClassifier"]
