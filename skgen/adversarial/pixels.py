"""Which values of given rows count, and which are free."""

import numpy as np


def counted(X, mask, name="X"):
    """Rows with zeros where values are free, and ones where they count, both (n, d).

    Free is what is NaN, and what the mask (d,) or (n, d) leaves out. A row of which nothing
    counts is refused.
    """
    counts = ~np.isnan(X)
    if mask is not None:
        counts &= _checked(mask, X.shape, name)
    empty = np.flatnonzero(~counts.any(axis=1))
    if len(empty):
        raise ValueError(
            f"{len(empty)} of the {len(X)} rows of {name} have no value that counts, first row "
            f"{empty[0]}: all are NaN or left out by the mask; give each row at least one."
        )
    return np.where(counts, X, 0.0).astype(X.dtype), counts.astype(X.dtype)


def as_table(rows):
    """Rows as they are, one row (d,) as a table of one."""
    return np.reshape(rows, (1, -1)) if np.ndim(rows) == 1 else rows


def one_or_each(constraints, X):
    """Constraints of each row of X, in its type; one row of them serves all."""
    if len(constraints) not in (1, len(X)):
        raise ValueError(
            f"constraints has {len(constraints)} rows, but X has {len(X)}; give one row for each, "
            "or one for all."
        )
    return np.broadcast_to(constraints, X.shape).astype(X.dtype)


def _checked(mask, shape, name):
    """The mask as booleans that fit the rows."""
    mask = np.asarray(mask)
    if mask.dtype != bool and not np.isin(mask, (0, 1)).all():
        raise ValueError("mask should hold booleans: True where a value counts.")
    if mask.shape not in (shape, shape[1:]):
        raise ValueError(
            f"mask has shape {mask.shape}, but {name} has {shape}; give a mask of this shape, "
            f"or of shape {shape[1:]} for all rows."
        )
    return mask.astype(bool)
