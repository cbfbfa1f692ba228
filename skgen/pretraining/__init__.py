"""Classifiers and regressors that start from what an unsupervised model has learned."""

from skgen.pretraining.classifier import FineTunedClassifier
from skgen.pretraining.regressor import FineTunedRegressor

__all__ = ["FineTunedClassifier", "FineTunedRegressor"]
