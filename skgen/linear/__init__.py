"""Linear-Gaussian latent variable models."""

from skgen.linear.factor_analysis import FactorAnalysis
from skgen.linear.ppca import ProbabilisticPCA

__all__ = ["FactorAnalysis", "ProbabilisticPCA"]
