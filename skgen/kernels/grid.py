"""Columns whose values lie on a grid: integers, prices in cents, rounded measurements."""

import numpy as np

MOST_CELLS = 1000  # of a grid without ties
MOST_DIVISIONS = 12  # of the smallest gap, of which all gaps may be multiples
OFF_GRID = 1e-3  # of a step by which a value may miss its place
PILED = 0.01  # fraction of the values at an end beyond which it is the end of the grid, too
LEAST_PILE = 3


def grid_of(values, digits):
    """Origin and step of the grid of finite values (n,), or None where they lie on none.

    ``digits`` is the relative rounding of the values. A grid has few cells for its span, or
    several values in most of the cells that are used.
    """
    distinct, counts = np.unique(values, return_counts=True)
    low, high = distinct[0], distinct[-1]
    if len(distinct) == 1:
        return low, 1.0 if low == np.rint(low) else abs(low)
    span = high - low
    largest = max(abs(low), abs(high))
    if not np.isfinite(span) or span <= 8 * digits * largest:
        return None
    gaps = np.diff(distinct)
    has_ties = counts[counts > 1].sum() > len(values) / 2
    for n_divisions in range(1, MOST_DIVISIONS + 1):
        step = gaps.min() / n_divisions
        n_cells = span / step
        if n_cells > MOST_CELLS and not has_ties:
            return None
        if 2 * digits * largest > OFF_GRID * step:
            return None
        # Errors of the step add up over a long span, so it is measured again over the whole.
        step = span / np.rint(n_cells)
        if is_on_grid(distinct, low, step, digits).all():
            # Two gaps are multiples of some step by chance; ties are not.
            return (low, step) if has_ties or len(distinct) > 8 else None
    return None


def is_on_grid(values, origin, step, digits):
    """Whether each value lies on the grid, up to its rounding; NaN does not."""
    place = (values - origin) / step
    rounding = 4 * digits * np.maximum(np.abs(values), abs(origin)) / step
    return np.abs(place - np.rint(place)) <= OFF_GRID + rounding


def closed_ends(values):
    """Whether values (n,) pile up at their least and at their greatest."""
    least_pile = max(LEAST_PILE, PILED * len(values))
    return tuple(int(np.sum(values == end)) >= least_pile for end in (values.min(), values.max()))
