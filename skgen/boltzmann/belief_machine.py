"""What training a deep belief network holds: a machine a layer, and the untied network."""

import copy

import torch
from torch import nn

from skgen.nets.boltzmann.dbn import BeliefNet


class BeliefMachine(nn.Module):
    """A ``Machine`` for each layer, and two copies of the network where it is fine-tuned.

    Layer by layer, a machine's weights serve both ways. Fine-tuning starts from them and lets
    recognition and generation part: ``moving`` follows the gradient, ``average`` is its mean.
    """

    def __init__(self, layers, *, fine_tuned):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.tuned = None
        if fine_tuned:
            moving = copy.deepcopy(self.tied())
            # Two ways, two sets of weights.
            moving.recognition = copy.deepcopy(moving.recognition)
            average = copy.deepcopy(moving)
            self.tuned = nn.ModuleDict({"moving": moving.requires_grad_(), "average": average})
        self.register_buffer("n_tuning_steps", torch.zeros((), dtype=torch.int64))

    def tied(self):
        """The network in which each layer's weights serve both ways."""
        *lower, top = [layer.average for layer in self.layers]
        return BeliefNet(lower, lower, top)

    def net(self):
        """The network that a fitted estimator uses."""
        return self.tied() if self.tuned is None else self.tuned["average"]

    def up_to(self, number):
        """``function(x)``: probabilities of the units that layer ``number`` sees."""
        lower = [layer.average for layer in self.layers[:number]]
        return BeliefNet(lower, lower, None).up_means

    @torch.no_grad()
    def untie(self):
        """Start fine-tuning at the weights of the layers."""
        weights = self.tied().state_dict()
        for net in self.tuned.values():
            net.load_state_dict(weights)
        self.n_tuning_steps.zero_()
