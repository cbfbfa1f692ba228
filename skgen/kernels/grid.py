"""Columns whose values lie on a grid: integers, prices in cents, rounded measurements."""

import numpy as np

MOST_CELLS = 1000  # of a grid without ties
MOST_DIVISIONS = 12  # of the smallest gap, of which all gaps may be multiples
OFF_GRID = 1e-3  # of a step by which a value may miss its place
PILED = 0.05  # fraction of the values at an end, at least, where the grid ends there
LEAST_PILE = 3
MOST_DECIMALS = 12
MOST_MULTIPLE = 20  # of a step, at which values may be heaped
LEAST_HEAPS = 8
HEAPED = 0.6  # fraction of the heaps, at least, that stand above what lies between them
MOST_SPREAD = 0.8  # share of the values that are not heaped
LEAST_GAIN = 10.0  # nats of all values together


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


def least_pile(n):
    """Of n values, how many equal ones are no accident."""
    return max(LEAST_PILE, PILED * n)


def closed_ends(values):
    """Whether the least of values (n,) is the end of the grid, and whether the greatest is.

    An end is one where values pile up: no fewer than at the next value. Nothing negative comes
    below a least value of zero.
    """
    distinct, counts = np.unique(values, return_counts=True)
    piled = counts[[0, -1]] >= least_pile(len(values))
    if len(distinct) > 1:
        piled &= counts[[0, -1]] >= counts[[1, -2]]
    return bool(piled[0] or distinct[0] == 0), bool(piled[1])


def heaps_of(places):
    """Where integers (n,) are heaped, as people round: multiple, first place, share of the rest.

    The share is that of values that would be spread over all places; the others lie on the
    multiple alone. None where no multiple stands out.
    """
    places = np.asarray(places, dtype=np.int64)
    distinct, counts = np.unique(places, return_counts=True)
    best, most = None, LEAST_GAIN
    for multiple in range(2, MOST_MULTIPLE + 1):
        start = np.bincount(places % multiple, minlength=multiple).argmax()
        number = (distinct - start + multiple // 2) // multiple
        window = number - number.min()
        on = distinct == start + multiple * number
        heaps = np.bincount(window, counts * on)
        between = np.bincount(window, counts * ~on) / (multiple - 1)
        used = heaps + between > 0
        if used.sum() < LEAST_HEAPS or (heaps > between)[used].mean() < HEAPED:
            continue
        # The fullest heap may be a pile of another kind, such as zeros.
        n_on, n_off = heaps.sum() - heaps.max(), between.sum() * (multiple - 1)
        spread = min(1.0, (n_off + 0.5) / (n_on + n_off + 1) * multiple / (multiple - 1))
        gain = n_on * np.log(multiple * (1 - spread) + spread) + n_off * np.log(spread)
        if gain > most and spread < MOST_SPREAD:
            best, most = (multiple, int(start), float(spread)), gain
    return best


def decimals_of(values, digits):
    """Decimals with which all values (n,) are written, or None where they have too many."""
    largest = np.abs(values).max()
    for decimals in range(MOST_DECIMALS + 1):
        if (np.abs(np.round(values, decimals) - values) <= 2 * digits * largest).all():
            return decimals
    return None
