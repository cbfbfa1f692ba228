"""How many rows a verb is asked for: as many as memory holds."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar

LONGEST = 2**31 - 1  # steps of a chain or of a way


def check_n_rows(n, name, *, n_values=1):
    """Refuse what is no number of rows of ``n_values`` numbers each, or does not fit in memory."""
    check_scalar(n, name, Integral, min_val=1, max_val=np.iinfo(np.intp).max)
    try:
        # Memory that is not written to costs nothing.
        np.empty((int(n), max(n_values, 1)))
    except (MemoryError, ValueError):
        raise MemoryError(
            f"{name}={n} rows of {n_values} numbers each do not fit in memory; take fewer at "
            "a time."
        ) from None
