"""Linear latent variable models."""

from skgen.linear.factor_analysis import FactorAnalysis
from skgen.linear.ica import ICA
from skgen.linear.mixture import MixtureOfFactorAnalyzers
from skgen.linear.ppca import ProbabilisticPCA
from skgen.linear.slow_features import SlowFeatureAnalysis

__all__ = [
    "ICA",
    "FactorAnalysis",
    "MixtureOfFactorAnalyzers",
    "ProbabilisticPCA",
    "SlowFeatureAnalysis",
]
