"""Linear-Gaussian latent variable models."""

from skgen.linear.factor_analysis import FactorAnalysis
from skgen.linear.ica import ICA
from skgen.linear.ppca import ProbabilisticPCA

__all__ = ["ICA", "FactorAnalysis", "ProbabilisticPCA"]
