"""Boltzmann machines."""

from skgen.boltzmann.convolutional.dbn import ConvolutionalDBN
from skgen.boltzmann.convolutional.rbm import ConvolutionalRBM
from skgen.boltzmann.dbm import DeepBoltzmannMachine
from skgen.boltzmann.dbn import DeepBeliefNetwork
from skgen.boltzmann.directed.sigmoid_belief_network import SigmoidBeliefNetwork
from skgen.boltzmann.energy.mean_covariance import MeanCovarianceRBM
from skgen.boltzmann.energy.spike_slab import SpikeSlabRBM
from skgen.boltzmann.energy.student_t import ProductOfStudentT
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
    "ConvolutionalDBN",
    "ConvolutionalRBM",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "GaussianBernoulliRBM",
    "MeanCovarianceRBM",
    "ProductOfStudentT",
    "SigmoidBeliefNetwork",
    "SpikeSlabRBM",
]
