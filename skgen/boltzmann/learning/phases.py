"""Training phases of two layers: which gradient they follow, and what they report."""

from skgen.boltzmann.learning.cpu_gradient import BufferedGradient, FusedGradient
from skgen.boltzmann.learning.gaussian_gradient import GaussianGradient
from skgen.boltzmann.learning.gradient import LikelihoodGradient, SparsityTarget
from skgen.training import GradientPhase
from skgen.workers import workers

# Weights up to which one fused call beats the products of a library.
MOST_FUSED = 2**13


def bernoulli_phase(estimator, state, optimizer):
    """Phase that trains a binary machine, with gradients written by hand."""
    gradient = make_gradient(estimator, state, optimizer)
    return GradientPhase("minus_pseudo_likelihood", gradient, optimizer)


def make_gradient(estimator, state, optimizer):
    """The gradient of a binary machine that an estimator's parameters describe."""
    sparsity = wanted_sparsity(estimator)
    negative_phase = estimator._negative_phase(state.chains, state.net)
    kind = choose_gradient(state.net, negative_phase)
    return kind(
        state.net, negative_phase, optimizer, centered=estimator.centered, sparsity=sparsity
    )


def wanted_sparsity(estimator):
    """The sparsity target that an estimator's parameters ask for, or None."""
    if estimator.sparsity_target is None:
        return None
    return SparsityTarget(estimator.sparsity_target, estimator.sparsity_cost)


def choose_gradient(net, negative_phase):
    """The plain algorithm, or what does the same faster on the CPU."""
    shared = workers().size > 1
    if net.weight.device.type != "cpu" or negative_phase.tempered or shared:
        return LikelihoodGradient
    return FusedGradient if net.weight.numel() <= MOST_FUSED else BufferedGradient


def gaussian_phase(estimator, state, optimizer):
    """Phase that trains a machine with Gaussian visible units."""
    net = state.net
    negative_phase = estimator._negative_phase(state.chains, net)
    gradient = GaussianGradient(net, negative_phase, optimizer)
    return GradientPhase("free_energy_gap", gradient, optimizer, after=net.project)
