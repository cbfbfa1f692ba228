"""Boltzmann machines."""

from skgen.boltzmann.dbm import DeepBoltzmannMachine
from skgen.boltzmann.dbn import DeepBeliefNetwork
from skgen.boltzmann.directed.sigmoid_belief_network import SigmoidBeliefNetwork
from skgen.boltzmann.gaussian_rbm import GaussianBernoulliRBM
from skgen.boltzmann.general.machine import BoltzmannMachine
from skgen.boltzmann.rbm import BernoulliRBM
from skgen.boltzmann.sequential.conditional_rbm import ConditionalRBM
from skgen.boltzmann.sequential.rnn_rbm import RNNRBM

__all__ = [
    "RNNRBM",
    "BernoulliRBM",
    "BoltzmannMachine",
    "ConditionalRBM",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "GaussianBernoulliRBM",
    "SigmoidBeliefNetwork",
]
