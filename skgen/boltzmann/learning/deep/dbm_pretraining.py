"""Pre-training of deep Boltzmann machines: a machine a layer, inputs from one side doubled."""

from functools import partial

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.gradient import LikelihoodGradient
from skgen.boltzmann.learning.layers import NetLayers
from skgen.boltzmann.learning.layerwise import on_draws
from skgen.boltzmann.learning.negative_phase import PersistentChains
from skgen.boltzmann.learning.state import chosen_learning_rate, make_optimizer
from skgen.nets.boltzmann.dbm import assemble
from skgen.nets.boltzmann.rbm import BinaryHidden, draw_bits
from skgen.training import GradientPhase, Stage

# Of a deep machine, and of its layers.
HIGHEST_LEARNING_RATE = 0.3


class DoubledLayers(NetLayers):
    """Layers of a machine whose hidden or visible units count their inputs several times.

    In the deep machine a layer between two others is to hear from both: while it hears from
    one, that one counts twice (Salakhutdinov & Hinton 2009).
    """

    def __init__(self, net, generator, up, down):
        super().__init__(Doubled(net, up, down), generator)

    def loss_to_watch(self, v, inputs):
        """Mean cross-entropy of v given the means of the hidden units, nats a row."""
        log_odds = self.net.visible_input(self.hidden_mean(inputs))
        return F.binary_cross_entropy_with_logits(log_odds, v, reduction="sum") / len(v)


class Doubled(BinaryHidden):
    """A machine with the inputs of a layer scaled."""

    def __init__(self, net, up, down):
        self.net, self.up, self.down = net, up, down

    def hidden_input(self, v):
        """Log-odds of the hidden units."""
        return F.linear(self.up * v, self.net.weight, self.net.hidden_bias)

    def visible_input(self, h):
        """Log-odds of the visible units."""
        return F.linear(self.down * h, self.net.weight.T, self.net.visible_bias)

    def draw_visible(self, h, generator):
        """Draw v given h."""
        return draw_bits(self.visible_input(h), generator)


def factors(number, n_layers):
    """How often layer ``number``, from 0, counts its inputs: hidden units, visible units."""
    if n_layers == 1:
        return 1, 1
    # An inner machine doubles both ways, which is one with doubled weights.
    return {0: (2, 1), n_layers - 1: (1, 2)}.get(number, (1, 1))


def pretraining_stages(estimator, state):
    """A stage a layer, each on what the layers below make of the data."""
    return [
        Stage(
            [_phase(estimator, state, number)],
            inputs=_passed_up(state, number) if number else None,
            monitor=layer.averaged_net.loss_to_watch,
        )
        for number, layer in enumerate(state.layers)
    ]


def _phase(estimator, state, number):
    layer = state.layers[number]
    learning_rate = chosen_learning_rate(estimator, layer.net, HIGHEST_LEARNING_RATE)
    optimizer = make_optimizer(estimator, layer, learning_rate)
    up, down = factors(number, len(state.layers))
    gradient = LikelihoodGradient(
        layer.net,
        PersistentChains(layer.chains, estimator.n_gibbs_steps),
        optimizer,
        centered=estimator.centered,
        sparsity=None,
        make_layers=partial(DoubledLayers, up=up, down=down),
    )
    return GradientPhase("reconstruction", on_draws(gradient) if number else gradient, optimizer)


def _passed_up(state, number):
    """``inputs(x)`` of layer ``number``: probabilities that the layers below pass up."""
    n_layers = len(state.layers)
    lower = [
        Doubled(layer.averaged_net, *factors(j, n_layers))
        for j, layer in enumerate(state.layers[:number])
    ]

    def inputs(x):
        for layer in lower:
            x = torch.sigmoid(layer.hidden_input(x))
        return x

    return inputs


def start_from_layers(state):
    """``prepare()`` that puts the layers' weights into the deep machine."""

    @torch.no_grad()
    def prepare():
        for net in (state.net, state.averaged_net):
            assemble(net, [layer.averaged_net for layer in state.layers])

    return prepare
