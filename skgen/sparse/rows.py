"""Which rows are learned from, and with what weight."""

import numpy as np

from skgen.base.sklearn_compat import check_sample_weight


def weighted_rows(X, sample_weight):
    """Rows of positive weight and their weights in float64."""
    if sample_weight is None:
        return X, np.ones(X.shape[0])
    weight = check_sample_weight(sample_weight, X)
    kept = np.flatnonzero(weight > 0)
    return X[kept], weight[kept]


def hold_out(X, weight, fraction, rng):
    """Training rows and weights, then a share of the rows for validation and theirs."""
    order = rng.permutation(X.shape[0])
    n_held = max(1, round(fraction * len(order)))
    if n_held == len(order):
        raise ValueError(
            f"early_stopping holds out validation_fraction={fraction} of n_samples = "
            f"{len(order)} rows, which leaves none; set it to False."
        )
    held, rest = np.sort(order[:n_held]), np.sort(order[n_held:])
    return X[rest], weight[rest], X[held], weight[held]
