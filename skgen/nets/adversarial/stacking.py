"""Several networks of one architecture as one, whose tensors have a leading axis."""

import copy

import torch
from torch import nn

from skgen.nets.adversarial.piecewise_linear import StackedLinear


def stacked(networks):
    """One network of several: every linear layer and buffer of theirs, side by side."""
    together = copy.deepcopy(networks[0])
    for name, module in list(together.named_modules()):
        parts = [network.get_submodule(name) for network in networks]
        if type(module) is nn.Linear:
            together.set_submodule(name, StackedLinear(parts))
            continue
        for key, _ in list(module.named_buffers(recurse=False)):
            setattr(module, key, torch.stack([getattr(part, key) for part in parts]))
    return together


def unstack(together, networks):
    """Give each network its own part of the tensors."""
    for i, network in enumerate(networks):
        state = together.state_dict().items()
        network.load_state_dict({name: values[i] for name, values in state})
