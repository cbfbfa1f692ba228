"""Boltzmann machines."""

from skgen.boltzmann.dbn import DeepBeliefNetwork
from skgen.boltzmann.gaussian_rbm import GaussianBernoulliRBM
from skgen.boltzmann.rbm import BernoulliRBM

__all__ = ["BernoulliRBM", "DeepBeliefNetwork", "GaussianBernoulliRBM"]
