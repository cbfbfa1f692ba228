"""Networks that start from what shallow or unsupervised models have learned."""

from skgen.pretraining.classifier import FineTunedClassifier
from skgen.pretraining.regressor import FineTunedRegressor
from skgen.pretraining.stacked import StackedAE

__all__ = ["FineTunedClassifier", "FineTunedRegressor", "StackedAE"]
