"""Boltzmann machines."""

from skgen.boltzmann.convolutional.dbn import ConvolutionalDBN
from skgen.boltzmann.convolutional.rbm import ConvolutionalRBM
from skgen.boltzmann.dbm import DeepBoltzmannMachine
from skgen.boltzmann.dbn import DeepBeliefNetwork
from skgen.boltzmann.directed.sigmoid_belief_network import SigmoidBeliefNetwork
from skgen.boltzmann.energy.energy_based_model import EnergyBasedModel
from skgen.boltzmann.energy.mean_covariance import MeanCovarianceRBM
from skgen.boltzmann.energy.product_of_experts import ProductOfExperts
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
    "EnergyBasedModel",
    "GaussianBernoulliRBM",
    "MeanCovarianceRBM",
    "ProductOfExperts",
    "ProductOfStudentT",
    "SigmoidBeliefNetwork",
    "SpikeSlabRBM",
]
