"""Are draws nearer to the training rows than other rows of the same distribution are?"""

import numpy as np
from scipy.stats import hypergeom


def level_threshold(held_out, level):
    """The distance that so large a share of held-out rows, and at least one, do not exceed."""
    rank = max(1, int(np.ceil(level * len(held_out) - 1e-9)))
    return np.partition(held_out, rank - 1)[rank - 1]


def near_p_value(draws, held_out, threshold):
    """Probability that so many draws would be as near as ``threshold``, one of ``held_out``.

    Of draws and held-out rows of one distribution all orders by distance are equally probable. That
    ``before`` draws come before the held-out row number r says that of the ``before + r - 1``
    nearest of all fewer than r are held-out rows.
    """
    r, tied_held_out = int((held_out <= threshold).sum()), int((held_out == threshold).sum())
    # In a random order of what is equally far this share of draws stands behind the last one.
    tied = int((draws == threshold).sum())
    before = int((draws <= threshold).sum()) - int(np.ceil(tied / (tied_held_out + 1)))
    total = len(draws) + len(held_out)
    return float(hypergeom(total, len(held_out), before + r - 1).cdf(r - 1))
