"""Training of a stack of convolutional machines, one by one, from the lowest to the top."""

from dataclasses import replace

from torch import nn

from skgen.boltzmann.convolutional.gradient import convolutional_phase
from skgen.boltzmann.learning.layerwise import on_draws
from skgen.boltzmann.learning.state import chosen_learning_rate, make_optimizer, n_parallel
from skgen.nets.boltzmann.convolutional.dbn import ConvolutionalDBN
from skgen.training import Stage

HIGHEST_LEARNING_RATE = 0.8


class StackState(nn.Module):
    """A ``TrainingState`` for each machine of a stack."""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    @property
    def averaged_net(self):
        """The stack that a fitted estimator uses."""
        return self.below(len(self.layers))

    @property
    def chains(self):
        """Hidden states of the machine at the top."""
        return self.layers[-1].chains

    def below(self, number):
        """The stack of so many of the lowest machines."""
        return ConvolutionalDBN([layer.averaged_net for layer in self.layers[:number]])


def stack_stages(estimator, state):
    """A stage for each machine, the lowest first."""
    return [_stage(estimator, state, number) for number in range(len(state.layers))]


def _stage(estimator, state, number):
    layer = state.layers[number]
    layer.resize_chains(*n_parallel(estimator))
    learning_rate = chosen_learning_rate(estimator, layer.net, HIGHEST_LEARNING_RATE)
    optimizer = make_optimizer(estimator, layer, learning_rate)
    phase = convolutional_phase(estimator, layer, optimizer)
    monitor = layer.averaged_net.loss_to_watch
    if number == 0:
        return Stage([phase], monitor=monitor)
    below = state.below(number)
    phase = replace(phase, gradient=on_draws(phase.gradient))
    return Stage([phase], inputs=lambda rows: below.layer_means(rows)[-1], monitor=monitor)
