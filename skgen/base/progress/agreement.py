"""What the workers of a fit must have in common before they share it out."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from skgen.base.progress.digests import digest
from skgen.workers import workers


def share_random_state(random_state):
    """Let draws that no seed tells be those of worker 0: of a RandomState, or NumPy's own."""
    if workers().size > 1 and not isinstance(random_state, Integral):
        rng = check_random_state(random_state)
        rng.set_state(workers().first(rng.get_state))


def check_agreement(estimator, arrays, n_done):
    """Refuse a fit whose workers have unlike rows, or parameters, or go on from unlike places.

    ``arrays`` are X, y and the weights.
    """
    if workers().size == 1:
        return
    named = zip(("X", "y", "sample_weight"), arrays)
    facts = {name: digest([array]) for name, array in named}
    facts["estimator"] = type(estimator).__name__
    facts["The checkpoint"] = n_done
    for name, value in estimator.get_params().items():
        facts[name] = _told(value)
    workers().agree(facts)


def _told(value):
    """What can be compared of a parameter: its value, or else what it is."""
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    if isinstance(value, np.ndarray | np.generic):
        return digest([value])
    plain = value is None or isinstance(value, int | float | str)
    return value if plain else type(value).__name__
