"""The layers of a network one by one: what each gives, and what those above make of it."""

from itertools import accumulate

from torch import nn


def flat(module):
    """The layers of nested sequences, in order."""
    if not isinstance(module, nn.Sequential):
        return [module]
    return [layer for part in module for layer in flat(part)]


def blocks(module):
    """The network cut before each layer of weights but the first."""
    parts = []
    for layer in flat(module):
        has_weights = any(parameter.dim() > 1 for parameter in layer.parameters())
        if not parts or (has_weights and parts[-1][1]):
            parts.append([[], False])
        parts[-1][0].append(layer)
        parts[-1][1] |= has_weights
    return [nn.Sequential(*layers) for layers, _ in parts]


def outputs(module, x):
    """What each block gives for rows x (n, d), the lowest first."""
    _, *given = accumulate(blocks(module), lambda below, block: block(below), initial=x)
    return given


def activations(module, x):
    """The same as rows, (n, units of the block)."""
    return [out.flatten(1) for out in outputs(module, x)]


def resume(module, z, number, n_features):
    """Output of the network given rows of a block; ``number`` is -1 for the last."""
    if number == -1:
        return z
    _, *shape = outputs(module, z.new_zeros(1, n_features))[number].shape
    for block in blocks(module)[number + 1 :]:
        z, shape = block(z.unflatten(1, shape) if shape else z), None
    return z
