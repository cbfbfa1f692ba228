"""Training phases of two layers: which gradient they follow, and what they report."""

import torch

from skgen.boltzmann.learning.cpu_gradient import BufferedGradient, FusedGradient
from skgen.boltzmann.learning.gradient import LikelihoodGradient, SparsityTarget
from skgen.boltzmann.learning.layers import NetLayers
from skgen.training import GradientPhase, Phase

# Weights up to which one fused call beats the products of a library.
MOST_FUSED = 2**13


def bernoulli_phase(estimator, state, optimizer):
    """Phase that trains a binary machine, with gradients written by hand."""
    gradient = make_gradient(estimator, state, optimizer)
    return GradientPhase("minus_pseudo_likelihood", gradient, optimizer)


def make_gradient(estimator, state, optimizer):
    """The gradient of a binary machine that an estimator's parameters describe."""
    sparsity = None
    if estimator.sparsity_target is not None:
        sparsity = SparsityTarget(estimator.sparsity_target, estimator.sparsity_cost)
    negative_phase = estimator._negative_phase(state.chains, state.net)
    kind = choose_gradient(state.net, negative_phase)
    return kind(
        state.net, negative_phase, optimizer, centered=estimator.centered, sparsity=sparsity
    )


def choose_gradient(net, negative_phase):
    """The plain algorithm, or what does the same faster on the CPU."""
    if net.weight.device.type != "cpu" or negative_phase.tempered:
        return LikelihoodGradient
    return FusedGradient if net.weight.numel() <= MOST_FUSED else BufferedGradient


def gaussian_phase(estimator, state, optimizer):
    """Phase that trains a machine with Gaussian visible units, by automatic differentiation."""
    net = state.net
    negative_phase = estimator._negative_phase(state.chains, net)
    precondition_by_noise(net)
    loss = free_energy_gap(net, negative_phase)
    return Phase("free_energy_gap", loss, optimizer, after=net.project)


def precondition_by_noise(net):
    """Scale gradients by the variances from now on.

    Gradients of what acts through v / s grow like 1 / s: scaled by s the learning rate suits
    features with little noise and with much.
    """
    for parameter in (net.weight, net.visible_bias, net.log_variance):
        parameter.register_hook(lambda gradient: gradient * net.log_variance.detach().exp())


def free_energy_gap(net, negative_phase):
    """Loss whose gradient is that of minus the log-likelihood."""

    def loss(v, generator):
        # Model rows are held constant: the gradient is that of the likelihood.
        with torch.no_grad():
            rows, _ = negative_phase(NetLayers(net, generator), net.hidden_input(v))
        return net.free_energy(v).mean() - net.free_energy(rows).mean()

    return loss
