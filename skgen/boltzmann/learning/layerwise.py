"""Training of one layer of a deep network, on what the layers below pass up."""

from dataclasses import replace

import torch

from skgen.boltzmann.learning.losses import flip_loss, gaussian_phase, rebuilding_error
from skgen.boltzmann.learning.negative_phase import make_negative_phase
from skgen.boltzmann.learning.state import binary_step, gaussian_step
from skgen.nets.boltzmann.rbm import GaussianRBM
from skgen.training import Stage
from skgen.training.averaged_sgd import AveragedSGD

# Codes move along few directions, which many units follow at once: their steps add up.
SHARE_OF_CODES = 0.6
HIGHEST_STEP = 0.4


def step_share(net):
    """Step of a machine as a share of a binary one's: bounded units bear larger steps."""
    return min(0.25, 5 / len(net.hidden_bias)) if isinstance(net, GaussianRBM) else 1.0


def layer_stage(estimator, machine, make_phase, inputs):
    """Stage that trains a machine on ``inputs(rows)``."""
    gaussian = isinstance(machine.moving, GaussianRBM)
    optimizer = descent(estimator, machine, layer_step(estimator, machine.moving, inputs))
    phase = make_phase(estimator, machine, optimizer)
    if inputs.are_hidden and not machine.moving.n_classes:
        phase = replace(phase, gradient=on_draws(phase.gradient))
    monitor = rebuilding_error if gaussian else flip_loss
    return Stage([phase], inputs=inputs, monitor=monitor(machine.average))


def layer_step(estimator, net, inputs):
    """Step of a layer that learns ``inputs``."""
    if estimator.learning_rate != "auto":
        return estimator.learning_rate * step_share(net)
    n_hidden = len(net.hidden_bias)
    if isinstance(net, GaussianRBM):
        return gaussian_step(n_hidden)
    step = binary_step(n_hidden, HIGHEST_STEP)
    return SHARE_OF_CODES * step if inputs.are_hidden else step


def gaussian_layer(estimator, machine, optimizer):
    """Phase that trains a layer with real-valued visible units."""
    negative_phase = make_negative_phase(estimator, machine.chains, machine.moving)
    return gaussian_phase(machine.moving, negative_phase, estimator._noise_floor, optimizer)


def descent(estimator, machine, step):
    """Optimizer of a machine, its weights decaying and its biases not."""
    weights, averages = machine.weights()
    groups = [
        {"params": weights[:1], "weight_decay": estimator.weight_decay},
        {"params": weights[1:]},
    ]
    return AveragedSGD(groups, averages, machine.n_steps, step, estimator.momentum)


def on_draws(loss):
    """The loss on bits drawn from the probabilities that it is given."""

    def drawn(probabilities, generator):
        uniform = torch.rand(probabilities.shape, generator=generator, device=probabilities.device)
        return loss((uniform < probabilities).to(probabilities), generator)

    return drawn


class PassedUp:
    """Inputs of layer ``number``; the top also sees the labels behind the features."""

    def __init__(self, machine, number, n_features):
        self.lower, self.n_features = machine.up_to(number), n_features
        self.are_hidden = number > 0
        self.is_top = number == len(machine.layers) - 1

    def __call__(self, rows):
        """What the layer sees of rows."""
        x = self.lower(rows[:, : self.n_features])
        return torch.cat([x, rows[:, self.n_features :]], 1) if self.is_top else x.contiguous()
