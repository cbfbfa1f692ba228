"""Training of one layer of a deep network, on what the layers below pass up."""

from dataclasses import replace

import torch

from skgen.boltzmann.learning.state import make_optimizer
from skgen.training import Stage

# Codes move along few directions, which many units follow at once: their steps add up.
CODE_FRACTION = 0.6
HIGHEST_LEARNING_RATE = 0.4


def layer_stage(estimator, state, make_phase, inputs):
    """Stage that trains a machine on ``inputs(rows)``."""
    optimizer = make_optimizer(estimator, state, _learning_rate(estimator, state.net, inputs))
    phase = make_phase(estimator, state, optimizer)
    if inputs.are_hidden and not state.net.n_classes:
        phase = replace(phase, gradient=on_draws(phase.gradient))
    return Stage([phase], inputs=inputs, monitor=state.averaged_net.loss_to_watch)


def _learning_rate(estimator, net, inputs):
    """Learning rate of a layer that learns ``inputs``."""
    if estimator.learning_rate != "auto":
        return estimator.learning_rate * net.learning_rate_fraction
    learning_rate = net.automatic_learning_rate(HIGHEST_LEARNING_RATE)
    return CODE_FRACTION * learning_rate if inputs.are_hidden else learning_rate


def on_draws(gradient):
    """The gradient at bits drawn from the probabilities that it is given."""

    def drawn(probabilities, generator):
        how = {"device": probabilities.device, "dtype": torch.float32}
        uniform = torch.rand(probabilities.shape, generator=generator, **how)
        return gradient((uniform < probabilities).to(probabilities), generator)

    return drawn


class PassedUp:
    """Inputs of layer ``number``; the top also sees the labels behind the features."""

    def __init__(self, state, number, n_features):
        self.lower, self.n_features = state.up_to(number), n_features
        self.are_hidden = number > 0
        self.is_top = number == len(state.layers) - 1

    def __call__(self, rows):
        """What the layer sees of rows."""
        x = self.lower(rows[:, : self.n_features])
        return torch.cat([x, rows[:, self.n_features :]], 1) if self.is_top else x.contiguous()
