"""Classifiers that start from what an unsupervised model has learned."""

from skgen.pretraining.classifier import FineTunedClassifier

__all__ = ["FineTunedClassifier"]
