"""Points that fill the unit cube evenly, the same in every call."""

from functools import lru_cache

import torch


@lru_cache(maxsize=4)
def scrambled_points(n, k):
    """Scrambled Sobol points of the unit cube, (n, k) float64; not to be written to.

    Each point is uniform over scramblings, so that averages of importance weights stay unbiased,
    with a third to two thirds of the error of independent draws.
    """
    # To scramble takes longer than to score a row, so the last ones are kept.
    return torch.quasirandom.SobolEngine(k, scramble=True, seed=0).draw(n, dtype=torch.float64)
