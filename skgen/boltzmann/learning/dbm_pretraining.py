"""Pre-training of deep Boltzmann machines: a machine a layer, inputs from one side doubled."""

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.gradient import Contrast
from skgen.boltzmann.learning.layers import NetLayers
from skgen.boltzmann.learning.layerwise import descent, on_draws
from skgen.boltzmann.learning.losses import flip_loss
from skgen.boltzmann.learning.negative_phase import PersistentChains
from skgen.boltzmann.learning.state import binary_step
from skgen.nets.boltzmann.rbm import draw_bits
from skgen.training import GradientPhase, Stage

HIGHEST_STEP = 0.3


def deep_step(estimator, machine):
    """Step of a deep machine, or of one of its layers in pre-training."""
    if estimator.learning_rate != "auto":
        return estimator.learning_rate
    return binary_step(len(machine.moving.hidden_bias), HIGHEST_STEP)


class DoubledLayers(NetLayers):
    """Layers of a machine whose hidden or visible units count their inputs several times.

    In the deep machine a layer between two others is to hear from both: while it hears from
    one, that one counts twice (Salakhutdinov & Hinton 2009).
    """

    def __init__(self, net, generator, up, down):
        super().__init__(Doubled(net, up, down), generator)

    def loss(self, v, inputs):
        """Mean cross-entropy of v given the means of the hidden units, nats a row."""
        log_odds = self.net.visible_input(self.hidden_mean(inputs))
        return F.binary_cross_entropy_with_logits(log_odds, v, reduction="sum") / len(v)


class Doubled:
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


def pretraining_stages(estimator, machine):
    """A stage a layer, each on what the layers below make of the data."""
    n_layers = len(machine.layers)
    return [
        Stage([_phase(estimator, machine, number, n_layers)], **_inputs(machine, number))
        for number in range(n_layers)
    ]


def _phase(estimator, machine, number, n_layers):
    layer = machine.layers[number]
    optimizer = descent(estimator, layer, deep_step(estimator, layer))
    negative_phase = PersistentChains(layer.chains, estimator.n_gibbs_steps)
    up, down = factors(number, n_layers)

    def make_layers(net, generator):
        return DoubledLayers(net, generator, up, down)

    how = {"centered": estimator.centered, "sparsity": None}
    loss = Contrast(layer.moving, negative_phase, make_layers, optimizer, **how)
    return GradientPhase("rebuilding", on_draws(loss) if number else loss, optimizer)


def _inputs(machine, number):
    """What layer ``number`` is shown, and how it is judged."""
    lower = machine.layers[:number]
    n_layers = len(machine.layers)

    def inputs(x):
        for j, layer in enumerate(lower):
            x = torch.sigmoid(Doubled(layer.average, *factors(j, n_layers)).hidden_input(x))
        return x

    return {
        "inputs": inputs if number else None,
        "monitor": flip_loss(machine.layers[number].average),
    }
