"""Linear-Gaussian latent variable models."""

from skgen.linear.factor_analysis import FactorAnalysis
from skgen.linear.mixture import MixtureOfFactorAnalyzers
from skgen.linear.ppca import ProbabilisticPCA
from skgen.linear.slow_features import SlowFeatureAnalysis

__all__ = ["FactorAnalysis", "MixtureOfFactorAnalyzers", "ProbabilisticPCA", "SlowFeatureAnalysis"]
