"""Units of a convolutional machine as its Gibbs chains see them."""

import math

import torch

from skgen.boltzmann.learning.lanes import lane_states, part_of_draws
from skgen.boltzmann.learning.layers import NetLayers
from skgen.kernels.boltzmann import pooled_units


def convolutional_layers(net, generator):
    """Layers for the device of a generator; call under ``torch.no_grad``."""
    kind = ConvolutionalLayers if generator.device.type == "cpu" else NetLayers
    return kind(net, generator)


class ConvolutionalLayers:
    """Layers on the CPU, float32: hidden units in one pass over memory."""

    def __init__(self, net, generator):
        self.net, self.generator = net, generator
        self.states = lane_states(generator)
        self.bias = net.hidden_bias.detach().numpy()

    def hidden_input(self, v):
        """Inputs of the hidden units, without their biases."""
        return self.net.up(v)

    def hidden_mean(self, inputs):
        """P(h = 1 | v)."""
        return self._units(pooled_units.means, inputs)

    def draw_hidden(self, inputs):
        """Draw h given v."""
        size = self.net.pool_size
        n_blocks = math.prod(-(-length // size) for length in self.net.map_shape)
        with part_of_draws(self.states, len(inputs), len(self.bias), n_blocks):
            return self._units(pooled_units.draw, inputs, self.states)

    def draw_visible(self, h):
        """Draw v given h."""
        return self.net.draw_visible(h, self.generator)

    def _units(self, kernel, inputs, *states):
        out = torch.empty_like(inputs)
        maps = (t.view(-1, *self.net.map_shape).numpy() for t in (inputs, out))
        kernel(next(maps), self.bias, self.net.pool_size, *states, next(maps))
        return out
