"""Generators of the kernels, seeded by those of torch."""

import torch

from skgen.kernels.boltzmann import bernoulli_units
from skgen.training import kept_states


def lane_states(generator):
    """States of the generators of ``bernoulli_units``, which change in place."""

    def seed():
        return int(torch.randint(2**31 - 1, (), generator=generator))

    return kept_states(lambda: bernoulli_units.lane_states(seed()))
