"""Stacks of convolutional machines, each of which sees the pooled units of the one below."""

import torch
from torch import nn

# Sweeps of a machine whose pooled units are given, from units drawn evenly.
N_SWEEPS = 20


class ConvolutionalDBN(nn.Module):
    """p(x, h | pooled) of the lowest machine, and so on upwards, below the machine at the top.

    What a machine has for the density of its pooled units is put aside for that of the machines
    above, as in a deep belief network; given its pooled units the rest is left as it is.
    """

    def __init__(self, machines):
        super().__init__()
        self.machines = nn.ModuleList(machines)

    def layer_means(self, x):
        """Probabilities of the pooled units of each machine given x passed up, the lowest first."""
        means = []
        for machine in self.machines:
            x = machine.pooled_mean(x)
            means.append(x)
        return means

    def up_means(self, x):
        """What the machine at the top sees of x."""
        for machine in self.machines[:-1]:
            x = machine.pooled_mean(x)
        return x

    def decode(self, z, number):
        """Means of x given means of the pooled units of a machine, passed down."""
        for machine in reversed(self.machines[: number + 1]):
            z = machine.visible_mean(machine.spread(z))
        return z

    def draw_data(self, u, generator):
        """Draw x given visible rows u of the top."""
        for machine in reversed(self.machines[:-1]):
            u = machine.draw_visible(draw_given_pooled(machine, u, generator), generator)
        return u

    def draw_means(self, u, generator):
        """Means of x given the units above, drawn downwards from visible rows u of the top."""
        lowest, *others = self.machines[:-1]
        for machine in reversed(others):
            u = machine.draw_visible(draw_given_pooled(machine, u, generator), generator)
        return lowest.visible_mean(draw_given_pooled(lowest, u, generator))


def draw_given_pooled(machine, pooled, generator):
    """Hidden units (n, k) of a machine given its pooled units, bits (n, blocks), by Gibbs sampling.

    The conditional of Lee, Grosse, Ranganath & Ng (2009), where the layer above is certain.
    """
    n_units = machine.hidden_bias.shape[0] * machine.map_shape[0] * machine.map_shape[1]
    inputs = torch.zeros(*pooled.shape[:-1], n_units, dtype=pooled.dtype, device=pooled.device)
    h = machine.draw_hidden_within(inputs, pooled, generator)
    for _ in range(N_SWEEPS):
        v = machine.draw_visible(h, generator)
        h = machine.draw_hidden_within(machine.hidden_input(v), pooled, generator)
    return h
