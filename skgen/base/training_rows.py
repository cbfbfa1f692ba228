"""Which rows train and which are held out, and the weights and targets beside them."""

import numpy as np
from scipy.sparse import csr_matrix, hstack, issparse

from skgen.base.sklearn_compat import check_sample_weight
from skgen.base.wording import counted
from skgen.kernels.row_blocks import RowBlocks


def weighted_rows(X, sample_weight, *, at_least=1):
    """Rows of positive weight, and their weights (None when all are one)."""
    weight = None
    if sample_weight is not None:
        weight = check_sample_weight(sample_weight, X)
        X, weight = X[weight > 0], weight[weight > 0]
    if X.shape[0] < at_least:
        raise ValueError(
            f"The fit needs {counted(at_least, 'row')} of positive weight, but X has n_samples = "
            f"{X.shape[0]}; give more rows."
        )
    return X, weight


def weighted_rows_and_labels(X, y, sample_weight, stream):
    """Rows of positive weight, their labels and their weights (None where all are equal).

    ``y`` is left alone if it does not hold a label a row. Rows of a stream are never copied.
    """
    if sample_weight is None:
        return X, y, None
    weight = check_sample_weight(sample_weight, X)
    kept = weight > 0
    if not kept.all():
        if stream:
            raise ValueError(
                f"sample_weight is 0 for {counted(int((~kept).sum()), 'row')} of a memory map, "
                "which is never copied; leave them out of X."
            )
        if np.shape(y)[:1] == kept.shape:
            y = np.asarray(y)[kept]
        X = X.only(kept) if isinstance(X, RowBlocks) else X[kept]
        weight = weight[kept]
    if not 1e-6 < weight.max() < 1e6:
        # Networks hold them in float32. A power of two changes no digit.
        weight = np.ldexp(weight, -np.frexp(weight.max())[1])
    return X, y, None if (weight == weight[0]).all() else weight


def rows_with_targets(targets, n_samples):
    """Numbers of the rows that have targets, or ``n_samples`` where all rows have."""
    if targets is None or not np.isnan(targets).any():
        return n_samples
    return np.flatnonzero(~np.isnan(targets).any(axis=1))


def hold_out(known, fraction, rng, sequence=None):
    """Row numbers for training, and for validation.

    ``known`` are the numbers to choose from, or the number of rows where all are. Of rows in time
    order neighbors are alike: where their ``sequence`` (n,) is given, whole sequences are held out,
    and of one of them, or of the only one, as many of the last rows as are wanting.
    """
    n_samples = len(known) if np.ndim(known) else known
    n_validation = max(1, round(fraction * n_samples))
    if n_validation >= n_samples:
        raise ValueError(
            f"early_stopping=True leaves no training row of n_samples={n_samples} with "
            f"validation_fraction={fraction}; use early_stopping=False."
        )
    if sequence is None:
        order = rng.permutation(known)
    else:
        known = np.arange(known) if np.ndim(known) == 0 else known
        rank = rng.permutation(sequence.max() + 1)
        order = known[np.lexsort((-known, rank[sequence[known]]))]
    return np.sort(order[n_validation:]), np.sort(order[:n_validation])


def append_targets(X, targets, center, scale):
    """X with columns of targets behind its own, and the center and scale of all columns."""
    if targets is None:
        return X, center, scale
    if issparse(X):
        # These are never standardized.
        return hstack([X, csr_matrix(targets)], format="csr", dtype=X.dtype), center, scale
    d, n_targets = X.shape[1], targets.shape[1]
    center = np.concatenate([np.broadcast_to(center, d), np.zeros(n_targets)])
    scale = np.concatenate([np.broadcast_to(scale, d), np.ones(n_targets)])
    if isinstance(X, RowBlocks):
        return X.beside(targets), center, scale
    return np.concatenate([X, targets], axis=1, dtype=X.dtype), center, scale
