"""Generators of the kernels, seeded by those of torch."""

from contextlib import contextmanager

import torch

from skgen.kernels.boltzmann import bernoulli_units
from skgen.training import kept_states
from skgen.workers import workers


def lane_states(generator):
    """States of the generators of ``bernoulli_units``, which change in place."""

    def seed():
        return int(torch.randint(2**31 - 1, (), generator=generator))

    return kept_states(lambda: bernoulli_units.lane_states(seed()))


@contextmanager
def part_of_draws(states, n, n_lines, k):
    """Context of draws for n rows, ``n_lines`` lines of k numbers each, of those of all workers.

    What the rows of others take is left out before and behind.
    """
    share = workers().share_of(n)
    if share is None:
        yield
        return
    bernoulli_units.skip(share.start * n_lines, k, states)
    yield
    bernoulli_units.skip((share.n_all - share.start - n) * n_lines, k, states)
